/// Services whose requests count as made in one fixed region, wherever the caller is: what is said of their region says
/// nothing of where somebody works. After the IAM user guide's `aws:RequestedRegion` and the endpoints of the AWS
/// general reference.
const GLOBAL_SERVICES: &[&str] = &[
    "iam",
    "sts",
    "organizations",
    "route53",
    "route53domains",
    "cloudfront",
    "support",
    "health",
    "sso",
    "account",
    "globalaccelerator",
    "networkmanager",
    "budgets",
    "ce",
    "shield",
    "waf",
    "signin",
];

/// Whether a service, by its IAM prefix, has one region for everybody.
pub fn is_global_service(prefix: &str) -> bool {
    GLOBAL_SERVICES.contains(&prefix)
}
