//! ARN patterns as AWS writes them: `arn:${Partition}:s3:::${BucketName}/${ObjectName}`.

use crate::iam::Arn;

/// An ARN pattern, split into what stands as it is and what varies.
#[derive(Clone, Debug)]
pub struct ArnPattern {
    text: &'static str,
    parts: Vec<Part>,
    service: &'static str,
    /// What stands behind the fifth colon before anything varies.
    resource: &'static str,
    /// How much of the pattern stands as it is; of two patterns that fit, the longer one says more.
    pub(super) literal_length: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    Literal(&'static str),
    Variable(&'static str),
}

const ACCOUNT: Part = Part::Variable("Account");

/// The variable for what is not known of an ARN, in patterns for policies.
pub const ANY: &str = "Any";

impl ArnPattern {
    /// Splits a pattern. `None` when it is no ARN or a variable is left open.
    pub fn parse(text: &'static str) -> Option<Self> {
        let whole = Arn::parse(text).ok()?;
        let until_variable = |text: &'static str| text.split("${").next().unwrap_or_default();
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once("${") {
            let (variable, after) = after.split_once('}')?;
            // Some services call the account so where it stands in its place; elsewhere it is another one.
            let is_account = variable == "AccountId" && whole.account == "${AccountId}" && !parts.contains(&ACCOUNT);
            let variable = if is_account { "Account" } else { variable };
            if !literal.is_empty() {
                parts.push(Part::Literal(literal));
            }
            parts.push(Part::Variable(variable));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest));
        }
        let (service, resource) = (until_variable(whole.service), until_variable(whole.resource));
        let literal = |part: &Part| if let Part::Literal(text) = part { text.len() } else { 0 };
        let literal_length = parts.iter().map(literal).sum();
        Some(Self { text, parts, service, resource: resource.split('*').next().unwrap_or_default(), literal_length })
    }

    /// The pattern as AWS writes it.
    pub fn as_str(&self) -> &'static str {
        self.text
    }

    /// The variables that a call has to name: none of partition, region, account and [`ANY`].
    pub fn own_variables(&self) -> impl Iterator<Item = &'static str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(name) if !matches!(*name, "Partition" | "Region" | "Account" | ANY) => Some(*name),
            _ => None,
        })
    }

    /// Whether it is worth asking whether an ARN has this form.
    #[inline]
    pub fn may_fit(&self, arn: &Arn<'_>) -> bool {
        begins(arn.resource, self.resource) && begins(arn.service, self.service)
    }

    /// Whether it leaves a part open; see [`ANY`].
    pub fn leaves_open(&self) -> bool {
        self.parts.contains(&Part::Variable(ANY))
    }

    /// Whether an ARN has this form. A variable is not empty and holds no `:`, and a `/` only where a `:`
    /// follows it, but for the last one, which may hold both: names with paths and object keys come last.
    pub fn fits(&self, arn: &str) -> bool {
        self.read(arn, |_, _| {})
    }

    /// What stands for each variable in an ARN of this form.
    pub fn values<'a>(&self, arn: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        let mut values = Vec::new();
        self.read(arn, |variable, value| values.push((variable, value))).then_some(values)
    }

    fn read<'a>(&self, arn: &'a str, mut each: impl FnMut(&'static str, &'a str)) -> bool {
        let mut rest = arn;
        let mut parts = self.parts.iter().peekable();
        while let Some(part) = parts.next() {
            match part {
                Part::Literal("*") if parts.peek().is_none() => return true,
                Part::Literal(text) => match rest.strip_prefix(text) {
                    Some(after) => rest = after,
                    None => return false,
                },
                Part::Variable(name @ ("Partition" | "Region" | "Account")) => {
                    let (value, after) = rest.split_at(position(rest, ":").unwrap_or(rest.len()));
                    each(name, value);
                    rest = after;
                }
                Part::Variable(name) => {
                    let end = match parts.peek() {
                        None => rest.len(),
                        Some(Part::Literal(next)) => match position(rest, next) {
                            Some(end) => end,
                            None => return false,
                        },
                        Some(Part::Variable(_)) => return false,
                    };
                    let Some((value, after)) = rest.split_at_checked(end) else { return false };
                    let goes_too_far = match parts.peek() {
                        None => false,
                        Some(Part::Literal(next)) if next.starts_with(':') => position(value, ":").is_some(),
                        Some(_) => memchr::memchr2(b'/', b':', value.as_bytes()).is_some(),
                    };
                    if value.is_empty() || goes_too_far {
                        return false;
                    }
                    each(name, value);
                    rest = after;
                }
            }
        }
        rest.is_empty()
    }

    /// Appends the pattern with its variables replaced by what `value` appends for each; `None` when it has
    /// nothing for one of them, and then some of it may have been appended.
    pub fn write(&self, out: &mut String, mut value: impl FnMut(&str, &mut String) -> Option<()>) -> Option<()> {
        for part in &self.parts {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Variable(name) => value(name, out)?,
            }
        }
        Some(())
    }
}

/// Whether a text begins so. The first character tells nearly always.
#[inline]
fn begins(text: &str, start: &str) -> bool {
    start.is_empty() || (text.as_bytes().first() == start.as_bytes().first() && text.starts_with(start))
}

/// Where a text stands in another. What stands between variables is one character, mostly.
fn position(text: &str, wanted: &str) -> Option<usize> {
    match wanted.as_bytes() {
        [byte] => memchr::memchr(*byte, text.as_bytes()),
        _ => text.find(wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_ends_where_the_pattern_goes_on() {
        let bucket = ArnPattern::parse("arn:${Partition}:s3:::${BucketName}").unwrap();
        let object = ArnPattern::parse("arn:${Partition}:s3:::${BucketName}/${ObjectName}").unwrap();
        assert!(object.fits("arn:aws:s3:::b/k/with/slashes") && !object.fits("arn:aws:s3:::b"));
        assert!(bucket.fits("arn:aws-cn:s3:::b"));
        assert!(object.literal_length > bucket.literal_length);
        let table = ArnPattern::parse("arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}").unwrap();
        assert!(table.fits("arn:aws:dynamodb:eu-west-1:111122223333:table/orders"));
        assert!(!table.fits("arn:aws:dynamodb:eu-west-1:111122223333:index/orders"));
        let stream = "arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}:log-stream:${LogStreamName}";
        let stream = ArnPattern::parse(stream).unwrap();
        let arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f:log-stream:2026/02/03/[1]a";
        let values = stream.values(arn).unwrap();
        assert_eq!(values[3..], [("LogGroupName", "/aws/lambda/f"), ("LogStreamName", "2026/02/03/[1]a")]);
        assert!(!stream.fits("arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f:log-stream:"));
        assert_eq!(table.own_variables().collect::<Vec<_>>(), ["TableName"]);
        let mut filled = String::new();
        let star = |_: &str, out: &mut String| {
            out.push('*');
            Some(())
        };
        table.write(&mut filled, star).unwrap();
        assert_eq!(filled, "arn:*:dynamodb:*:*:table/*");
        assert!(ArnPattern::parse("arn:aws:s3:::${Open").is_none());
    }

    #[test]
    fn the_account_is_the_account_whatever_it_is_called() {
        let own = |text| ArnPattern::parse(text).unwrap().own_variables().collect::<Vec<_>>();
        assert_eq!(own("arn:${Partition}:chime:${Region}:${AccountId}:meeting/${MeetingId}"), ["MeetingId"]);
        assert_eq!(own("arn:${Partition}:sso:::account/${AccountId}"), ["AccountId"]);
        assert_eq!(own("arn:${Partition}:x::${OwnerAccount}:y/${Id}"), ["OwnerAccount", "Id"]);
    }
}
