//! From what was done to what should be allowed: gaps with who can close them, a least-privilege policy
//! per principal, just-in-time templates for what should not be standing. Reads a [`History`] only; the
//! clock is an argument.
//!
//! [`History`]: crate::aggregate::History

mod conditions;
pub mod difference;
mod gap;
pub mod jit;
mod need;
mod policy;
mod principals;
mod successes;
mod thresholds;
mod verdict;

pub use conditions::{Reviewed, review};
pub use gap::{Confidence, Gap, gaps};
pub use need::Need;
pub use policy::{NamedPolicy, Permission, Rationale, Recommendation, Unmapped, recommendations, statements};
pub use principals::{PrincipalSummary, principals, unmapped};
pub use thresholds::Thresholds;
pub use verdict::{FixableBy, Verdict};
