//! Any document is compiled and asked without a panic, whatever is known of the request, and who knows less
//! never says otherwise.
//!
//! The first byte says which of the keys that the policy asks for are known, and as what; the first line of the
//! rest is the resource, what follows the document.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailwright::iam::evaluate::{Context, Decision, Known, Policies, Policy, Request, evaluate};
use trailwright::iam::{Action, Document};

const VALUES: &[&str] = &["", "true", "10", "2026-02-03T09:00:00Z", "192.0.2.7", "arn:aws:s3:::a/b", "a*", "${a}"];

/// Says something of each key, as its first bytes and the setting have it.
struct Made {
    setting: u8,
    /// Whether some of it is kept back.
    less: bool,
}

impl Context for Made {
    fn get(&self, key: &str) -> Known<'_> {
        let sum = key.bytes().fold(self.setting, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
        let value = |at: u8| VALUES[usize::from(at) % VALUES.len()].into();
        match sum % 4 {
            _ if self.less && sum & 0x40 != 0 => Known::Unknown,
            0 => Known::Absent,
            1 => Known::Values([value(sum >> 2), value(sum >> 5)].into_iter().collect()),
            _ => Known::value(value(sum >> 2)),
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((setting, Ok(text))) = input.split_first().map(|(first, rest)| (*first, std::str::from_utf8(rest))) else {
        return;
    };
    let (resource, text) = text.split_once('\n').unwrap_or(("*", text));
    let Ok(document) = Document::parse(text) else { return };
    let policies = Policies { identity: vec![Policy::new("fuzzed", &document)], ..Policies::default() };
    for action in ["s3:GetObject", "iam:PassRole", "sqs:SendMessage"] {
        let action: Action = action.parse().expect("an action");
        let ask = |context| evaluate(&policies, &Request { action: &action, resource, context });
        let (full, less) = (ask(&Made { setting, less: false }), ask(&Made { setting, less: true }));
        match (&full, &less) {
            (_, Decision::Unknown { missing, .. }) => assert!(missing.is_sorted(), "{missing:?}"),
            (Decision::Allowed { .. }, Decision::Allowed { .. }) => {}
            (Decision::Allowed { .. } | Decision::Unknown { .. }, _) | (_, Decision::Allowed { .. }) => {
                panic!("{full:?}, and with less known {less:?}")
            }
            _ => {}
        }
    }
});
