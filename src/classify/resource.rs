//! A resource as an answer holds it: how it is known, how a policy writes it, how it gets wider.

use std::borrow::Cow;

use crate::iam::{Arn, escape, is_writable};

/// A resource with how it came to be known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource {
    /// An ARN as the log has it, an ARN pattern, or `*`.
    pub arn: String,
    /// Where it is from.
    pub basis: Basis,
}

impl Resource {
    /// Whether the log names it, or at least a part of its name; a pattern of its type is no name.
    pub fn is_named(&self) -> bool {
        !matches!(self.basis, Basis::Pattern | Basis::Unknown)
    }

    /// The resource as a policy has to write it so that it fits no more than what was meant: names are
    /// taken literally, patterns stay patterns.
    pub fn in_policy(&self) -> Cow<'_, str> {
        match self.basis {
            Basis::TakesNone | Basis::Pattern | Basis::Partial | Basis::Unknown => Cow::Borrowed(&self.arn),
            Basis::Created => Cow::Owned(any_of_its_type(&self.arn)),
            Basis::Record => Cow::Owned(escape(&self.arn)),
            Basis::Prefix => match self.arn.strip_suffix('*') {
                Some(prefix) => Cow::Owned(escape(prefix) + "*"),
                None => Cow::Owned(escape(&self.arn)),
            },
            // AWS writes `*` for a name that was not yet given, as in `instance/*`; elsewhere it is part
            // of a name.
            Basis::Message => {
                let segments = self.arn.split_inclusive(['/', ':']);
                let written = segments.map(|s| if matches!(s, "*" | "*/" | "*:") { s.to_owned() } else { escape(s) });
                Cow::Owned(written.collect())
            }
        }
    }
}

impl Resource {
    /// Whether its name has characters that no policy may hold, so that what a policy writes fits other names too.
    pub fn is_widened_to_write(&self) -> bool {
        // Other patterns are as the catalog has them, or leave the name out.
        matches!(self.basis, Basis::Record | Basis::Message | Basis::Prefix) && !self.arn.chars().all(is_writable)
    }

    /// The resource as policies are asked about it: what was made had no name yet, and what nothing names may be any.
    pub fn in_request(&self) -> Cow<'_, str> {
        match self.basis {
            Basis::Created => {
                let end = self.arn.rfind([':', '/']).map_or(0, |at| at + 1);
                Cow::Owned(self.arn.get(..end).map(escape).unwrap_or_default() + "*")
            }
            Basis::Unknown => Cow::Borrowed("arn:*"),
            Basis::Prefix if self.arn == "*" => Cow::Borrowed("arn:*"),
            _ => self.in_policy(),
        }
    }
}

/// The widest a resource is kept: widened by so much it is `*`.
pub const WIDEST: u8 = 6;

impl Resource {
    /// The resource as a prefix, one step wider for each number: three segments of the name behind the
    /// resource's type (or the bucket), two, one, none; then any resource of the service in that account
    /// and region; then any. `None` where that is what it is already. Widening in steps comes to the same
    /// as widening at once.
    pub(super) fn widened(&self, width: u8) -> Option<Self> {
        let length = prefix_length(&self.arn, self.basis, width)?;
        let prefix = self.arn.get(..length)?;
        Some(Self { arn: format!("{prefix}*"), basis: Basis::Prefix })
    }
}

impl Resource {
    /// Whether widening changes it.
    pub(super) fn is_narrower(&self, width: u8) -> bool {
        prefix_length(&self.arn, self.basis, width).is_some()
    }
}

/// How much of an ARN stays when it is kept so wide, with `*` for the rest; `None` where all of it stays.
pub(super) fn prefix_length(arn: &str, basis: Basis, width: u8) -> Option<usize> {
    let known = matches!(basis, Basis::Record | Basis::Message | Basis::Partial | Basis::Created | Basis::Prefix);
    if !known || width == 0 || arn == "*" {
        return None;
    }
    if width >= WIDEST {
        return Some(0);
    }
    let Some(fifth) = memchr::memchr_iter(b':', arn.as_bytes()).nth(4) else { return Some(0) };
    let mut end = fifth + 1;
    let next_end = |text: &[u8]| memchr::memchr2(b'/', b':', text);
    if let Some(segments) = 4_usize.checked_sub(usize::from(width)) {
        // The type or the bucket with its separator, where it has one.
        let name = arn.as_bytes().get(end..)?;
        end += next_end(name).map_or(0, |at| at + 1);
        for _ in 0..segments {
            end += next_end(arn.as_bytes().get(end..)?)? + 1;
        }
    }
    let rest = arn.get(end..)?;
    (!rest.is_empty() && rest != "*").then_some(end)
}

/// An ARN with its name, but not its type, replaced by `*`.
fn any_of_its_type(arn: &str) -> String {
    let Ok(parsed) = Arn::parse(arn) else { return arn.to_owned() };
    let end = parsed.resource.find(['/', ':']).map_or(0, |at| at + 1);
    let kind = parsed.resource.get(..end).unwrap_or_default();
    format!("arn:{}:{}:{}:{}:{kind}*", parsed.partition, parsed.service, parsed.region, parsed.account)
}

/// How a resource came to be known, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// The action takes no resource; `*` is the only thing a policy can say.
    TakesNone,
    /// The record lists or names it.
    Record,
    /// The denial message names it.
    Message,
    /// The log names it; wildcards stand for what AWS appends to a name or nobody can know. Escaped already.
    Partial,
    /// The call made it, and AWS chose its name: the next call makes another one.
    Created,
    /// There are more than are kept: a prefix that many of them share. Wider than what happened.
    Prefix,
    /// Nothing names it: the pattern of the resource type. Wider than what happened.
    Pattern,
    /// Nothing names it, and AWS does not document the action. No policy can be written.
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(arn: &str, width: u8) -> String {
        let resource = Resource { arn: arn.to_owned(), basis: Basis::Record };
        resource.widened(width).map_or_else(|| arn.to_owned(), |wide| wide.arn)
    }

    #[test]
    fn a_resource_gets_wider_segment_by_segment() {
        let key = "arn:aws:s3:::bucket/year/month/day/hour/file.json";
        for (width, expected) in [
            (1, "arn:aws:s3:::bucket/year/month/day/*"),
            (2, "arn:aws:s3:::bucket/year/month/*"),
            (3, "arn:aws:s3:::bucket/year/*"),
            (4, "arn:aws:s3:::bucket/*"),
            (5, "arn:aws:s3:::*"),
            (6, "*"),
        ] {
            assert_eq!(wide(key, width), expected);
        }
        let table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
        assert_eq!(wide(table, 3), table);
        assert_eq!(wide(table, 4), "arn:aws:dynamodb:eu-west-1:111122223333:table/*");
        assert_eq!(wide("arn:aws:sqs:eu-west-1:111122223333:queue", 4), "arn:aws:sqs:eu-west-1:111122223333:*");
    }

    #[test]
    fn widening_in_steps_comes_to_the_same_as_at_once() {
        for arn in [
            "arn:aws:s3:::b/a/b/c/d/e",
            "arn:aws:s3:::b/a",
            "arn:aws:logs:eu-west-1:111122223333:log-group:/a/b:*",
            "arn:aws:s3:::b/",
            "arn:aws:s3:::b//x",
        ] {
            for first in 1..=WIDEST {
                for second in first..=WIDEST {
                    let first_then_second = Resource { arn: wide(arn, first), basis: Basis::Prefix };
                    let steps =
                        first_then_second.widened(second).map_or(first_then_second.arn.clone(), |wide| wide.arn);
                    assert_eq!(steps, wide(arn, second), "{arn} {first} {second}");
                }
            }
        }
    }
}
