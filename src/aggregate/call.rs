use super::SHARD_BITS;
use crate::classify::Needs;
use crate::detect::Finding;
use crate::event::{Denial, DenialCause, Failure, Operation, Outcome, Shape};
use crate::iam::{DenyKind, PolicyType, Principal};
use crate::intern::{Interned, hash_of};
use crate::replay::Replayed;
use crate::watch::Stand;

/// What distinguishes one kind of call from another, as far as anything is ever said about it. Events
/// with the same call are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// Who.
    pub principal: Interned<Principal>,
    /// What, where, in whose copy.
    pub operation: Interned<Operation>,
    /// How it ended.
    pub outcome: Interned<CallOutcome>,
    /// The service that made the call for the principal.
    pub invoked_by: Option<Interned<String>>,
    /// The permissions it needs.
    pub needs: Interned<Needs>,
    /// What there is to tell of it.
    pub findings: Interned<Vec<Finding>>,
    /// What the policies that are tried out say of it.
    pub replayed: Option<Interned<Replayed>>,
    /// Where it stands beside the grants of a ledger.
    pub stand: Option<Interned<Stand>>,
}

/// A call that is looked for, and kept only when it is new.
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "described at Call")]
pub struct CallRef<'a> {
    pub kind: KindRef<'a>,
    pub needs: &'a Interned<Needs>,
    pub findings: &'a Interned<Vec<Finding>>,
    pub replayed: Option<&'a Interned<Replayed>>,
}

/// What calls have in common that may differ in their resources.
#[derive(Clone, Copy)]
pub struct KindRef<'a> {
    principal: &'a Interned<Principal>,
    operation: &'a Interned<Operation>,
    outcome: &'a Interned<CallOutcome>,
    invoked_by: Option<&'a Interned<String>>,
    stand: Option<&'a Interned<Stand>>,
    /// Worked out once, asked for many times.
    hash: u64,
}

/// How a call ended, without what differs from event to event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallOutcome {
    /// Allowed and done.
    Succeeded,
    /// Allowed, and not done because only that was asked.
    DryRun,
    /// Not allowed.
    Denied(Refusal),
    /// Failed otherwise.
    Failed(Failure),
}

/// What AWS said when it refused a call, without what differs from event to event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Refusal {
    /// Whose permission was missing.
    pub cause: DenialCause,
    /// Implicit or explicit.
    pub kind: DenyKind,
    /// The policy layer.
    pub policy_type: PolicyType,
    /// The policy.
    pub policy_arn: Option<Box<str>>,
    /// The shape of the message.
    pub shape: Shape,
    /// Whether the message has a part that only AWS can decode.
    pub is_encoded: bool,
    /// Whether the message names the action.
    pub names_action: bool,
    /// A message of no known shape, verbatim.
    pub unread: Option<Box<str>>,
}

impl Refusal {
    fn of(denial: &Denial<'_>) -> Self {
        let unread = denial.text.as_deref().filter(|_| denial.shape == Shape::Unread);
        Self {
            cause: denial.cause,
            kind: denial.kind,
            policy_type: denial.policy_type,
            policy_arn: denial.policy_arn.clone(),
            shape: denial.shape,
            is_encoded: denial.is_encoded,
            names_action: denial.action.is_some(),
            unread: unread.map(Box::from),
        }
    }
}

impl CallOutcome {
    /// Of one event.
    pub fn of(outcome: &Outcome<'_>) -> Self {
        match outcome {
            Outcome::Succeeded => Self::Succeeded,
            Outcome::DryRun => Self::DryRun,
            Outcome::Failed(failure) => Self::Failed(*failure),
            Outcome::Denied(denial) => Self::Denied(Refusal::of(denial)),
        }
    }

    /// Whether the caller was allowed, whether or not anything was done.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Succeeded | Self::DryRun)
    }

    /// The word used in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::DryRun => "dry-run",
            Self::Denied(_) => "denied",
            Self::Failed(_) => "failed",
        }
    }
}

impl Call {
    /// Whether it was denied.
    pub fn is_denied(&self) -> bool {
        matches!(*self.outcome, CallOutcome::Denied(_))
    }

    pub(super) fn as_ref(&self) -> CallRef<'_> {
        let kind = KindRef::of(&self.principal, &self.operation, &self.outcome, self.invoked_by.as_ref());
        let kind = kind.standing(self.stand.as_ref());
        CallRef { kind, needs: &self.needs, findings: &self.findings, replayed: self.replayed.as_ref() }
    }
}

impl CallRef<'_> {
    pub(super) fn keep(self) -> Call {
        Call {
            principal: self.kind.principal.clone(),
            operation: self.kind.operation.clone(),
            outcome: self.kind.outcome.clone(),
            invoked_by: self.kind.invoked_by.cloned(),
            needs: self.needs.clone(),
            findings: self.findings.clone(),
            replayed: self.replayed.cloned(),
            stand: self.kind.stand.cloned(),
        }
    }

    pub(super) fn is(&self, other: &Call) -> bool {
        self.kind.is(other)
            && *self.needs == other.needs
            && *self.findings == other.findings
            && self.replayed == other.replayed.as_ref()
    }

    #[inline]
    pub(super) fn hashes(&self) -> Hashes {
        let replayed = self.replayed.map_or(0, Interned::hash_value);
        let call = hash_of((self.kind.hash, self.needs.hash_value(), self.findings.hash_value(), replayed));
        Hashes { kind: self.kind.hash, call }
    }
}

/// The hashes of a call and of its kind, the same on every thread.
#[derive(Clone, Copy)]
pub(super) struct Hashes {
    pub(super) kind: u64,
    pub(super) call: u64,
}

impl<'a> KindRef<'a> {
    /// The kind of calls by a principal, of an operation, with an outcome, made by a service or not.
    pub fn of(
        principal: &'a Interned<Principal>,
        operation: &'a Interned<Operation>,
        outcome: &'a Interned<CallOutcome>,
        invoked_by: Option<&'a Interned<String>>,
    ) -> Self {
        let service = invoked_by.map_or(0, Interned::hash_value);
        let hash = hash_of((principal.hash_value(), operation.hash_value(), outcome.hash_value(), service));
        Self { principal, operation, outcome, invoked_by, stand: None, hash }
    }

    /// The same, of calls that stand so beside the grants of a ledger.
    #[must_use]
    pub fn standing(self, stand: Option<&'a Interned<Stand>>) -> Self {
        match stand {
            Some(stand) => Self { stand: Some(stand), hash: hash_of((self.hash, stand.hash_value())), ..self },
            None => self,
        }
    }

    pub(super) fn is(&self, other: &Call) -> bool {
        *self.principal == other.principal
            && *self.operation == other.operation
            && *self.outcome == other.outcome
            && self.invoked_by == other.invoked_by.as_ref()
            && self.stand == other.stand.as_ref()
    }

    /// The shard that such calls belong to: all calls of a principal to one.
    #[inline]
    pub(super) fn shard(&self) -> usize {
        (self.principal.hash_value() >> (u64::BITS - SHARD_BITS)) as usize
    }

    pub(super) fn hash(&self) -> u64 {
        self.hash
    }
}
