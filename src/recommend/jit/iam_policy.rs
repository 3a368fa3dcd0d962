use super::{Elevation, Target};
use crate::iam::PolicyDocument;
use crate::recommend::statements;

/// An identity policy that holds between two moments. It is checked at every request, so that it ends in
/// the middle of a session too; it should be detached all the same.
pub(super) struct IamPolicy;

impl Target for IamPolicy {
    fn name(&self) -> &'static str {
        "iam-policy"
    }

    fn about(&self) -> &'static str {
        "an identity policy bounded by aws:CurrentTime"
    }

    fn body(&self, grant: &Elevation<'_>) -> serde_json::Value {
        let document = PolicyDocument::new(statements(&grant.permissions, |_| grant.conditions.clone()));
        serde_json::to_value(&document).unwrap_or_default()
    }
}
