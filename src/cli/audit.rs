use std::path::PathBuf;

use clap::Args;

use super::Scan;

/// Arguments of `audit`.
#[derive(Debug, Args)]
#[expect(missing_docs, reason = "each group documents its own")]
pub struct Audit {
    #[command(flatten)]
    pub scan: Scan,
    /// A ledger of grants: ours in CSV or JSON Lines, or what AWS TEAM or Glide export; repeatable
    #[arg(long, value_name = "FILE", required = true, help_heading = "Grants")]
    pub grants: Vec<PathBuf>,
    /// Tell of this grant only; repeatable
    #[arg(long, value_name = "ID", help_heading = "Grants")]
    pub grant: Vec<String>,
    /// Principals whose every use has to be granted, beside those of the ledger: ARN or short name, with `*` and `?`;
    /// repeatable
    #[arg(long, value_name = "GLOB", help_heading = "Grants")]
    pub elevated: Vec<String>,
    /// Principals that also have permissions of their own, so that of what they do only the actions count that their
    /// grants name: ARN or short name, with `*` and `?`; repeatable. IAM users always are
    #[arg(long, value_name = "GLOB", help_heading = "Grants")]
    pub standing: Vec<String>,
    /// How far clocks may be apart, and how long AWS needs until a change holds everywhere
    #[arg(long, value_name = "TIME", default_value = "60s", help_heading = "Grants")]
    pub skew: String,
    /// How near to its window a use counts as before or after a grant, and not as one without
    #[arg(long, value_name = "TIME", default_value = "24h", help_heading = "Grants")]
    pub near: String,
    /// How late events come: what ended less than that before the end of the archive is provisional
    #[arg(long, value_name = "TIME", default_value = "15m", help_heading = "Grants")]
    pub delivery_delay: String,
    /// The whole of each finding and grant, with the records they rest on
    #[arg(long, help_heading = "Grants")]
    pub explain: bool,
}
