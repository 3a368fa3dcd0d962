use serde::Serialize;

/// An action of one principal, and whether it should be standing or asked for. A principal of which nothing is judged has
/// one row without an action.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ElevationRow {
    pub principal: String,
    /// What people know it by.
    pub name: String,
    pub kind: &'static str,
    pub account: Option<String>,
    /// Who or what uses the principal: `people`, `workload`, `both` or `unknown`.
    pub used_by: &'static str,
    /// Days and weeks in which the principal made any call.
    pub active_days: usize,
    pub active_weeks: usize,
    /// `null` where nobody documents what the call needs.
    pub action: Option<String>,
    /// The call, where there is no action.
    pub event_source: Option<String>,
    pub event_name: Option<String>,
    /// `used` or `denied`.
    pub outcome: &'static str,
    /// `standing`, `eligible` or `neither`.
    pub class: &'static str,
    /// How often, then what decided.
    pub reasons: Vec<String>,
    /// Why the action counts as privileged.
    pub privileged: Vec<&'static str>,
    /// Who or what made these calls.
    pub made_by: &'static str,
    pub count: u64,
    pub days: usize,
    pub weeks: usize,
    pub last: Option<String>,
    /// Different ones that the log names.
    pub resources: usize,
    /// The gaps behind it, as `denied` calls them in its column `gap`.
    pub gaps: Vec<String>,
}
