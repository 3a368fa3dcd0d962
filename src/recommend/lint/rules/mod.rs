//! The rules, a file per group. What AWS would not take or what can never work rejects, and so does what reviewers do not
//! let pass; the rest is worth a look.

pub(super) mod actions;
pub(super) mod approval;
pub(super) mod conditions;
pub(super) mod durations;
pub(super) mod pass_role;
pub(super) mod resources;
pub(super) mod revoke;
pub(super) mod shape;
pub(super) mod window;
