use super::{Detection, Finding, Severity, kind};
use crate::event::{Event, Operation, Outcome};
use crate::iam::PrincipalKind;
use crate::intern::Interned;

/// An IAM user in the console without MFA. Federated sign-ins always say that no MFA was used, because
/// the identity provider asked for it; they are left out.
pub(super) struct LoginWithoutMfa;

impl Detection for LoginWithoutMfa {
    fn watches(&self, operation: &Operation) -> bool {
        &*operation.name == "ConsoleLogin"
    }

    fn inspect(&self, event: &Event<'_>) -> Option<Finding> {
        let signed_in = event.outcome == Outcome::Succeeded;
        let without = event.additional?.get("MFAUsed")?.is("No");
        (signed_in && without && event.identity.principal.kind == PrincipalKind::User).then(|| Finding {
            severity: Severity::High,
            kind: Interned::new(kind(
                "console-login-without-mfa",
                "IAM user signed in to the console without MFA",
                &["T1078.004"],
            )),
            reasons: Vec::new(),
            condition_unknown: false,
        })
    }
}
