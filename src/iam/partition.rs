/// DNS suffixes of AWS service hosts, by which an `eventSource` is known to be AWS's: commercial and
/// GovCloud, China, the European Sovereign Cloud, the isolated partitions. Source: the partition data
/// published with botocore.
pub const SERVICE_HOST_SUFFIXES: &[&str] = &[
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
    ".cloud.adc-e.uk",
    ".csp.hci.ic.gov",
];

/// The label of an AWS service host: `ec2` of `ec2.amazonaws.com`. `None` for any other host.
pub fn service_label(host: &str) -> Option<&str> {
    SERVICE_HOST_SUFFIXES.iter().filter_map(|suffix| host.strip_suffix(suffix)).find(|label| !label.is_empty())
}

/// The ARN partition a region belongs to, by the region's name.
pub fn partition_of_region(region: &str) -> &'static str {
    const PREFIXES: &[(&str, &str)] = &[
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("eusc-", "aws-eusc"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-iso-", "aws-iso"),
    ];
    PREFIXES.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("aws", |(_, partition)| partition)
}

/// Whether a text has the form of an account id: twelve digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a text has the form of a region name, such as `eu-west-1` or `us-gov-east-1`.
pub fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return false };
    (3..=5).contains(&parts.len())
        && first.len() >= 2
        && last.bytes().all(|b| b.is_ascii_digit())
        && !last.is_empty()
        && parts.iter().rev().skip(1).all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_regions_and_accounts_are_told_from_other_text() {
        assert_eq!(service_label("ec2.amazonaws.com"), Some("ec2"));
        assert_eq!(service_label("ec2.amazonaws.com.cn"), Some("ec2"));
        assert_eq!(service_label("aws:s3"), None);
        assert_eq!(service_label(".amazonaws.com"), None);
        assert!(is_region("us-gov-east-1") && is_region("eu-west-1") && is_region("eusc-de-east-1"));
        assert!(!is_region("eu-west") && !is_region("") && !is_region("EU-west-1") && !is_region("global"));
        assert!(is_account_id("111122223333") && !is_account_id("ANONYMOUS_PR"));
        assert_eq!(partition_of_region("us-gov-west-1"), "aws-us-gov");
        assert_eq!(partition_of_region("us-east-1"), "aws");
    }
}
