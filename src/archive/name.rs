//! The keys under which CloudTrail delivers files to S3:
//! `[prefix/]AWSLogs/[o-id/]<account>/<kind>/<region>/<yyyy>/<mm>/<dd>/<account>_<kind>_<region>_<time>_<id>.json.gz`.
//! Control Tower puts the organisation id before `AWSLogs` too, which is a prefix like any other.
//! Source: the CloudTrail user guide, "CloudTrail log file examples" and "Getting and viewing log files".

use jiff::civil::Date;

use super::Wanted;
use crate::iam::{is_account_id, is_region};

/// What kind of file a key names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogKind {
    /// Management and data events.
    Events,
    /// Calls through VPC endpoints.
    NetworkActivity,
    /// Insights: anomalies, not calls.
    Insight,
    /// Five-minute summaries, not calls.
    Aggregated,
    /// Digests, by which log files can be verified.
    Digest,
}

/// A delivered key, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered<'a> {
    /// Account the events belong to.
    pub account: &'a str,
    /// What is in the file.
    pub kind: LogKind,
    /// Region the events belong to.
    pub region: &'a str,
    /// Day of delivery, in UTC. Events inside are usually, not always, of that day.
    pub day: Date,
}

impl LogKind {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "CloudTrail" => Self::Events,
            "CloudTrail-NetworkActivity" => Self::NetworkActivity,
            "CloudTrail-Insight" => Self::Insight,
            "CloudTrail-Aggregated" => Self::Aggregated,
            "CloudTrail-Digest" => Self::Digest,
            _ => return None,
        })
    }

    /// Why files of this kind are not read; `None` for those that are.
    pub fn why_excluded(self) -> Option<&'static str> {
        match self {
            Self::Events | Self::NetworkActivity => None,
            Self::Insight => Some("Insights file: anomalies, not calls"),
            Self::Aggregated => Some("aggregated events: summaries without single calls"),
            Self::Digest => Some("digest file: no events inside"),
        }
    }
}

impl<'a> Delivered<'a> {
    /// Takes a path apart, from the right; by its folders, or, for files that were copied flat, by the
    /// file name alone.
    pub fn parse(path: &'a str) -> Option<Self> {
        let mut parts = path.rsplit(['/', '\\']);
        let file = parts.next()?;
        Self::from_folders(parts).or_else(|| Self::from_file_name(file))
    }

    fn from_folders(mut parts: impl Iterator<Item = &'a str>) -> Option<Self> {
        let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
        let day = date(year, month, day)?;
        let region = parts.next().filter(|text| is_region(text))?;
        let kind = LogKind::parse(parts.next()?)?;
        let account = parts.next().filter(|text| is_account_id(text))?;
        Some(Self { account, kind, region, day })
    }

    fn from_file_name(file: &'a str) -> Option<Self> {
        // Trail names in digests may hold `_`; what comes before them does not.
        let mut words = file.split('_');
        let account = words.next().filter(|text| is_account_id(text))?;
        let kind = LogKind::parse(words.next()?)?;
        let region = words.next().filter(|text| is_region(text))?;
        let time = words.rfind(|word| is_time(word))?;
        let day = date(time.get(..4)?, time.get(4..6)?, time.get(6..8)?)?;
        Some(Self { account, kind, region, day })
    }

    /// Why the file cannot hold what is wanted; `None` when it may.
    pub fn why_unwanted(&self, wanted: &Wanted) -> Option<&'static str> {
        // An event is delivered after it happened, some minutes later as a rule, and clocks differ;
        // a day's folder therefore begins with the end of the day before. One day of slack either way.
        let before = wanted.from.is_some_and(|from| self.day < from.yesterday().unwrap_or(Date::MIN));
        let after = wanted.to.is_some_and(|to| self.day > to.tomorrow().unwrap_or(Date::MAX));
        if before || after {
            return Some("delivered outside --from/--to");
        }
        if !wanted.accounts.is_empty() && !wanted.accounts.iter().any(|a| a == self.account) {
            return Some("delivered for an account that --account leaves out");
        }
        if !wanted.regions.is_empty() && !wanted.regions.iter().any(|r| r == self.region) {
            return Some("delivered for a region that --region leaves out");
        }
        None
    }
}

/// `20260203T0405Z` or, in digests, `20260203T040506Z`, up to the extension.
fn is_time(word: &str) -> bool {
    let stem = word.split('.').next().unwrap_or(word);
    let Some((day, time)) = stem.split_once('T') else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    day.len() == 8 && digits(day) && time.strip_suffix('Z').is_some_and(|t| digits(t) && matches!(t.len(), 4 | 6))
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    if (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: Option<(&str, LogKind, &str, &str)>) {
        let found = Delivered::parse(path);
        let found = found.as_ref().map(|d| (d.account, d.kind, d.region, d.day.to_string()));
        assert_eq!(found, expected.map(|(a, k, r, d)| (a, k, r, d.to_owned())), "{path}");
    }

    #[test]
    fn every_layout_of_a_delivered_key_is_known() {
        let events = Some(("111122223333", LogKind::Events, "eu-west-1", "2026-02-03"));
        let file = "111122223333_CloudTrail_eu-west-1_20260203T0405Z_abcdefgh12345678.json.gz";
        for folder in [
            "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/02/03/",
            "./sec/logs/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/02/03/",
            "AWSLogs/o-exampleorg/111122223333/CloudTrail/eu-west-1/2026/02/03/",
            "bucket/o-exampleorg/AWSLogs/o-exampleorg/111122223333/CloudTrail/eu-west-1/2026/02/03/",
            "",
            "flat/copy/",
        ] {
            check(&format!("{folder}{file}"), events);
        }
        check("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/02/03/renamed", events);
        let digest = "111122223333_CloudTrail-Digest_cn-north-1_my_trail_cn-north-1_20260203T040506Z_backfill.json.gz";
        check(digest, Some(("111122223333", LogKind::Digest, "cn-north-1", "2026-02-03")));
        let gov = "AWSLogs/111122223333/CloudTrail-NetworkActivity/us-gov-west-1/2026/12/31/x.json.gz";
        check(gov, Some(("111122223333", LogKind::NetworkActivity, "us-gov-west-1", "2026-12-31")));
        for path in [
            "",
            "logs.json",
            "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/13/03/x",
            "AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/02/03/x.log.gz",
            "AWSLogs/1111/CloudTrail/eu-west-1/2026/02/03/x",
            "é_CloudTrail_eu-west-1_2026é203T0405Z_x",
        ] {
            check(path, None);
        }
    }

    #[test]
    fn a_day_of_slack_keeps_events_delivered_late() {
        let day = |text: &str| Some(text.parse::<Date>().unwrap());
        let wanted = Wanted { from: day("2026-02-03"), to: day("2026-02-04"), ..Wanted::default() };
        for (folder, kept) in [("01", false), ("02", true), ("05", true), ("06", false)] {
            let path = format!("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/02/{folder}/x.json.gz");
            assert_eq!(Delivered::parse(&path).unwrap().why_unwanted(&wanted).is_none(), kept, "{folder}");
        }
    }
}
