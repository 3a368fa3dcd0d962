//! From what was done to what should be allowed: gaps with who can close them, a least-privilege policy
//! per principal, just-in-time templates for what should not be standing. Reads a [`History`] only; the
//! clock is an argument.
//!
//! [`History`]: crate::aggregate::History

pub mod cloud_formation;
mod conditions;
pub mod difference;
mod draft;
mod gap;
mod id;
pub mod jit;
pub mod lint;
mod need;
mod pack;
mod policy;
mod principals;
pub mod split;
mod successes;
mod synthesis;
pub mod terraform;
mod thresholds;
mod verdict;
mod verify;

pub use conditions::{Calls, ConditionKind, Reviewed, review};
pub use gap::{Confidence, Gap, gaps};
pub use id::digest;
pub use need::Need;
pub use pack::{NamedPolicy, Packed, Step, generalize, pack};
pub use policy::{Options, Permission, Rationale, Recommendation, Unmapped, recommendations};
pub use principals::{PrincipalSummary, principals, unmapped};
pub use synthesis::statements;
pub use thresholds::Thresholds;
pub use verdict::{FixableBy, Verdict};
pub use verify::trial;
