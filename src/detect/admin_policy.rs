use super::{Detection, Finding, Kind, Severity, kind};
use crate::event::{Event, Operation};
use crate::iam::Arn;
use crate::intern::Interned;

/// An AWS managed policy attached that gives everything, or everything about permissions; and the
/// opposite, one that only reads, so that it does not count as much as the call's name.
pub(super) struct AdminPolicy;

const EVERYTHING: &[&str] = &["AdministratorAccess", "IAMFullAccess", "PowerUserAccess"];
const ONLY_READS: &[&str] = &["ReadOnlyAccess", "ViewOnlyAccess", "SecurityAudit"];

impl Detection for AdminPolicy {
    fn watches(&self, operation: &Operation) -> bool {
        let attaches = matches!(&*operation.name, "AttachUserPolicy" | "AttachGroupPolicy" | "AttachRolePolicy");
        attaches && operation.source.starts_with("iam.")
    }

    fn inspect(&self, event: &Event<'_>) -> Option<Finding> {
        let arn = event.parameters?.get_ignoring_case("policyArn")?.as_str()?;
        let policy = Arn::parse(&arn).ok()?;
        let name = policy.last_segment();
        let (detection, title, severity) = match policy.account {
            "aws" if EVERYTHING.contains(&name) => {
                ("attach-admin-policy", "Administrator policy attached", Severity::Critical)
            }
            "aws" if ONLY_READS.contains(&name) => {
                ("attach-read-only-policy", "Read-only policy attached", Severity::Low)
            }
            _ => return None,
        };
        let kind = Kind {
            class: Some("permissions-management".to_owned()),
            why: "Whoever holds the identity can do what the policy allows, from this call on.".to_owned(),
            next: vec![
                "Look for calls of the identity after this time.".to_owned(),
                "Detach the policy unless somebody asked for it.".to_owned(),
            ],
            false_positives: vec!["Setting up an account or an administrator".to_owned()],
            references: vec!["https://attack.mitre.org/techniques/T1098/003/".to_owned()],
            ..kind(detection, title, &["T1098.003"])
        };
        Some(Finding {
            severity,
            kind: Interned::new(kind),
            reasons: vec![format!("policy {name}").into()],
            condition_unknown: false,
        })
    }
}
