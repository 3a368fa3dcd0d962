use std::borrow::Cow;

use crate::classify::{Classified, Needs};
use crate::detect::Finding;
use crate::event::{DenialCause, Outcome};
use crate::iam::{DenyKind, PolicyType, Principal};

/// What distinguishes one kind of call from another, as far as anything is ever said about it. Events
/// with the same call are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Call<'a> {
    /// Who.
    pub principal: Cow<'a, Principal>,
    /// `eventSource`.
    pub source: Cow<'a, str>,
    /// `eventName`.
    pub name: Cow<'a, str>,
    /// How it ended.
    pub outcome: CallOutcome<'a>,
    /// Region, empty where the record has none.
    pub region: Cow<'a, str>,
    /// The account whose copy of the event it is.
    pub account: Option<Cow<'a, str>>,
    /// The service that made the call for the principal.
    pub invoked_by: Option<Cow<'a, str>>,
    /// Whether it is a data event.
    pub is_data_event: bool,
    /// The permissions it needs.
    pub needs: Needs,
    /// What there is to tell of it.
    pub findings: Vec<Finding>,
}

/// How a call ended, without what differs from event to event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallOutcome<'a> {
    /// Allowed.
    Succeeded,
    /// Not allowed.
    Denied {
        /// Whose permission was missing.
        cause: DenialCause,
        /// Implicit or explicit.
        kind: DenyKind,
        /// The policy layer.
        policy_type: PolicyType,
        /// The policy.
        policy_arn: Option<Cow<'a, str>>,
    },
    /// Failed otherwise.
    Failed,
}

impl<'a> Call<'a> {
    /// The call an event belongs to.
    pub fn of(call: Classified<'a, 'a>, findings: Vec<Finding>) -> Self {
        let event = call.event;
        let outcome = match &event.outcome {
            Outcome::Succeeded => CallOutcome::Succeeded,
            Outcome::Failed => CallOutcome::Failed,
            Outcome::Denied(denial) => CallOutcome::Denied {
                cause: denial.cause,
                kind: denial.kind,
                policy_type: denial.policy_type,
                policy_arn: denial.policy_arn.map(Cow::Borrowed),
            },
        };
        Self {
            principal: Cow::Borrowed(&event.principal),
            source: event.source.into(),
            name: event.name.into(),
            outcome,
            region: event.region.into(),
            account: event.account.map(Cow::Borrowed),
            invoked_by: event.session.invoked_by.map(Cow::Borrowed),
            is_data_event: event.is_data_event,
            needs: call.needs,
            findings,
        }
    }

    /// Equality across lifetimes.
    pub(super) fn is(&self, other: &Call<'_>) -> bool {
        self == other
    }

    /// The same call, kept beyond the record.
    pub(super) fn into_owned(self) -> Call<'static> {
        let keep = |text: Cow<'_, str>| -> Cow<'static, str> { Cow::Owned(text.into_owned()) };
        Call {
            principal: Cow::Owned(self.principal.into_owned()),
            source: keep(self.source),
            name: keep(self.name),
            outcome: match self.outcome {
                CallOutcome::Succeeded => CallOutcome::Succeeded,
                CallOutcome::Failed => CallOutcome::Failed,
                CallOutcome::Denied { cause, kind, policy_type, policy_arn } => {
                    CallOutcome::Denied { cause, kind, policy_type, policy_arn: policy_arn.map(keep) }
                }
            },
            region: keep(self.region),
            account: self.account.map(keep),
            invoked_by: self.invoked_by.map(keep),
            is_data_event: self.is_data_event,
            needs: self.needs,
            findings: self.findings,
        }
    }

    /// Whether it was denied.
    pub fn is_denied(&self) -> bool {
        matches!(self.outcome, CallOutcome::Denied { .. })
    }
}
