//! AWS's own words for identities and permissions, as types: ARNs, actions, access levels, principals,
//! policy documents and what they decide, quotas. Imports nothing else of this crate and knows nothing of logs.

mod access_level;
mod action;
mod arn;
pub mod document;
pub mod evaluate;
mod global;
pub mod granted;
mod partition;
mod pattern;
mod policy;
mod policy_type;
mod principal;
mod quota;

pub use access_level::AccessLevel;
pub use action::{Action, ActionError};
pub use arn::{Arn, ArnError};
pub use document::{Document, DocumentError, Grant, Opening, Whose};
pub use global::is_global_service;
pub use granted::Granted;
pub use partition::{SERVICE_HOST_SUFFIXES, is_account_id, is_region, partition_of_region, service_label};
pub use pattern::{
    before_wildcard, covers, escape, has_wildcard, is_writable, matches, matches_ignoring_case, may_overlap,
};
pub use policy::{Conditions, Effect, PolicyDocument, Statement};
pub use policy_type::{DenyKind, PolicyType};
pub use principal::{Principal, PrincipalKind};
pub use quota::Target;
