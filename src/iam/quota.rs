//! AWS's size limits for policies. Source: the IAM user guide's page "IAM and AWS STS quotas", as of 2026.

/// Characters of a customer managed policy, white space not counted.
pub const MANAGED_POLICY: usize = 6_144;
