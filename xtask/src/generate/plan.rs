//! Which files an archive has: a preset and a scale in, for each file number its account, region, time,
//! size and key out. Knows nothing of what a record says.

use super::dice::{Dice, mix, named, skewed};
use super::text;

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Preset {
    /// 20,000 files of 1 to 5 records
    Tiny,
    /// 20,000 files of about 50 records
    Small,
    /// 300 files of about 5,000 records
    Large,
    /// One file of 500,000 records
    Huge,
}

pub const ORGANIZATION: &str = "o-exampleorg";
/// The first is the organization's management account.
pub const ACCOUNTS: [&str; 6] =
    ["999988887777", "111122223333", "123456789012", "444455556666", "222233334444", "777788889999"];
pub const REGIONS: [&str; 5] = ["us-east-1", "eu-west-1", "us-west-2", "eu-central-1", "ap-southeast-2"];

/// Where the runs of files come from, as places in `ACCOUNTS` and `REGIONS`; a busy pair stands more
/// often.
const PAIRS: [(usize, usize); 20] = [
    (1, 0),
    (2, 1),
    (3, 0),
    (1, 1),
    (1, 0),
    (4, 2),
    (2, 0),
    (0, 0),
    (1, 0),
    (5, 3),
    (3, 1),
    (2, 1),
    (1, 2),
    (4, 0),
    (1, 1),
    (5, 4),
    (3, 0),
    (1, 0),
    (2, 3),
    (0, 1),
];

/// Files that follow one another in the same account and region, five minutes apart.
const RUN: u64 = 8;
const FIVE_MINUTES: i64 = 300;
const SPAN: i64 = 30 * 24 * 3600;
/// 2026-01-05T00:00:00Z, in Unix seconds.
const START: i64 = 1_767_571_200;

/// How many bursts of calls are under way at a time, and for how many records of the file.
const BURSTS: u64 = 4;
const RECORDS_OF_BURSTS: u64 = 48;

pub struct Plan {
    pub seed: u64,
    pub files: u64,
    fewest: u64,
    most: u64,
}

/// One file, before anything is written.
#[derive(Clone, Copy)]
pub struct FilePlan {
    pub number: u64,
    pub account: usize,
    pub region: usize,
    pub records: u64,
    /// When the file was delivered, in Unix seconds.
    pub delivered: i64,
    /// How far the events reach back from the delivery, in seconds.
    pub reach: u64,
    pub pretty: bool,
    pub members: bool,
    name: u64,
}

impl Plan {
    pub fn new(preset: Preset, seed: u64, scale: f64) -> Self {
        // A float becomes an integer by saturating, so a wild scale is a large archive, not a wrong one.
        let scaled = |count: f64| ((count * scale).round() as u64).max(1);
        let (files, fewest, most) = match preset {
            Preset::Tiny => (scaled(20_000.0), 1, 5),
            Preset::Small => (scaled(20_000.0), 25, 75),
            Preset::Large => (scaled(300.0), 4_000, 6_000),
            Preset::Huge => (1, scaled(500_000.0), scaled(500_000.0)),
        };
        Self { seed, files, fewest, most }
    }

    pub fn file(&self, number: u64) -> FilePlan {
        let mut dice = Dice::of_file(self.seed, number);
        let run = number / RUN;
        let (account, region) = PAIRS[(run % PAIRS.len() as u64) as usize];
        let runs = self.files.div_ceil(RUN);
        let share = u128::from(run) * SPAN as u128 / u128::from(runs);
        let start = START + (share as i64) / FIVE_MINUTES * FIVE_MINUTES;
        let delivered = start + (number % RUN) as i64 * FIVE_MINUTES;
        // A lone file is an archive somebody joined together, so it holds the whole month.
        let (delivered, reach) = if self.files == 1 { (START + SPAN, SPAN as u64) } else { (delivered, 600) };
        FilePlan {
            number,
            account,
            region,
            records: self.fewest + dice.below(self.most - self.fewest + 1),
            delivered,
            reach,
            pretty: dice.per_mille(30),
            members: dice.per_mille(50),
            name: dice.roll(),
        }
    }

    /// The file itself, then the ones before it in its run, latest first.
    pub fn run_up_to(&self, number: u64) -> impl Iterator<Item = FilePlan> {
        (number - number % RUN..=number).rev().map(|number| self.file(number))
    }
}

impl FilePlan {
    pub fn folder(&self) -> String {
        let (account, region) = (ACCOUNTS[self.account], REGIONS[self.region]);
        let mut date = Vec::new();
        text::slashed_date(self.delivered, &mut date);
        let date = String::from_utf8_lossy(&date);
        format!("AWSLogs/{ORGANIZATION}/{account}/CloudTrail/{region}/{date}")
    }

    pub fn file_name(&self) -> String {
        let (account, region) = (ACCOUNTS[self.account], REGIONS[self.region]);
        let mut rest = Vec::new();
        text::file_stamp(self.delivered, &mut rest);
        rest.push(b'_');
        text::alphanumeric(self.name, 16, &mut rest);
        let rest = String::from_utf8_lossy(&rest);
        format!("{account}_CloudTrail_{region}_{rest}.json.gz")
    }

    /// Which burst of calls a record belongs to. A few callers are busy at a time, their records mixed.
    pub fn burst(&self, place: u64, choice: u64) -> u64 {
        let burst = place / RECORDS_OF_BURSTS * BURSTS + skewed(choice, BURSTS);
        mix(self.name ^ named("burst"), burst)
    }

    /// For what only this file does, such as where its gzip members end.
    pub fn dice(&self, purpose: &str) -> Dice {
        Dice::new(mix(self.name, named(purpose)))
    }
}
