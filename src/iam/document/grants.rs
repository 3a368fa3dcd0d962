//! What a document allows, as far as an analyst has to know at once: whether it is an administrator's, or
//! one step away from it.
//!
//! - Only identity policies are looked at. In a statement that names principals `Resource: *` means the
//!   one resource it is attached to, so it allows [`Grant::Some`] and no more.
//! - A question is asked with an action and a resource that nobody can have named: what fits them fits by
//!   its wildcards. So `iam:P*` is not all of IAM, and `arn:aws:iam::*:role/app-*` is not any role.
//! - `NotAction` with Allow is everything but the actions excepted; so `NotAction iam:*` on `*` is
//!   [`Grant::Everything`], as is AWS's PowerUserAccess, and not [`Grant::AllIam`].
//! - A Deny takes back what it denies wholly: without a condition and on all the resources in question.
//! - A condition leaves a grant as it is, unless AWS documents that it can hold for some actions only, or
//!   bounds what they can do ([`reach`]). `iam:PassedToService` says who gets a role, and still it may be
//!   any role.

use std::collections::{BTreeSet, HashSet};

use super::{Comparison, Condition, Document, Listed, Statement};
use crate::iam::{Arn, Effect, has_wildcard, matches, matches_ignoring_case};

/// Something far-reaching that a document allows; the farthest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grant {
    /// Every action on every resource, but perhaps some that are excepted or denied by name.
    Everything,
    /// Every action of IAM.
    AllIam,
    /// An action by which one gives oneself permissions, on every user, group, role or policy.
    IamEscalation,
    /// `iam:PassRole` on every role.
    PassAnyRole,
    /// `sts:AssumeRole` on every role.
    AssumeAnyRole,
    /// Every action of a service other than IAM, on every resource of it.
    WholeService,
    /// Something, and none of the others.
    Some,
}

impl Grant {
    /// The word used in rules and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everything => "everything",
            Self::AllIam => "all-iam",
            Self::IamEscalation => "iam-escalation",
            Self::PassAnyRole => "pass-any-role",
            Self::AssumeAnyRole => "assume-any-role",
            Self::WholeService => "whole-service",
            Self::Some => "some",
        }
    }

    /// Whether who has this one is no better off with the other.
    pub fn includes(self, other: Self) -> bool {
        match self {
            Self::Everything => other != self,
            Self::AllIam => matches!(other, Self::IamEscalation | Self::PassAnyRole),
            _ => false,
        }
    }
}

/// Actions of IAM of which one is enough to gain permissions, with the type of resource they are used on.
/// `iam:PassRole` needs a service beside it and has a grant of its own. Sources: the path list of
/// pathfinding.cloud, Rhino Security Labs' list of escalation methods.
const ESCALATING: &[(&str, &str)] = &[
    ("AttachUserPolicy", "user"),
    ("PutUserPolicy", "user"),
    ("CreateAccessKey", "user"),
    ("CreateLoginProfile", "user"),
    ("UpdateLoginProfile", "user"),
    ("DeleteUserPermissionsBoundary", "user"),
    ("PutUserPermissionsBoundary", "user"),
    ("AttachGroupPolicy", "group"),
    ("PutGroupPolicy", "group"),
    ("AddUserToGroup", "group"),
    ("AttachRolePolicy", "role"),
    ("PutRolePolicy", "role"),
    ("UpdateAssumeRolePolicy", "role"),
    ("DeleteRolePermissionsBoundary", "role"),
    ("PutRolePermissionsBoundary", "role"),
    ("CreatePolicyVersion", "policy"),
    ("SetDefaultPolicyVersion", "policy"),
    ("UpdateSAMLProvider", "saml-provider"),
    ("UpdateOpenIDConnectProviderThumbprint", "oidc-provider"),
    ("AddClientIDToOpenIDConnectProvider", "oidc-provider"),
];

/// A character that no action and no ARN can have: only a wildcard fits it.
const ANY: &str = "\u{1}";

/// An action on every resource of a type.
struct Question {
    service: String,
    action: String,
    /// The resource part of an ARN of the type.
    resource: String,
    /// Such ARNs without their partition: of services with regions and without.
    arns: [String; 2],
}

impl Question {
    /// `kind` is `role` of `role/…`, or [`ANY`].
    fn new(service: &str, name: &str, kind: &str) -> Self {
        Self::of(format!("{service}:{name}"), service, kind)
    }

    /// `service` is that of the ARNs, as roles are IAM's whatever is done with them.
    fn of(action: String, service: &str, kind: &str) -> Self {
        let resource = format!("{kind}/{ANY}");
        let arn = |region: &str| format!("{service}:{region}:{ANY}:{resource}");
        Self { action, arns: [arn(""), arn(ANY)], service: service.to_owned(), resource }
    }

    fn is_about(&self, statement: &Statement) -> bool {
        let fits = |pattern: &String| matches_ignoring_case(pattern, &self.action);
        statement.action.as_ref().is_some_and(|actions| actions.includes(fits))
    }

    /// Whether a statement takes in all resources of the type.
    fn is_on_all(&self, statement: &Statement) -> bool {
        let fits = |pattern: &String| {
            if !pattern.contains("${") {
                return self.is_wide(pattern);
            }
            // The caller's own account, which is as good as any.
            let of_account = pattern.replace("${aws:PrincipalAccount}", "*").replace("${aws:ResourceAccount}", "*");
            self.is_wide(&of_account)
        };
        statement.resource.as_ref().is_some_and(|resources| resources.includes(fits))
    }

    fn is_wide(&self, pattern: &str) -> bool {
        // The account and the region may be fixed.
        let is_on_type = || {
            Arn::parse(pattern)
                .is_ok_and(|arn| matches(arn.service, &self.service) && matches(arn.resource, &self.resource))
        };
        let is_shorter = || {
            let after_partition = pattern.strip_prefix("arn:").and_then(|rest| rest.split_once(':'));
            after_partition.is_some_and(|(_, rest)| self.arns.iter().any(|arn| matches(rest, arn)))
        };
        matches(pattern, ANY) || matches(pattern, &format!("arn:{ANY}")) || is_on_type() || is_shorter()
    }
}

/// What a statement can be about, by its conditions.
#[derive(PartialEq)]
enum Reach {
    /// Whatever its actions say.
    Unchanged,
    /// `iam:PassRole` only.
    PassRole,
    /// Attaching policies, administrators' among them.
    Attaching,
    /// Nothing far-reaching.
    Bounded,
}

/// A condition on a key that only some actions have never holds for another action, unless it also holds
/// where the key is absent. Source of which actions have which key: Service Authorization Reference,
/// "Actions, resources, and condition keys for AWS Identity and Access Management".
fn reach(conditions: &[Condition]) -> Reach {
    let mut reach = Reach::Unchanged;
    for condition in conditions.iter().filter(|condition| condition.requires_its_key()) {
        let admits_administrators = || {
            let is_administrators = |value: &String| matches(value, "arn:aws:iam::aws:policy/AdministratorAccess");
            condition.comparison == Comparison::Null || condition.values.iter().any(is_administrators)
        };
        let new = if condition.is_on("iam:PassedToService") || condition.is_on("iam:AssociatedResourceArn") {
            Reach::PassRole
        } else if condition.is_on("iam:PolicyARN") && admits_administrators() {
            Reach::Attaching
        } else if ["iam:PolicyARN", "iam:PermissionsBoundary", "iam:AWSServiceName"].iter().any(|k| condition.is_on(k))
        {
            Reach::Bounded
        } else {
            continue;
        };
        reach = if reach == Reach::Unchanged || reach == new { new } else { Reach::Bounded };
    }
    reach
}

impl Document {
    /// What it allows; nothing where it only denies. What [`Grant::includes`] another is there beside it.
    pub fn allows(&self) -> BTreeSet<Grant> {
        let allowing = || self.statements.iter().filter(|statement| statement.effect == Effect::Allow);
        let wide: Vec<_> = allowing()
            .filter(|statement| statement.principal.is_none() && statement.resource.is_some())
            .map(|statement| (statement, reach(&statement.conditions)))
            .filter(|(_, reach)| *reach != Reach::Bounded)
            .collect();
        let denying: Vec<_> = self
            .statements
            .iter()
            .filter(|s| s.effect == Effect::Deny && s.conditions.is_empty() && s.principal.is_none())
            .collect();
        let is_denied = |asked: &Question| denying.iter().any(|s| asked.is_about(s) && asked.is_on_all(s));
        let is_allowed = |asked: &Question| {
            let has_reach = |reach: &Reach| match reach {
                Reach::Unchanged => true,
                Reach::PassRole => asked.action == "iam:PassRole",
                Reach::Attaching => asked.action.starts_with("iam:Attach"),
                Reach::Bounded => false,
            };
            wide.iter().any(|(s, reach)| has_reach(reach) && asked.is_about(s) && asked.is_on_all(s))
                && !is_denied(asked)
        };

        let mut found = BTreeSet::new();
        let mut add = |grant, is_so: bool| {
            if is_so {
                found.insert(grant);
            }
        };
        let everything = Question::new(ANY, ANY, ANY);
        add(Grant::Everything, is_allowed(&everything));
        add(Grant::AllIam, is_allowed(&Question::new("iam", ANY, ANY)));
        let escalates = |(name, kind): &(&str, &str)| is_allowed(&Question::new("iam", name, kind));
        add(Grant::IamEscalation, ESCALATING.iter().any(escalates));
        add(Grant::PassAnyRole, is_allowed(&Question::new("iam", "PassRole", "role")));
        add(Grant::AssumeAnyRole, is_allowed(&Question::of("sts:AssumeRole".to_owned(), "iam", "role")));
        let services = named_services(wide.iter().map(|(statement, _)| *statement).chain(denying.iter().copied()));
        let is_whole = |service: &String| is_allowed(&Question::new(service, ANY, ANY));
        add(Grant::WholeService, is_allowed(&everything) || services.iter().any(is_whole));
        let is_only = |listed: &Option<Listed<String>>| matches!(listed, Some(Listed::Only(_)));
        let nothing_is_left = denying.iter().any(|deny| {
            is_only(&deny.action) && is_only(&deny.resource) && everything.is_about(deny) && everything.is_on_all(deny)
        });
        if found.is_empty() && allowing().next().is_some() && !nothing_is_left {
            found.insert(Grant::Some);
        }
        found
    }
}

/// How many services are asked about, about as many as AWS has.
const SERVICES: usize = 400;

/// The services that statements name as a whole, without IAM; those excepted too, as a Deny may leave them.
fn named_services<'a>(statements: impl Iterator<Item = &'a Statement>) -> HashSet<String> {
    let listed = statements.filter_map(|statement| statement.action.as_ref()).map(Listed::entries);
    let service = |pattern: &'a String| {
        let (service, name) = pattern.split_once(':')?;
        let is_whole = matches(name, ANY) && !has_wildcard(service) && !service.eq_ignore_ascii_case("iam");
        is_whole.then(|| service.to_ascii_lowercase())
    };
    let mut found = HashSet::new();
    for service in listed.flatten().filter_map(service) {
        if found.len() >= SERVICES {
            break;
        }
        found.insert(service);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(statements: &str) -> Document {
        Document::parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap()
    }

    #[track_caller]
    fn check(statements: &str, expected: &str) {
        let allows = document(statements).allows();
        // As it is told: without what something else includes.
        let told = allows.iter().filter(|grant| !allows.iter().any(|other| other.includes(**grant)));
        assert_eq!(told.map(|grant| grant.as_str()).collect::<Vec<_>>().join(" "), expected, "{statements}");
    }

    fn allow(action: &str, resource: &str) -> String {
        format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}"#)
    }

    fn deny(action: &str, resource: &str) -> String {
        format!(r#"{{"Effect":"Deny","Action":"{action}","Resource":"{resource}"}}"#)
    }

    #[test]
    fn an_action_counts_as_far_as_its_wildcards_reach() {
        for (action, expected) in [
            ("*", "everything"),
            ("*:*", "everything"),
            ("**", "everything"),
            ("iam:*", "all-iam"),
            ("IAM:**", "all-iam"),
            ("iam:P*", "iam-escalation pass-any-role"),
            ("IAM:Pass*", "pass-any-role"),
            ("iam:passrole", "pass-any-role"),
            ("iam:PutUserPolicy", "iam-escalation"),
            ("iam:Get*", "some"),
            ("sts:*", "assume-any-role whole-service"),
            ("sts:Assume*", "assume-any-role"),
            ("s3:*", "whole-service"),
            ("s3:?*", "whole-service"),
            ("s3:Get*", "some"),
            ("nonsense", "some"),
        ] {
            check(&allow(action, "*"), expected);
        }
    }

    #[test]
    fn a_resource_counts_as_far_as_its_wildcards_reach() {
        for (action, resource, expected) in [
            ("*", "arn:aws:iam::111122223333:role/app", "some"),
            ("*", "arn:aws:s3:::*", "some"),
            ("*", "arn:aws:*", "everything"),
            ("*", "arn:*", "everything"),
            ("*", "arn:aws:*:*:*:*", "everything"),
            ("iam:*", "arn:aws:iam::*:role/*", "iam-escalation pass-any-role"),
            ("iam:*", "arn:aws-cn:iam::111122223333:*", "all-iam"),
            ("iam:PassRole", "arn:aws:iam::111122223333:role/*", "pass-any-role"),
            ("iam:PassRole", "arn:aws:iam::${aws:PrincipalAccount}:role/*", "pass-any-role"),
            ("iam:PassRole", "arn:aws:iam::*", "pass-any-role"),
            ("iam:PassRole", "arn:aws:iam::*:role/service-role/*", "some"),
            ("iam:PassRole", "arn:aws:iam::*:role/app-*", "some"),
            ("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}", "some"),
            ("iam:CreateAccessKey", "arn:aws:iam::*:user/*", "iam-escalation"),
            ("sts:AssumeRole", "arn:aws:iam::*:role/deploy", "some"),
            ("sts:AssumeRole", "arn:aws:iam::*:role/*", "assume-any-role"),
            ("s3:*", "arn:aws:s3:::*", "whole-service"),
            ("s3:*", "arn:aws:s3:::logs/*", "some"),
        ] {
            check(&allow(action, resource), expected);
        }
    }

    #[test]
    fn what_is_excepted_is_not_allowed_and_the_rest_is() {
        let allow = |actions: &str, resources: &str| format!(r#"{{"Effect":"Allow",{actions},{resources}}}"#);
        let all = r#""Resource":"*""#;
        for (actions, resources, expected) in [
            (r#""NotAction":["iam:*","organizations:*"]"#, all, "everything"),
            (r#""NotAction":"*""#, all, "some"),
            (r#""NotAction":"s3:DeleteBucket""#, all, "everything"),
            (r#""Action":"iam:PassRole""#, r#""NotResource":"arn:aws:iam::*:role/Admin*""#, "pass-any-role"),
            (r#""Action":"iam:PassRole""#, r#""NotResource":"*""#, "some"),
        ] {
            check(&allow(actions, resources), expected);
        }
        let power_user = document(&allow(r#""NotAction":["iam:*"]"#, all)).allows();
        assert!(!power_user.contains(&Grant::AllIam) && !power_user.contains(&Grant::PassAnyRole));
        assert!(power_user.contains(&Grant::AssumeAnyRole));
    }

    #[test]
    fn a_deny_takes_back_what_it_denies_wholly() {
        let mfa = r#"{"Effect":"Deny","Action":"*","Resource":"*",
            "Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}"#;
        for (statements, expected) in [
            ([allow("*", "*"), deny("*", "*")], ""),
            ([allow("s3:GetObject", "*"), deny("*", "*")], ""),
            ([allow("*", "*"), deny("iam:*", "*")], "everything"),
            ([allow("*", "*"), deny("*", "arn:aws:s3:::b")], "everything"),
            ([allow("*", "*"), mfa.to_owned()], "everything"),
            ([allow("iam:P*", "*"), deny("iam:Put*", "*")], "pass-any-role"),
            ([allow("iam:PassRole", "*"), deny("iam:PassRole", "arn:aws:iam::*:role/*")], "some"),
            ([allow("iam:PassRole", "*"), deny("iam:PassRole", "arn:aws:iam::*:role/Admin")], "pass-any-role"),
            ([allow("s3:*", "*"), deny("S3:*", "*")], "some"),
            ([deny("s3:*", "*"), deny("iam:*", "*")], ""),
            ([allow("*", "*"), r#"{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}"#.to_owned()], "whole-service"),
        ] {
            check(&statements.join(","), expected);
        }
        let kept = document(&[allow("*", "*"), deny("iam:*", "*")].join(",")).allows();
        assert!(!kept.contains(&Grant::AllIam) && !kept.contains(&Grant::IamEscalation));
    }

    #[test]
    fn a_condition_counts_where_aws_says_what_it_does() {
        for (action, condition, expected) in [
            ("*", r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#, "everything"),
            ("*", r#"{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}"#, "pass-any-role"),
            ("iam:PassRole", r#"{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}"#, "pass-any-role"),
            ("*", r#"{"StringEqualsIfExists":{"iam:PassedToService":"ec2.amazonaws.com"}}"#, "everything"),
            ("iam:Attach*", r#"{"ArnEquals":{"iam:PolicyARN":"arn:aws:iam::111122223333:policy/p"}}"#, "some"),
            ("iam:Attach*", r#"{"ArnLike":{"iam:PolicyARN":"arn:aws:iam::aws:policy/*"}}"#, "iam-escalation"),
            ("iam:Attach*", r#"{"ArnNotEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/x"}}"#, "iam-escalation"),
            ("iam:*", r#"{"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/b"}}"#, "some"),
            ("iam:*", r#"{"StringLike":{"iam:AWSServiceName":"*"}}"#, "some"),
            ("ec2:*", r#"{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}"#, "whole-service"),
        ] {
            check(
                &format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*","Condition":{condition}}}"#),
                expected,
            );
        }
    }

    #[test]
    fn a_policy_of_a_resource_allows_something_on_it_and_no_more() {
        check(r#"{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}"#, "some");
        check(r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}"#, "some");
        check("", "");
    }

    #[test]
    fn many_statements_take_no_long_time() {
        let statements: Vec<_> =
            (0..4_000).flat_map(|n| [allow(&format!("a{n}:*"), "*"), deny(&format!("a{n}:*"), "*")]).collect();
        check(&statements.join(","), "some");
        check(&allow(&"*a".repeat(50_000), &"*a".repeat(50_000)), "some");
    }
}
