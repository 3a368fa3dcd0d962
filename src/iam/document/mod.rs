//! Policy documents as others wrote them, as they stand inside requests: identity, resource, trust and
//! key policies. Text in, the whole language out as types, and what can be asked of it: what it allows
//! ([`Document::allows`]) and to whom it opens what it is attached to ([`Document::opens_to`]).
//!
//! What we write ourselves is [`super::PolicyDocument`]. Source of the language: IAM user guide, "IAM JSON
//! policy element reference" and "Grammar of the IAM JSON policy language".

mod condition;
mod grants;
mod narrowing;
mod openings;
mod providers;
mod read;

pub use condition::{Comparison, Condition, Qualifier};
pub use grants::Grant;
pub use narrowing::is_open_to_the_internet;
pub use openings::{Opening, Whose, whose};
pub use read::DocumentError;
pub(super) use read::decoded;

use super::Effect;

/// A policy document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// `Version`; without it policy variables are literal text.
    pub version: Option<String>,
    /// `Id`, which some services require and none looks at.
    pub id: Option<String>,
    /// In the order of the text.
    pub statements: Vec<Statement>,
    /// What was not understood and left out, beside what stands in the statements: elements, and whole
    /// statements by their number.
    pub unread: Vec<String>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Which it is in the document, from 1, those counted that were left out.
    pub number: usize,
    /// `Sid`.
    pub sid: Option<String>,
    /// Allow or Deny.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`; absent in identity policies.
    pub principal: Option<Listed<PrincipalElement>>,
    /// `Action` or `NotAction`, as written.
    pub action: Option<Listed<String>>,
    /// `Resource` or `NotResource`; absent in trust policies.
    pub resource: Option<Listed<String>>,
    /// All of them have to hold.
    pub conditions: Vec<Condition>,
    /// Elements of it that were not understood, or not wholly.
    pub unread: Vec<String>,
}

/// What an element lists: `Action` and its like, or `NotAction` and its like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listed<T> {
    /// These.
    Only(Vec<T>),
    /// All but these.
    AllBut(Vec<T>),
}

/// One entry of `Principal` or `NotPrincipal`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PrincipalElement {
    /// Under which key it stands.
    pub kind: PrincipalKey,
    /// As written.
    pub value: String,
}

/// The keys of `Principal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrincipalKey {
    /// None: the bare text `*`, which also includes unsigned requests.
    Bare,
    /// `AWS`: accounts, users, roles, sessions.
    Aws,
    /// `Service`.
    Service,
    /// `Federated`: an identity provider.
    Federated,
    /// `CanonicalUser`: S3's id of an account.
    CanonicalUser,
}

impl Document {
    /// Whether something in it or in a statement was not understood and left out.
    pub fn is_partly_read(&self) -> bool {
        !self.unread.is_empty() || self.statements.iter().any(|statement| !statement.unread.is_empty())
    }
}

impl<T> Listed<T> {
    /// The entries, whether they are meant or excepted.
    pub fn entries(&self) -> &[T] {
        match self {
            Self::Only(entries) | Self::AllBut(entries) => entries,
        }
    }

    /// Whether something is meant, given what says that an entry fits it.
    pub fn includes(&self, fits: impl FnMut(&T) -> bool) -> bool {
        match self {
            Self::Only(entries) => entries.iter().any(fits),
            Self::AllBut(entries) => !entries.iter().any(fits),
        }
    }
}
