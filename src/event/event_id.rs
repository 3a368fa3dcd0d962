use sha2::{Digest, Sha256};

use crate::decode::Record;

/// What copies of one event have in common: `eventID` and the account that received it. The same
/// `eventID` in two accounts is two events: the caller's copy and the resource owner's.
///
/// Almost every id is a GUID under a twelve-digit account and is kept whole. Anything else is reduced
/// by SHA-256 to 128 bits, which nobody can make collide. A record without `eventID` (before version
/// 1.01) is known by time, source, name, request id, caller and region together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId {
    /// The GUID, or the digest of what stands for it; high half first. Halves, because a `u128` would
    /// align every list of ids to 16 bytes.
    pub id: [u64; 2],
    /// The account as a number; `u64::MAX` where it is part of the digest.
    pub account: u64,
}

impl EventId {
    pub(super) fn of(record: &Record<'_>, account: Option<&str>) -> Self {
        if let (Some(id), Some(account)) = (record.event_id.and_then(guid), account.and_then(number)) {
            return Self { id: halves(id), account };
        }
        let time = record.event_time.to_string();
        let parts: [Option<&str>; 7] = match record.event_id.filter(|id| !id.is_empty()) {
            Some(id) => [Some(id), account, None, None, None, None, None],
            None => [
                Some(&time),
                Some(record.event_source),
                Some(record.event_name),
                record.request_id,
                record.user_identity.principal_id,
                record.aws_region,
                account,
            ],
        };
        let mut hash = Sha256::new();
        for part in parts {
            // The length keeps `("ab", "c")` apart from `("a", "bc")`, the tag absent from empty.
            hash.update([u8::from(part.is_some())]);
            hash.update(part.unwrap_or_default().len().to_le_bytes());
            hash.update(part.unwrap_or_default());
        }
        let id = hash.finalize().iter().take(16).fold(0, |id, byte| id << 8 | u128::from(*byte));
        Self { id: halves(id), account: u64::MAX }
    }
}

fn halves(id: u128) -> [u64; 2] {
    [(id >> 64) as u64, id as u64]
}

/// A GUID in the form CloudTrail writes: 8-4-4-4-12 lower-case hexadecimal digits.
fn guid(text: &str) -> Option<u128> {
    if text.len() != 36 {
        return None;
    }
    let mut value: u128 = 0;
    for (at, byte) in text.bytes().enumerate() {
        let digit = match (at, byte) {
            (8 | 13 | 18 | 23, b'-') => continue,
            (8 | 13 | 18 | 23, _) => return None,
            (_, b'0'..=b'9') => byte - b'0',
            (_, b'a'..=b'f') => byte - b'a' + 10,
            _ => return None,
        };
        value = value << 4 | u128::from(digit);
    }
    Some(value)
}

fn number(account: &str) -> Option<u64> {
    if crate::iam::is_account_id(account) { account.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_form_cloudtrail_writes_is_kept_whole() {
        assert_eq!(guid("00000000-0000-0000-0000-0000000000ff"), Some(255));
        for text in ["", "00000000-0000-0000-0000-0000000000FF", "00000000000000000000000000000000000f"] {
            assert_eq!(guid(text), None, "{text}");
        }
    }
}
