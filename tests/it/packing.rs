//! Policies are packed into AWS's limits: everything stays allowed, nothing more is that no step tells of.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use trailwright::catalog;
use trailwright::classify::is_privileged;
use trailwright::iam::{
    Action, Conditions, Effect, PolicyDocument, PrincipalKind, Statement, Target, covers, matches,
    matches_ignoring_case,
};
use trailwright::recommend::{Packed, generalize, pack};

/// An action on a resource under a condition.
type Permission = (String, String, Conditions);

fn statement((action, resource, condition): Permission) -> Statement {
    Statement { sid: String::new(), effect: Effect::Allow, action: vec![action], resource: vec![resource], condition }
}

fn statements(permissions: &BTreeSet<Permission>) -> Vec<Statement> {
    permissions.iter().cloned().map(statement).collect()
}

fn allowed<'p>(policies: impl IntoIterator<Item = &'p Statement>, (action, resource, condition): &Permission) -> bool {
    policies.into_iter().any(|statement| {
        statement.condition == *condition
            && statement.action.iter().any(|pattern| matches_ignoring_case(pattern, action))
            && statement.resource.iter().any(|pattern| covers(pattern, resource))
    })
}

fn all(packed: &Packed) -> impl Iterator<Item = &Statement> {
    packed.policies.iter().flat_map(|policy| &policy.document.statement)
}

/// Everything that a packed policy says, taken apart.
fn said(packed: &Packed) -> BTreeSet<Permission> {
    all(packed)
        .flat_map(|statement| {
            statement.action.iter().flat_map(move |action| {
                let condition = statement.condition.clone();
                statement.resource.iter().map(move |resource| (action.clone(), resource.clone(), condition.clone()))
            })
        })
        .collect()
}

#[track_caller]
fn check(packed: &Packed, wanted: &BTreeSet<Permission>) {
    let said = said(packed);
    for permission in wanted {
        assert!(said.contains(permission) || allowed(all(packed), permission), "{permission:?} is lost");
    }
    let sizes: Vec<usize> = packed.policies.iter().map(|policy| policy.document.size()).collect();
    assert_eq!(packed.used, sizes);
    assert_eq!(packed.fits, packed.over == 0);
    if packed.fits {
        assert!(sizes.len() <= packed.most && sizes.iter().all(|size| *size <= packed.limit), "{sizes:?}");
    }
    for policy in &packed.policies {
        let sids: BTreeSet<&str> = policy.document.statement.iter().map(|statement| &*statement.sid).collect();
        assert_eq!(sids.len(), policy.document.statement.len(), "SIDs are unique");
        assert!(sids.iter().all(|sid| !sid.is_empty() && sid.bytes().all(|byte| byte.is_ascii_alphanumeric())));
    }
    for statement in all(packed) {
        let takes: BTreeSet<bool> = statement
            .action
            .iter()
            .flat_map(|action| catalog::matching(action))
            .map(|facts| !facts.resources.is_empty())
            .collect();
        // On `*` both are allowed; on anything else those that take no resource are not.
        let is_alike = takes.len() <= 1 || statement.resource == ["*"];
        assert!(is_alike, "{:?} mixes actions that take a resource with others", statement.action);
    }
    let seen = statements(wanted);
    for added in packed.steps.iter().flat_map(|step| &step.adds) {
        let (action, resource) = added.split_once(" on ").unwrap();
        let action = action.split(' ').next().unwrap();
        let beginning = resource.rsplit_once(" under ").map(|(_, parent)| format!("{parent}never/seen"));
        let resource = beginning.unwrap_or_else(|| resource.split(' ').next().unwrap().to_owned());
        let names: Vec<String> = catalog::matching(action).iter().map(|facts| facts.action.to_string()).collect();
        let is_new = |name: &String| !allowed(&seen, &(name.clone(), resource.clone(), Conditions::new()));
        assert!(names.iter().any(is_new), "{added} was seen");
    }
    // Actions that a wildcard adds only look, are everyday work, and take no part in who may do what.
    let wanted_actions: BTreeSet<&str> = wanted.iter().map(|(action, ..)| &**action).collect();
    for facts in all(packed).flat_map(|statement| &statement.action).flat_map(|action| catalog::matching(action)) {
        let action: &Action = &facts.action;
        if !wanted_actions.contains(&*action.to_string()) {
            assert!(facts.level.only_looks() && !is_privileged(action), "{action} was added");
            assert!(!["iam", "kms", "sts", "organizations"].contains(&action.service_prefix()), "{action} was added");
        }
    }
}

/// Actions of all kinds, with what they act on.
fn permission() -> impl Strategy<Value = Permission> {
    let account = "eu-west-1:111122223333";
    let object = prop::sample::select(vec!["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:GetObjectTagging"]);
    let folder = prop::sample::select(vec!["a/", "a/b/", "a/b/c/", "z/", ""]);
    let table = prop::sample::select(vec!["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DescribeTable"]);
    let looks: Vec<String> = ["ec2", "iam", "cloudwatch", "ssm", "s3"]
        .iter()
        .flat_map(|service| catalog::service(service).unwrap().actions())
        .filter(|facts| facts.resources.is_empty())
        .map(|facts| facts.action.to_string())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let passed: Conditions = [(
        "StringEquals".to_owned(),
        [("iam:PassedToService".to_owned(), vec!["ec2.amazonaws.com".to_owned()])].into(),
    )]
    .into();
    let free = |action: String, resource: String| (action, resource, Conditions::new());
    prop_oneof![
        4 => (object, folder, 0..2_u8, 0..60_u16).prop_map(move |(action, folder, bucket, key)| {
            free(action.to_owned(), format!("arn:aws:s3:::bucket-{bucket}/{folder}{key}"))
        }),
        2 => (table, 0..40_u16).prop_map(move |(action, name)| {
            free(action.to_owned(), format!("arn:aws:dynamodb:{account}:table/t{name}"))
        }),
        1 => (0..9_u8).prop_map(move |role| {
            ("iam:PassRole".to_owned(), format!("arn:aws:iam::111122223333:role/r{role}"), passed.clone())
        }),
        1 => (0..30_u8).prop_map(move |secret| free(
            "secretsmanager:GetSecretValue".to_owned(),
            format!("arn:aws:secretsmanager:{account}:secret:s/{secret}-??????")
        )),
        3 => prop::sample::select(looks).prop_map(move |action| free(action, "*".to_owned())),
    ]
}

/// The same under one of a few conditions, or none.
fn conditional() -> impl Strategy<Value = Permission> {
    let set = |key: &str, value: &str| (key.to_owned(), vec![value.to_owned()]);
    let region = set("aws:RequestedRegion", "eu-west-1");
    let endpoint = set("aws:SourceVpce", "vpce-1");
    let keys = vec![vec![], vec![region.clone()], vec![region, endpoint]];
    (permission(), prop::sample::select(keys)).prop_map(|((action, resource, mut condition), keys)| {
        if !keys.is_empty() {
            condition.entry("StringEquals".to_owned()).or_default().extend(keys);
        }
        (action, resource, condition)
    })
}

fn target() -> impl Strategy<Value = Target> {
    prop::sample::select(Target::ALL.to_vec())
}

fn kind() -> impl Strategy<Value = PrincipalKind> {
    prop::sample::select(vec![PrincipalKind::Role, PrincipalKind::User, PrincipalKind::PermissionSet])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_packed_stays_allowed_within_the_limits(
        wanted in prop::collection::btree_set(permission(), 1..400),
        target in target(),
        kind in kind(),
    ) {
        let packed = pack(statements(&wanted), target, kind, "p");
        check(&packed, &wanted);
    }

    #[test]
    fn without_pressure_exactly_what_was_seen_is_allowed(wanted in prop::collection::btree_set(permission(), 1..20)) {
        let packed = pack(statements(&wanted), Target::Managed, PrincipalKind::Role, "p");
        prop_assert_eq!(packed.policies.len(), 1);
        prop_assert!(packed.steps.iter().all(|step| step.adds.is_empty()));
        prop_assert_eq!(said(&packed), wanted);
    }

    #[test]
    fn nothing_passes_from_one_condition_to_another(
        wanted in prop::collection::btree_set(conditional(), 1..60),
        target in target(),
    ) {
        let packed = pack(statements(&wanted), target, PrincipalKind::User, "p");
        for permission in &wanted {
            prop_assert!(allowed(all(&packed), permission), "{:?} is lost", permission);
        }
        let is_written_out = |(action, resource, _): &&Permission| !format!("{action}{resource}").contains('*');
        for permission in said(&packed).iter().filter(is_written_out) {
            prop_assert!(wanted.contains(permission), "{:?} was never seen", permission);
        }
    }

    #[test]
    fn the_order_of_statements_does_not_matter(
        wanted in prop::collection::btree_set(permission(), 1..300).prop_map(|set| set.into_iter().collect::<Vec<_>>()),
        target in target(),
        seed in prop::collection::vec(any::<u64>(), 300),
    ) {
        let set: BTreeSet<_> = wanted.iter().cloned().collect();
        let mut shuffled: Vec<_> = wanted.into_iter().zip(seed).collect();
        shuffled.sort_by_key(|(_, key)| *key);
        let shuffled = shuffled.into_iter().map(|(permission, _)| statement(permission)).collect();
        let kind = PrincipalKind::User;
        prop_assert_eq!(pack(shuffled, target, kind, "p"), pack(statements(&set), target, kind, "p"));
    }

    #[test]
    fn siblings_become_one_where_asked_and_nothing_else_does(
        wanted in prop::collection::btree_set(permission(), 1..200),
        members in 2..30_usize,
    ) {
        let before = pack(statements(&wanted), Target::InlineRole, PrincipalKind::Role, "p");
        let (general, steps) = generalize(statements(&wanted), members);
        for permission in &wanted {
            prop_assert!(allowed(&general, permission), "{:?}", permission);
        }
        let told: usize = steps.iter().map(|step| step.adds.len()).sum();
        let patterns = general.iter().flat_map(|one| &one.resource).filter(|text| text.len() > 1 && text.ends_with('*'));
        prop_assert_eq!(patterns.count() == 0, told == 0);
        prop_assert!(general.iter().all(|one| one.action.iter().all(|action| !action.contains('*'))));
        if members > wanted.len() {
            prop_assert!(steps.is_empty());
        }
        prop_assert!(before.policies.iter().all(|policy| !policy.document.statement.is_empty()));
    }
}

#[test]
fn what_cannot_fit_is_handed_over_whole() {
    let role = |n| format!("arn:aws:iam::111122223333:role/a-role-of-a-rather-long-name-{n}");
    let wanted: BTreeSet<Permission> =
        (0..200).map(|n| ("sts:AssumeRole".to_owned(), role(n), Conditions::new())).collect();
    for target in Target::ALL.into_iter().filter(|target| *target != Target::Managed) {
        let packed = pack(statements(&wanted), target, PrincipalKind::Role, "p");
        assert!(!packed.fits && packed.over > 0, "{target:?}");
        assert!(packed.steps.iter().all(|step| step.adds.is_empty()), "nothing is made wider in vain");
        assert_eq!(packed.used.iter().sum::<usize>(), packed.limit + packed.over);
        check(&packed, &wanted);
    }
    let packed = pack(statements(&wanted), Target::Managed, PrincipalKind::Role, "p");
    assert!(packed.fits && packed.policies.len() > 1 && packed.steps.iter().all(|step| step.adds.is_empty()));
    check(&packed, &wanted);
}

#[test]
fn a_privileged_action_never_gets_all_resources_of_a_type() {
    for (action, patterns) in [("dynamodb:DeleteTable", 0), ("dynamodb:DescribeTable", 1)] {
        let table = |n| format!("arn:aws:dynamodb:eu-west-1:111122223333:table/t{n}");
        let wanted = (0..9).map(|n| (action.to_owned(), table(n), Conditions::new())).collect();
        let (general, _) = generalize(statements(&wanted), 2);
        let wild = general.iter().flat_map(|one| &one.resource).filter(|resource| resource.ends_with('*'));
        assert_eq!(wild.count(), patterns, "{action}");
    }
}

#[test]
fn nothing_makes_no_policy() {
    let packed = pack(Vec::new(), Target::Session, PrincipalKind::Role, "p");
    assert!(packed.fits && packed.policies.is_empty() && packed.steps.is_empty());
}

#[test]
fn what_another_statement_allows_is_dropped_and_a_deny_stays() {
    let get =
        |resource: &str| statement(("s3:GetObject".to_owned(), format!("arn:aws:s3:::{resource}"), Conditions::new()));
    let deny = Statement { effect: Effect::Deny, ..get("b/a/b") };
    let packed = pack(vec![get("b/a/*"), get("b/a/b"), deny, get("b/c")], Target::Managed, PrincipalKind::Role, "p");
    let document = PolicyDocument::new(all(&packed).cloned().collect());
    insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap(), @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "S3Read",
          "Effect": "Allow",
          "Action": [
            "s3:GetObject"
          ],
          "Resource": [
            "arn:aws:s3:::b/a/*",
            "arn:aws:s3:::b/c"
          ]
        },
        {
          "Sid": "S3Read2",
          "Effect": "Deny",
          "Action": [
            "s3:GetObject"
          ],
          "Resource": [
            "arn:aws:s3:::b/a/b"
          ]
        }
      ]
    }
    "#);
}

/// One principal that reads 3,000 prefixes of a bucket and uses 400 actions besides.
fn busy() -> BTreeSet<Permission> {
    let mut wanted = BTreeSet::new();
    let mut add = |action: &str, resource: String| wanted.insert((action.to_owned(), resource, Conditions::new()));
    for n in 0..3_000 {
        let (team, day) = (n % 25, n / 25);
        add("s3:GetObject", format!("arn:aws:s3:::lake/raw/team-{team:02}/day-{day:03}/*"));
    }
    let mut actions: BTreeMap<bool, Vec<String>> = BTreeMap::new();
    for service in ["ec2", "rds", "cloudwatch", "elasticloadbalancing", "autoscaling", "glue", "lambda"] {
        for facts in catalog::service(service).unwrap().actions().filter(|facts| facts.level.only_looks()) {
            actions.entry(facts.resources.is_empty()).or_default().push(facts.action.to_string());
        }
    }
    for (takes_none, mut names) in actions {
        names.sort();
        for name in names.iter().step_by(2).take(if takes_none { 250 } else { 150 }) {
            let service = name.split(':').next().unwrap();
            let resource = format!("arn:aws:{service}:eu-west-1:111122223333:thing/of-{service}");
            add(name, if takes_none { "*".to_owned() } else { resource });
        }
    }
    wanted
}

#[test]
fn a_busy_principal_is_packed_for_every_target() {
    let wanted = busy();
    let mut told = String::new();
    for target in Target::ALL {
        let packed = pack(statements(&wanted), target, PrincipalKind::Role, "busy");
        check(&packed, &wanted);
        let (word, limit, most) = (target.as_str(), packed.limit, packed.most);
        told += &format!("{word}: {:?} of {limit}, at most {most}, {} over\n", packed.used, packed.over);
        for step in &packed.steps {
            told += &format!("  {} ({} saved, {} added)\n", step.what, step.saved, step.adds.len());
        }
    }
    insta::assert_snapshot!(told, @r#"
    managed: [6127, 6117, 6117, 6117, 6117, 6117, 6117, 6117, 6117, 6117, 6117, 6117, 6117, 6117, 6117, 6117, 6117, 6085, 6136, 3248] of 6144, at most 20, 0 over
      join statements with the same actions or resources (256173 saved, 0 added)
      join statements of several services whose actions take no resource (494 saved, 0 added)
      write 480 ARNs of type object as 4 patterns, for s3:GetObject (20024 saved, 4 added)
      split into 20 policies, by service (0 saved, 0 added)
    inline-role: [10136] of 10240, at most 1, 0 over
      join statements with the same actions or resources (256173 saved, 0 added)
      join statements of several services whose actions take no resource (494 saved, 0 added)
      write 3000 ARNs of type object as 25 patterns, for s3:GetObject (125150 saved, 25 added)
      write 25 ARNs of type object as arn:aws:s3:::lake/raw/*, for s3:GetObject (824 saved, 1 added)
      write 32 actions as ec2:DescribeCapacityReservation*, ec2:DescribeIpam*, ec2:DescribeNetwork*, ec2:DescribeTransit*, ec2:DescribeVerified*, elasticloadbalancing:Describe*, on * (1169 saved, 30 added)
      write 3 actions as glue:GetDataQuality*, on arn:aws:glue:eu-west-1:111122223333:thing/of-glue (61 saved, 3 added)
      write 4 actions as rds:DescribeDBCluster*, on arn:aws:rds:eu-west-1:111122223333:thing/of-rds (115 saved, 4 added)
    inline-user: [137455] of 2048, at most 1, 135407 over
      join statements with the same actions or resources (256173 saved, 0 added)
      join statements of several services whose actions take no resource (494 saved, 0 added)
      nothing is made wider: with all that could be, 6620 characters would still be too many (0 saved, 0 added)
    inline-group: [137455] of 5120, at most 1, 132335 over
      join statements with the same actions or resources (256173 saved, 0 added)
      join statements of several services whose actions take no resource (494 saved, 0 added)
      nothing is made wider: with all that could be, 3548 characters would still be too many (0 saved, 0 added)
    permission-set: [10136] of 10240, at most 1, 0 over
      join statements with the same actions or resources (256173 saved, 0 added)
      join statements of several services whose actions take no resource (494 saved, 0 added)
      write 3000 ARNs of type object as 25 patterns, for s3:GetObject (125150 saved, 25 added)
      write 25 ARNs of type object as arn:aws:s3:::lake/raw/*, for s3:GetObject (824 saved, 1 added)
      write 32 actions as ec2:DescribeCapacityReservation*, ec2:DescribeIpam*, ec2:DescribeNetwork*, ec2:DescribeTransit*, ec2:DescribeVerified*, elasticloadbalancing:Describe*, on * (1169 saved, 30 added)
      write 3 actions as glue:GetDataQuality*, on arn:aws:glue:eu-west-1:111122223333:thing/of-glue (61 saved, 3 added)
      write 4 actions as rds:DescribeDBCluster*, on arn:aws:rds:eu-west-1:111122223333:thing/of-rds (115 saved, 4 added)
    session: [137455] of 2048, at most 1, 135407 over
      join statements with the same actions or resources (256173 saved, 0 added)
      join statements of several services whose actions take no resource (494 saved, 0 added)
      nothing is made wider: with all that could be, 6620 characters would still be too many (0 saved, 0 added)
    boundary: [137455] of 6144, at most 1, 131311 over
      join statements with the same actions or resources (256173 saved, 0 added)
      join statements of several services whose actions take no resource (494 saved, 0 added)
      nothing is made wider: with all that could be, 2524 characters would still be too many (0 saved, 0 added)
    "#);
}

#[test]
fn a_pattern_that_covers_another_fits_all_that_it_fits() {
    let pieces = ["", "a", "/", "*", "?", "a/", "${*}"];
    let mut texts = BTreeSet::from([String::new()]);
    for _ in 0..3 {
        texts = texts.iter().flat_map(|text| pieces.map(|piece| format!("{text}{piece}"))).collect();
    }
    let plain: Vec<&String> = texts.iter().filter(|text| !text.contains(['*', '?'])).collect();
    let mut count = 0;
    for wider in texts.iter().filter(|text| !text.contains('$')) {
        for narrower in texts.iter().filter(|narrower| !narrower.contains('$') && covers(wider, narrower)) {
            count += 1;
            assert!(plain.iter().all(|text| !matches(narrower, text) || matches(wider, text)), "{wider} {narrower}");
        }
    }
    assert!(count > 1_000, "{count}");
}
