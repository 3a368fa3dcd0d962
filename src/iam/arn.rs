/// An Amazon Resource Name taken apart: `arn:partition:service:region:account:resource`. Region and
/// account are empty where AWS leaves them out; the resource keeps its own colons and slashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: &'a str,
    /// The service segment, such as `s3`.
    pub service: &'a str,
    /// Region, or empty.
    pub region: &'a str,
    /// Account, or empty; `aws` for AWS managed policies.
    pub account: &'a str,
    /// Everything after the fifth colon, never empty.
    pub resource: &'a str,
}

/// A text that is not an ARN.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an ARN")]
pub struct ArnError;

impl<'a> Arn<'a> {
    /// Takes a text apart; segments are not checked further, so patterns parse too.
    pub fn parse(text: &'a str) -> Result<Self, ArnError> {
        let rest = text.strip_prefix("arn:").ok_or(ArnError)?;
        let mut colons = memchr::memchr_iter(b':', rest.as_bytes());
        let mut start = 0;
        let mut next = || {
            let end = colons.next().ok_or(ArnError)?;
            let segment = rest.get(start..end).unwrap_or_default();
            start = end + 1;
            Ok(segment)
        };
        let (partition, service, region, account) = (next()?, next()?, next()?, next()?);
        let arn = Self { partition, service, region, account, resource: rest.get(start..).unwrap_or_default() };
        let sound = !arn.partition.is_empty() && !arn.service.is_empty() && !arn.resource.is_empty();
        if sound { Ok(arn) } else { Err(ArnError) }
    }

    /// The resource after its type: `my/path/Name` of `role/my/path/Name`, `q` of `function:q`.
    pub fn resource_after_type(&self) -> &'a str {
        self.resource.split_once(['/', ':']).map_or(self.resource, |(_, rest)| rest)
    }

    /// The resource's last segment: `Name` of `role/my/path/Name`. IAM paths come before it.
    pub fn last_segment(&self) -> &'a str {
        self.resource.rsplit_once('/').map_or(self.resource, |(_, last)| last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_keeps_its_colons() {
        let arn = Arn::parse("arn:aws-cn:logs:cn-north-1:111122223333:log-group:/aws/x:*").unwrap();
        assert_eq!(arn.resource, "log-group:/aws/x:*");
        assert_eq!((arn.partition, arn.region, arn.account), ("aws-cn", "cn-north-1", "111122223333"));
        assert_eq!(Arn::parse("arn:aws:iam::1:role/a/b/C").unwrap().last_segment(), "C");
        for text in ["", "arn", "arn:aws:iam:sample1", "arn:aws:s3:::", "x:aws:s3:::b"] {
            assert_eq!(Arn::parse(text), Err(ArnError), "{text}");
        }
    }
}
