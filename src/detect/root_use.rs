use super::{Detection, Finding, Severity, kind};
use crate::event::{Event, EventKind, Operation};
use crate::iam::PrincipalKind;
use crate::intern::Interned;

/// Anything done as the root user. Sessions that `sts:AssumeRoot` gave are limited to one task and
/// tell less.
pub(super) struct RootUse;

impl Detection for RootUse {
    fn watches(&self, operation: &Operation) -> bool {
        operation.kind != EventKind::ServiceEvent
    }

    fn inspect(&self, event: &Event<'_>) -> Option<Finding> {
        let identity = event.identity;
        if identity.principal.kind != PrincipalKind::Root || identity.invoked_by.is_some() {
            return None;
        }
        let with_mfa = || event.additional.and_then(|a| a.get("MFAUsed")).is_some_and(|mfa| mfa.is("Yes"));
        let (title, severity, reasons) = match (identity.assumed_root, event.name()) {
            (true, _) => ("Root session used for a task", Severity::High, vec!["given by sts:AssumeRoot".into()]),
            (false, "ConsoleLogin") if with_mfa() => {
                ("Root user signed in to the console", Severity::High, vec!["MFA was used".into()])
            }
            (false, "ConsoleLogin") => {
                ("Root user signed in to the console", Severity::Critical, vec!["no MFA in the record".into()])
            }
            (false, _) => ("Root user made a call", Severity::Critical, Vec::new()),
        };
        Some(Finding {
            severity,
            kind: Interned::new(kind("root-use", title, &["T1078.004"])),
            reasons,
            condition_unknown: false,
        })
    }
}
