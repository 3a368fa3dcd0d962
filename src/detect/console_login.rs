use super::{Detection, Finding, Severity};
use crate::classify::Classified;
use crate::event::Outcome;
use crate::iam::PrincipalKind;

/// An IAM user in the console without MFA. Federated sign-ins always say that no MFA was used, because
/// the identity provider asked for it; they are left out.
pub(super) struct LoginWithoutMfa;

impl Detection for LoginWithoutMfa {
    fn inspect(&self, call: &Classified<'_, '_>) -> Option<Finding> {
        let event = call.event;
        let signed_in = event.name == "ConsoleLogin" && event.outcome == Outcome::Succeeded;
        let without = event.additional?.get("MFAUsed")?.as_str() == Some("No");
        (signed_in && without && event.principal.kind == PrincipalKind::User).then(|| Finding {
            detection: "console-login-without-mfa".into(),
            title: "IAM user signed in to the console without MFA".into(),
            severity: Severity::High,
            attack: vec!["T1078.004".into()],
            reasons: Vec::new(),
        })
    }
}
