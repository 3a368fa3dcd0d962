//! How times and identifiers are spelt: numbers in, ASCII out at the end of a buffer. Every record has
//! a dozen of these, so they are written by hand instead of through `format!`.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::dice::mix;

const HEX: &[u8; 16] = b"0123456789abcdef";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn civil(seconds: i64) -> DateTime {
    Offset::UTC.to_datetime(Timestamp::from_second(seconds).unwrap_or_default())
}

fn two(value: i8, out: &mut Vec<u8>) {
    let value = value.unsigned_abs();
    out.extend_from_slice(&[b'0' + value / 10, b'0' + value % 10]);
}

pub fn number(mut value: u64, out: &mut Vec<u8>) {
    let from = out.len();
    loop {
        out.push(b'0' + (value % 10) as u8);
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out[from..].reverse();
}

fn date(time: DateTime, separator: &[u8], out: &mut Vec<u8>) {
    number(u64::from(time.year().unsigned_abs()), out);
    out.extend_from_slice(separator);
    two(time.month(), out);
    out.extend_from_slice(separator);
    two(time.day(), out);
}

/// `2026/02/03`, as in a key.
pub fn slashed_date(seconds: i64, out: &mut Vec<u8>) {
    date(civil(seconds), b"/", out);
}

/// `20260203T0405Z`, as in a file name.
pub fn file_stamp(seconds: i64, out: &mut Vec<u8>) {
    let time = civil(seconds);
    date(time, b"", out);
    out.push(b'T');
    two(time.hour(), out);
    two(time.minute(), out);
    out.push(b'Z');
}

/// `2026-02-03T04:05:06Z`, as in `eventTime`.
pub fn instant(seconds: i64, out: &mut Vec<u8>) {
    let time = civil(seconds);
    date(time, b"-", out);
    for (mark, value) in [(b'T', time.hour()), (b':', time.minute()), (b':', time.second())] {
        out.push(mark);
        two(value, out);
    }
    out.push(b'Z');
}

/// `Feb 3, 2026, 5:04:05 AM`, as STS and IAM answer.
pub fn spoken(seconds: i64, out: &mut Vec<u8>) {
    let time = civil(seconds);
    let month = usize::from(time.month().unsigned_abs()).saturating_sub(1);
    out.extend_from_slice(MONTHS[month % 12].as_bytes());
    out.push(b' ');
    number(u64::from(time.day().unsigned_abs()), out);
    out.extend_from_slice(b", ");
    number(u64::from(time.year().unsigned_abs()), out);
    out.extend_from_slice(b", ");
    let hour = time.hour().unsigned_abs();
    number(u64::from(if hour.is_multiple_of(12) { 12 } else { hour % 12 }), out);
    for value in [time.minute(), time.second()] {
        out.push(b':');
        two(value, out);
    }
    out.extend_from_slice(if hour < 12 { b" AM" } else { b" PM" });
}

/// Letters of an alphabet, as many as asked for, from one number.
fn letters<const N: usize>(value: u64, count: usize, alphabet: &[u8; N], out: &mut Vec<u8>) {
    let mut rest = value;
    for place in 0..count {
        // Ten letters use up to 60 bits of a number.
        if place % 10 == 0 {
            rest = mix(value, place as u64);
        }
        out.push(alphabet[(rest % N as u64) as usize]);
        rest /= N as u64;
    }
}

pub fn hex(value: u64, count: usize, out: &mut Vec<u8>) {
    letters(value, count, HEX, out);
}

pub fn base32(value: u64, count: usize, out: &mut Vec<u8>) {
    letters(value, count, BASE32, out);
}

pub fn alphanumeric(value: u64, count: usize, out: &mut Vec<u8>) {
    letters(value, count, ALPHANUMERIC, out);
}

/// What looks like a token or an encoded message.
pub fn base64url(value: u64, count: usize, out: &mut Vec<u8>) {
    letters(value, count, BASE64URL, out);
}

pub fn uuid(value: u64, out: &mut Vec<u8>) {
    let bits = (u128::from(mix(value, 1)) << 64) | u128::from(mix(value, 2));
    // The version and variant of a random UUID.
    let bits = (bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    for (place, byte) in bits.to_be_bytes().into_iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    }
}

/// `AKIA` or `ASIA`, then what AWS's own examples end with.
pub fn access_key(prefix: &str, value: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(prefix.as_bytes());
    base32(value, 9, out);
    out.extend_from_slice(b"EXAMPLE");
}
