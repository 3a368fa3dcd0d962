use super::{Detection, Finding, Severity};
use crate::classify::Classified;
use crate::event::EventKind;
use crate::iam::PrincipalKind;

/// Anything done as the root user. Sessions that `sts:AssumeRoot` gave are limited to one task and
/// tell less.
pub(super) struct RootUse;

impl Detection for RootUse {
    fn inspect(&self, call: &Classified<'_, '_>) -> Option<Finding> {
        let event = call.event;
        let by_itself = event.session.invoked_by.is_none() && event.kind != EventKind::ServiceEvent;
        if event.principal.kind != PrincipalKind::Root || !by_itself {
            return None;
        }
        let mfa = || event.additional?.get("MFAUsed")?.as_str();
        let (title, severity, reasons) = match (event.session.assumed_root, event.name) {
            (true, _) => ("Root session used for a task", Severity::High, vec!["given by sts:AssumeRoot".into()]),
            (false, "ConsoleLogin") if mfa() == Some("Yes") => {
                ("Root user signed in to the console", Severity::High, vec!["MFA was used".into()])
            }
            (false, "ConsoleLogin") => {
                ("Root user signed in to the console", Severity::Critical, vec!["no MFA in the record".into()])
            }
            (false, _) => ("Root user made a call", Severity::Critical, Vec::new()),
        };
        Some(Finding {
            detection: "root-use".into(),
            title: title.into(),
            severity,
            attack: vec!["T1078.004".into()],
            reasons,
        })
    }
}
