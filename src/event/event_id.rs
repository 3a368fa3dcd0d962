use sha2::{Digest, Sha256};

use super::Operation;
use crate::decode::{Json, Record, Reject};

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
    pub(super) fn of(record: &Record<'_>, operation: &Operation) -> Result<Self, Reject> {
        let account = operation.account.as_deref();
        let id = record.event_id.and_then(Json::plain).and_then(guid);
        if let (Some(id), Some(account)) = (id, account.and_then(number)) {
            return Ok(Self { id: halves(id), account });
        }
        let id = Json::text_of(record.event_id)?.filter(|id| !id.is_empty());
        let (time, request_id) = (record.event_time.to_string(), Json::text_of(record.request_id)?);
        let principal_id = record.user_identity.and_then(|identity| identity.get("principalId"));
        let principal_id = Json::text_of(principal_id)?;
        let region = record.aws_region.map(|_| &*operation.region);
        let parts: [Option<&str>; 7] = match &id {
            Some(id) => [Some(id), account, None, None, None, None, None],
            None => [
                Some(&time),
                Some(&operation.source),
                Some(&operation.name),
                request_id.as_deref(),
                principal_id.as_deref(),
                region,
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
        Ok(Self { id: halves(id), account: u64::MAX })
    }
}

fn halves(id: u128) -> [u64; 2] {
    [(id >> 64) as u64, id as u64]
}

/// A GUID in the form CloudTrail writes: 8-4-4-4-12 lower-case hexadecimal digits.
fn guid(text: &[u8]) -> Option<u128> {
    let text: &[u8; 36] = text.try_into().ok()?;
    let mut halves = [0_u64; 2];
    // Digits are looked up and what they say of themselves gathered, so that nothing branches on each.
    let mut wrong = 0;
    for (at, byte) in text.iter().enumerate() {
        if matches!(at, 8 | 13 | 18 | 23) {
            wrong |= byte ^ b'-';
            continue;
        }
        let digit = *DIGITS.get(usize::from(*byte)).unwrap_or(&NO_DIGIT);
        wrong |= digit & NO_DIGIT;
        let half = &mut halves[usize::from(at > 18)];
        *half = *half << 4 | u64::from(digit & 15);
    }
    (wrong == 0).then(|| u128::from(halves[0]) << 64 | u128::from(halves[1]))
}

const NO_DIGIT: u8 = 0x80;

/// The value of each lower-case hexadecimal digit.
static DIGITS: [u8; 256] = {
    let mut table = [NO_DIGIT; 256];
    let digits = *b"0123456789abcdef";
    let mut value = 0;
    while value < 16 {
        table[digits[value] as usize] = value as u8;
        value += 1;
    }
    table
};

fn number(account: &str) -> Option<u64> {
    if crate::iam::is_account_id(account) { account.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_form_cloudtrail_writes_is_kept_whole() {
        assert_eq!(guid(b"00000000-0000-0000-0000-0000000000ff"), Some(255));
        for text in ["", "00000000-0000-0000-0000-0000000000FF", "00000000000000000000000000000000000f"] {
            assert_eq!(guid(text.as_bytes()), None, "{text}");
        }
    }
}
