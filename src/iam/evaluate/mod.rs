//! What policies decide about a request: AWS's identity-policy language whole, in three values, because a
//! log does not tell all that a policy may ask for.
//!
//! A [`Policy`] is compiled once from a [`Document`](super::Document) and asked often. [`Policies`] are all
//! that apply to a principal, in layers; [`evaluate`] decides by AWS's order:
//!
//! 1. A statement that denies for certain wins, in whichever layer it is.
//! 2. Each layer has to allow; one where no statement can is a denial, whatever else is unknown.
//! 3. What only would be allowed if a key had some value, or if a denying statement did not apply, is
//!    unknown, with the keys that would tell.
//!
//! What was not understood never makes anything certain. Resource policies are not looked at: who may do
//! something by these alone is not told here.
//!
//! Crates were weighed by their code: `iam-rs` 0.8 says allow, deny or not applicable and has no word for what is
//! not known; `aws-iam` 0.2 leaves out `IpAddress`, `ArnLike` and `Null`; `cedar-policy` has a language of its own.
//!
//! Sources: IAM user guide, "Policy evaluation logic", "IAM JSON policy element reference", "Condition
//! operators", "Multivalued context keys", "IAM policy elements: Variables and tags".

mod asked;
mod compile;
mod condition;
mod operators;
mod request;
mod template;
mod truth;

use std::iter;

use asked::Asked;
pub use compile::Policy;
use compile::Statement;
pub use request::{Context, Known, Request};
use truth::Truth;

/// Everything that applies to one principal.
#[derive(Debug, Default)]
pub struct Policies {
    /// Of the user and its groups, or of the role.
    pub identity: Vec<Policy>,
    /// The permissions boundary; `None` where there is none.
    pub boundary: Option<Vec<Policy>>,
    /// Those given with the session; `None` where none were.
    pub session: Option<Vec<Policy>>,
    /// Service control policies, by level from the root down to the account. Each level has to allow;
    /// without levels none apply.
    pub scps: Vec<Vec<Policy>>,
}

/// What policies decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<'p> {
    /// Every layer allows.
    Allowed {
        /// The first statement of the identity policies that does.
        by: Deciding<'p>,
    },
    /// A statement denies.
    ExplicitlyDenied {
        /// The first that does.
        by: Deciding<'p>,
    },
    /// No statement of this layer allows.
    ImplicitlyDenied {
        /// The first of such layers, in AWS's order.
        layer: Layer,
    },
    /// It depends on what is not known.
    Unknown {
        /// The keys that would tell, lower case and sorted; [`RESOURCE`] where several resources were asked
        /// for and not all of them are meant. Empty where a statement was not understood
        /// ([`Policy::problems`]).
        missing: Vec<&'p str>,
        /// The first statement on which it depends: one that may deny, or else one that may allow.
        by: Deciding<'p>,
    },
}

/// What is missing where only some of the resources asked for are meant.
pub const RESOURCE: &str = "resource";

/// A statement that decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deciding<'p> {
    /// The layer it belongs to.
    pub layer: Layer,
    /// The name of its policy.
    pub policy: &'p str,
    /// Its `Sid`.
    pub sid: Option<&'p str>,
    /// Which of its policy's statements it is, from 1.
    pub statement: usize,
}

/// A kind of policy that has to allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Policies of the user, its groups or the role.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// Policies given with the session.
    Session,
    /// Service control policies of this level, from 1 at the root.
    Scp(usize),
}

impl Layer {
    /// What AWS calls it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::Scp(_) => "service control policy",
        }
    }
}

impl Policies {
    /// In the order in which AWS looks at them.
    fn layers(&self) -> impl Iterator<Item = (Layer, &[Policy])> {
        let scps = (1..).zip(&self.scps).map(|(level, policies)| (Layer::Scp(level), policies.as_slice()));
        let identity = iter::once((Layer::Identity, self.identity.as_slice()));
        let boundary = self.boundary.iter().map(|policies| (Layer::Boundary, policies.as_slice()));
        let session = self.session.iter().map(|policies| (Layer::Session, policies.as_slice()));
        scps.chain(identity).chain(boundary).chain(session)
    }
}

/// Decides whether a request is allowed.
pub fn evaluate<'p>(policies: &'p Policies, request: &Request<'_>) -> Decision<'p> {
    let asked = Asked::new(request);
    let mut in_doubt = None;
    for (layer, of_layer) in policies.layers() {
        for policy in of_layer {
            for statement in policy.denying(request.action) {
                match statement.applies(&asked) {
                    Truth::Yes => return Decision::ExplicitlyDenied { by: deciding(layer, policy, statement) },
                    Truth::Maybe => _ = in_doubt.get_or_insert(deciding(layer, policy, statement)),
                    Truth::No => {}
                }
            }
        }
    }
    let mut allowed = None;
    for (layer, of_layer) in policies.layers() {
        match allows(layer, of_layer, &asked) {
            (Truth::Yes, by) if layer == Layer::Identity => allowed = by,
            (Truth::Yes, _) => {}
            (Truth::Maybe, by) => in_doubt = in_doubt.or(by),
            (Truth::No, _) => return Decision::ImplicitlyDenied { layer },
        }
    }
    match (in_doubt, allowed) {
        (Some(by), _) => Decision::Unknown { missing: missing(policies, &asked), by },
        (None, Some(by)) => Decision::Allowed { by },
        (None, None) => Decision::ImplicitlyDenied { layer: Layer::Identity },
    }
}

/// Whether a layer allows, and the first statement by which it does or may.
fn allows<'p>(layer: Layer, policies: &'p [Policy], asked: &Asked<'_>) -> (Truth, Option<Deciding<'p>>) {
    let mut maybe = None;
    for policy in policies {
        for statement in policy.allowing(asked.action()) {
            match statement.applies(asked) {
                Truth::Yes => return (Truth::Yes, Some(deciding(layer, policy, statement))),
                Truth::Maybe => _ = maybe.get_or_insert(deciding(layer, policy, statement)),
                Truth::No => {}
            }
        }
    }
    (if maybe.is_some() { Truth::Maybe } else { Truth::No }, maybe)
}

fn deciding<'p>(layer: Layer, policy: &'p Policy, statement: &'p Statement) -> Deciding<'p> {
    Deciding { layer, policy: policy.name(), sid: statement.sid(), statement: statement.number() }
}

/// The keys on which an answer depends: of statements that may deny, and of those that may allow where
/// their layer does not for certain.
fn missing<'p>(policies: &'p Policies, asked: &Asked<'_>) -> Vec<&'p str> {
    let mut found = Vec::new();
    for (layer, of_layer) in policies.layers() {
        let is_open = allows(layer, of_layer, asked).0 == Truth::Maybe;
        for policy in of_layer {
            let allowing = policy.allowing(asked.action()).filter(|_| is_open);
            for statement in policy.denying(asked.action()).chain(allowing) {
                if statement.applies(asked) == Truth::Maybe {
                    statement.missing(asked, &mut found);
                }
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}
