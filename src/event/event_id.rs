use std::cmp::Ordering;

use sha2::{Digest, Sha256};

use super::Operation;
use crate::decode::{Json, Record, Reject};

/// What copies of one event have in common: `eventID` and the account that received it. The same
/// `eventID` in two accounts is two events: the caller's copy and the resource owner's.
///
/// Almost every id is a GUID under a twelve-digit account and is kept whole. Anything else is reduced
/// by SHA-256 to 128 bits, which nobody can make collide. A record without `eventID` (before version
/// 1.01) is known by time, source, name, request id, caller and region together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventId {
    /// The GUID, or the digest of what stands for it; high half first. Halves, because a `u128` would
    /// align every list of ids to 16 bytes.
    pub id: [u64; 2],
    /// The account as a number; `u64::MAX` where it is part of the digest.
    pub account: u64,
}

impl PartialOrd for EventId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EventId {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        // The first half tells nearly always.
        let ([high, low], [other_high, other_low]) = (self.id, other.id);
        high.cmp(&other_high).then_with(|| (low, self.account).cmp(&(other_low, other.account)))
    }
}

impl EventId {
    /// The GUID, if the record has one.
    pub fn guid(&self) -> Option<[u64; 2]> {
        (self.account != u64::MAX).then_some(self.id)
    }

    pub(super) fn of(record: &Record<'_>, operation: &Operation) -> Result<Self, Reject> {
        let id = record.event_id.and_then(Json::plain).and_then(guid);
        if let (Some(id), Some(account)) = (id, operation.account_number) {
            return Ok(Self { id, account });
        }
        let account = operation.account.as_deref();
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
        let id = hash.finalize().iter().take(16).fold(0_u128, |id, byte| id << 8 | u128::from(*byte));
        Ok(Self { id: [(id >> 64) as u64, id as u64], account: u64::MAX })
    }
}

/// A GUID in the form CloudTrail writes: 8-4-4-4-12 lower-case hexadecimal digits.
fn guid(text: &[u8]) -> Option<[u64; 2]> {
    let text: &[u8; 36] = text.try_into().ok()?;
    let [
        a1,
        a2,
        a3,
        a4,
        a5,
        a6,
        a7,
        a8,
        b'-',
        b1,
        b2,
        b3,
        b4,
        b'-',
        c1,
        c2,
        c3,
        c4,
        b'-',
        d1,
        d2,
        d3,
        d4,
        b'-',
        e @ ..,
    ] = *text
    else {
        return None;
    };
    let [e1, e2, e3, e4, e5, e6, e7, e8, e9, e10, e11, e12] = e;
    let quarters = [
        hexadecimal([a1, a2, a3, a4, a5, a6, a7, a8])?,
        hexadecimal([b1, b2, b3, b4, c1, c2, c3, c4])?,
        hexadecimal([d1, d2, d3, d4, e1, e2, e3, e4])?,
        hexadecimal([e5, e6, e7, e8, e9, e10, e11, e12])?,
    ];
    let [q1, q2, q3, q4] = quarters.map(u64::from);
    Some([q1 << 32 | q2, q3 << 32 | q4])
}

/// Eight digits at a time, each in a byte of one number.
fn hexadecimal(digits: [u8; 8]) -> Option<u32> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let text = u64::from_be_bytes(digits);
    // Below 0x80 nothing is carried from byte to byte by what follows.
    let ascii = text & (ONES * 0x80) == 0;
    // The high bit of each byte says whether it is at least so much.
    let at_least = |byte: u8| (text & (ONES * 0x7F)) + ONES * u64::from(0x80 - byte);
    let is_digit = at_least(b'0') & !at_least(b'9' + 1);
    let is_letter = at_least(b'a') & !at_least(b'f' + 1);
    if !ascii || (is_digit | is_letter) & (ONES * 0x80) != ONES * 0x80 {
        return None;
    }
    // The low half of a byte is the digit, and nine less than the letter's value.
    let letters = (is_letter >> 7) & ONES;
    let values = (text & (ONES * 0x0F)) + letters * 9;
    // Two digits to a byte, two bytes to a pair, two pairs to the number.
    let bytes = (values | values >> 4) & 0x00FF_00FF_00FF_00FF;
    let pairs = (bytes | bytes >> 8) & 0x0000_FFFF_0000_FFFF;
    u32::try_from((pairs | pairs >> 16) & 0xFFFF_FFFF).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_form_cloudtrail_writes_is_kept_whole() {
        assert_eq!(guid(b"00000000-0000-0000-0000-0000000000ff"), Some([0, 255]));
        for text in ["", "00000000-0000-0000-0000-0000000000FF", "00000000000000000000000000000000000f"] {
            assert_eq!(guid(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_guid_is_read_as_digit_by_digit(value in any::<u128>(), at in 0..36_usize, byte in any::<u8>()) {
            let hex = format!("{value:032x}");
            let text = format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
            prop_assert_eq!(guid(text.as_bytes()), Some([(value >> 64) as u64, value as u64]));
            let mut other = text.into_bytes();
            other[at] = byte;
            let dash = matches!(at, 8 | 13 | 18 | 23);
            let fits = if dash { byte == b'-' } else { byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte) };
            prop_assert_eq!(guid(&other).is_some(), fits);
        }
    }
}
