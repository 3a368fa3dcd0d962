//! Recommendations, tried out on the history they are drawn from.

use hashbrown::HashMap;

use super::Recommendation;
use crate::iam::evaluate::{Policies, Policy};
use crate::iam::{Document, DocumentError};
use crate::replay::Trial;

/// Every recommendation for its principal. What is asked is the text that is written, as AWS would read it.
pub fn trial(recommendations: &[Recommendation<'_>]) -> Result<Trial, DocumentError> {
    let mut each: HashMap<String, Policies> = HashMap::new();
    for recommendation in recommendations {
        // A role whose path some records do not show is two principals with one name.
        let policies = each.entry(recommendation.principal.name.clone()).or_default();
        for policy in recommendation.policies() {
            let text = serde_json::to_string(&policy.document).unwrap_or_default();
            policies.identity.push(Policy::new(policy.name.clone(), &Document::parse(&text)?));
        }
    }
    Ok(Trial::Each(each))
}
