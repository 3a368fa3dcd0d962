//! To whom a call gives something by its parameters, without a policy document: snapshots, images,
//! functions, access control lists, resource shares, grants of keys.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{call, own_account, request, texts_at};
use crate::decode::Json;
use crate::event::Event;
use crate::iam::document::whose;
use crate::iam::{Arn, Whose, is_account_id};

/// To whom something is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SharedWith {
    /// Anybody with an AWS account, or without one.
    Everyone,
    /// Another account, or somebody in it.
    OtherAccount,
    /// Members of an organization, or of a unit of one.
    Organization,
    /// Somebody in the own account.
    OwnAccount,
}

impl SharedWith {
    /// The word used in rules and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::OtherAccount => "other-account",
            Self::Organization => "organization",
            Self::OwnAccount => "own-account",
        }
    }
}

/// Where calls name whom they give something to: an account, an ARN, `*` or `all`. Members as in the API
/// models that AWS publishes with its SDKs, without regard to case.
const NAMED: &[(&str, &str, &[&str])] = &[
    (
        "ec2",
        "ModifySnapshotAttribute",
        &["createVolumePermission.add.items[].userId", "createVolumePermission.add.items[].group"],
    ),
    (
        "ec2",
        "ModifyImageAttribute",
        &[
            "launchPermission.add.items[].userId",
            "launchPermission.add.items[].group",
            "launchPermission.add.items[].organizationArn",
            "launchPermission.add.items[].organizationalUnitArn",
        ],
    ),
    ("ec2", "ModifyFpgaImageAttribute", &["loadPermission.add.items[].userId", "loadPermission.add.items[].group"]),
    (
        "ec2",
        "ModifyVpcEndpointServicePermissions",
        &["addAllowedPrincipals[]", "addAllowedPrincipals.items[]", "addAllowedPrincipals.items[].principal"],
    ),
    ("ec2", "CreateNetworkInterfacePermission", &["awsAccountId"]),
    ("rds", "ModifyDBSnapshotAttribute", &["valuesToAdd[]"]),
    ("rds", "ModifyDBClusterSnapshotAttribute", &["valuesToAdd[]"]),
    ("redshift", "AuthorizeSnapshotAccess", &["accountWithRestoreAccess"]),
    ("redshift", "AuthorizeEndpointAccess", &["account"]),
    ("redshift", "AuthorizeDataShare", &["consumerIdentifier"]),
    ("es", "AuthorizeVpcEndpointAccess", &["account"]),
    ("kms", "CreateGrant", &["granteePrincipal"]),
    ("sqs", "AddPermission", &["awsAccountIds[]", "awsAccountId[]"]),
    ("sns", "AddPermission", &["awsAccountId[]", "awsAccountIds[]"]),
    ("ssm", "ModifyDocumentPermission", &["accountIdsToAdd[]"]),
    ("ecr", "PutReplicationConfiguration", &["replicationConfiguration.rules[].destinations[].registryId"]),
    ("lakeformation", "GrantPermissions", &["principal.dataLakePrincipalIdentifier"]),
    ("lakeformation", "BatchGrantPermissions", &["entries[].principal.dataLakePrincipalIdentifier"]),
    ("s3", "PutBucketReplication", REPLICATION),
    ("s3", "PutReplicationConfiguration", REPLICATION),
    ("backup", "StartCopyJob", &["destinationBackupVaultArn"]),
    ("appstream", "UpdateImagePermissions", &["sharedAccountId"]),
    ("workspaces", "UpdateWorkspaceImagePermission", &["sharedAccountId"]),
    ("ds", "ShareDirectory", &["shareTarget.id"]),
    ("servicecatalog", "CreatePortfolioShare", &["accountId", "organizationNode.value"]),
];

const REPLICATION: &[&str] = &["replicationConfiguration.rule[].destination.account"];

/// To whom a call gives something by its parameters.
pub fn shared_with(event: &Event<'_>) -> BTreeSet<SharedWith> {
    let own: Vec<_> = own_account(event).into_iter().collect();
    let given = |text: &str| given_to(text, &own);
    match call(event) {
        ("lambda", "AddPermission") => permission(event, &own),
        ("lambda", "AddLayerVersionPermission") if has(event, "organizationId") => {
            BTreeSet::from([SharedWith::Organization])
        }
        ("lambda", "AddLayerVersionPermission") => {
            texts_at(event, &["principal"]).iter().filter_map(|p| given(p)).collect()
        }
        ("events", "PutPermission") => {
            let key = texts_at(event, &["condition.key"]);
            if key.iter().any(|key| key.eq_ignore_ascii_case("aws:PrincipalOrgID")) {
                return BTreeSet::from([SharedWith::Organization]);
            }
            texts_at(event, &["principal"]).iter().filter_map(|principal| given(principal)).collect()
        }
        ("ram", "CreateResourceShare" | "AssociateResourceShare") => {
            let stays_inside = texts_at_bool(event, "allowExternalPrincipals") == Some(false);
            let principals = texts_at(event, &["principals[]"]);
            let found = principals.iter().filter_map(|principal| given(principal));
            found
                .map(|one| if stays_inside && one == SharedWith::OtherAccount { SharedWith::Organization } else { one })
                .collect()
        }
        ("s3", _) if event.name().contains("Replication") => named(event, &own),
        ("s3", _) => access_control_list(event),
        _ => named(event, &own),
    }
}

fn named(event: &Event<'_>, own: &[&str]) -> BTreeSet<SharedWith> {
    let (service, name) = call(event);
    let Some((.., paths)) = NAMED.iter().find(|(of, known, _)| *of == service && *known == name) else {
        return BTreeSet::new();
    };
    let mut found: BTreeSet<_> = texts_at(event, paths).iter().filter_map(|text| given_to(text, own)).collect();
    if name == "ModifySnapshotAttribute" || name == "ModifyImageAttribute" || name == "ModifyFpgaImageAttribute" {
        found.extend(added_flat(event, own));
    }
    found
}

/// The older form of EC2's calls, with what to do beside to whom.
fn added_flat(event: &Event<'_>, own: &[&str]) -> BTreeSet<SharedWith> {
    let adds = texts_at(event, &["operationType"]).iter().any(|kind| kind.eq_ignore_ascii_case("add"));
    const PATHS: &[&str] = &[
        "userIds[]",
        "userId[]",
        "userIds.items[].userId",
        "userIdSet.items[].userId",
        "groupNames[]",
        "userGroups[]",
        "userGroup[]",
        "groups.items[].group",
        "userGroupSet.items[].group",
        "organizationArns[]",
        "organizationalUnitArns[]",
    ];
    if !adds {
        return BTreeSet::new();
    }
    texts_at(event, PATHS).iter().filter_map(|text| given_to(text, own)).collect()
}

/// Whom a parameter names. Services are left out: what they do is in somebody's account.
fn given_to(text: &str, own: &[&str]) -> Option<SharedWith> {
    if text.eq_ignore_ascii_case("all") {
        return Some(SharedWith::Everyone);
    }
    match whose(text, own)? {
        Whose::Everyone => Some(SharedWith::Everyone),
        Whose::OtherAccount => Some(SharedWith::OtherAccount),
        Whose::Organization => Some(SharedWith::Organization),
        Whose::OwnAccount => Some(SharedWith::OwnAccount),
        Whose::Service => None,
    }
}

/// Lambda's permission to invoke: a service acts for the account of the source, and everybody may be
/// narrowed to an organization or to such an account. Source: Lambda API reference, "AddPermission".
fn permission(event: &Event<'_>, own: &[&str]) -> BTreeSet<SharedWith> {
    if has(event, "principalOrgID") {
        return BTreeSet::from([SharedWith::Organization]);
    }
    let principals = texts_at(event, &["principal"]);
    let Some(principal) = principals.first() else { return BTreeSet::new() };
    let of_source = || {
        let accounts = texts_at(event, &["sourceAccount"]);
        let arns = texts_at(event, &["sourceArn"]);
        let in_arn = arns.iter().filter_map(|arn| Arn::parse(arn).ok()).map(|arn| arn.account);
        let mut known = accounts.iter().map(Cow::as_ref).chain(in_arn).filter(|account| is_account_id(account));
        known.next().and_then(|account| given_to(account, own))
    };
    let found = match whose(principal, own) {
        Some(Whose::Everyone) => Some(of_source().unwrap_or(SharedWith::Everyone)),
        Some(Whose::Service) => of_source().filter(|source| *source != SharedWith::OwnAccount),
        _ => given_to(principal, own),
    };
    found.into_iter().collect()
}

/// Canned lists that let everybody in, and groups that stand for everybody: `AuthenticatedUsers` is
/// whoever has an AWS account. Source: S3 user guide, "Access control list (ACL) overview".
const CANNED: &[&str] = &["public-read", "public-read-write", "authenticated-read"];
const GROUPS: &[&str] = &["/groups/global/AllUsers", "/groups/global/AuthenticatedUsers"];

/// S3's access control lists, in the body, or in headers of any call that makes a bucket or an object.
fn access_control_list(event: &Event<'_>) -> BTreeSet<SharedWith> {
    let mut found = BTreeSet::new();
    let Some(request) = request(event) else { return found };
    for (key, value) in request.pairs() {
        if key.is_ignoring_case("accessControlPolicy") {
            found.extend(grantees(value));
        } else if key.is_ignoring_case("accessControlList") {
            value.pairs().for_each(|(key, value)| header(&key.key(), value, &mut found));
        } else {
            header(&key.key(), value, &mut found);
        }
    }
    found
}

/// One header: its value as it is, or in a list.
fn header(key: &[u8], value: Json<'_>, found: &mut BTreeSet<SharedWith>) {
    let key = key.to_ascii_lowercase();
    let is_canned = key == b"x-amz-acl" || key == b"acl";
    if !is_canned && !key.starts_with(b"x-amz-grant-") {
        return;
    }
    for text in value.items().chain([value]).filter_map(Json::as_str) {
        let is_public = match is_canned {
            true => CANNED.iter().any(|canned| text.eq_ignore_ascii_case(canned)),
            false => GROUPS.iter().any(|group| text.contains(group)),
        };
        if is_public {
            found.insert(SharedWith::Everyone);
        }
    }
}

/// `{"Owner":{"ID":…},"AccessControlList":{"Grant":[{"Grantee":{"URI":…}}]}}`, a single grant without the
/// list. Whose a canonical id is, only the owner's beside it tells.
fn grantees(policy: Json<'_>) -> BTreeSet<SharedWith> {
    let owner = policy.get_ignoring_case("owner").and_then(|owner| owner.get_ignoring_case("id")?.as_str());
    let list = policy.get_ignoring_case("accessControlList").unwrap_or(policy);
    let grants = list.get_ignoring_case("grant").or_else(|| list.get_ignoring_case("grants"));
    let grants = grants.into_iter().flat_map(|grants| grants.items().chain(grants.is_object().then_some(grants)));
    let grantee = |grant: Json<'_>| {
        let grantee = grant.get_ignoring_case("grantee")?;
        let uri = grantee.get_ignoring_case("uri").and_then(Json::as_str);
        if uri.is_some_and(|uri| GROUPS.iter().any(|group| uri.ends_with(group))) {
            return Some(SharedWith::Everyone);
        }
        let id = grantee.get_ignoring_case("id").and_then(Json::as_str)?;
        Some(if id == owner.as_deref()? { SharedWith::OwnAccount } else { SharedWith::OtherAccount })
    };
    grants.filter_map(grantee).collect()
}

fn has(event: &Event<'_>, path: &'static str) -> bool {
    texts_at(event, &[path]).iter().any(|text| !text.is_empty())
}

fn texts_at_bool(event: &Event<'_>, member: &str) -> Option<bool> {
    request(event)?.get_ignoring_case(member)?.as_bool()
}

#[cfg(test)]
mod tests {
    use super::super::tests::with;
    use super::*;

    #[track_caller]
    fn check(source: &str, name: &str, request: &str, expected: &str) {
        with(source, name, request, |event| {
            let found: Vec<_> = shared_with(event).iter().map(|one| one.as_str()).collect();
            assert_eq!(found.join(" "), expected, "{name} {request}");
        });
    }

    #[test]
    fn snapshots_and_images_are_shared_by_their_attributes() {
        let item = |item: &str| {
            format!(r#"{{"createVolumePermission":{{"add":{{"items":[{item}]}}}},"snapshotId":"snap-1"}}"#)
        };
        let name = "ModifySnapshotAttribute";
        check("ec2", name, &item(r#"{"userId":"444455556666"}"#), "other-account");
        check("ec2", name, &item(r#"{"group":"all"},{"userId":"111122223333"}"#), "everyone own-account");
        check("ec2", name, r#"{"createVolumePermission":{"remove":{"items":[{"group":"all"}]}}}"#, "");
        check("ec2", name, r#"{"operationType":"add","userGroupSet":{"items":[{"group":"all"}]}}"#, "everyone");
        check("ec2", name, r#"{"operationType":"remove","userIds":["444455556666"]}"#, "");
        let organization = r#"{"launchPermission":{"add":{"items":[{"organizationArn":
            "arn:aws:organizations::123456789012:organization/o-example"}]}}}"#;
        check("ec2", "ModifyImageAttribute", organization, "organization");
        check("rds", "ModifyDBSnapshotAttribute", r#"{"attributeName":"restore","valuesToAdd":["all"]}"#, "everyone");
        check("rds", "ModifyDBClusterSnapshotAttribute", r#"{"valuesToAdd":["444455556666"]}"#, "other-account");
        check("rds", "ModifyDBSnapshotAttribute", r#"{"valuesToRemove":["444455556666"]}"#, "");
        check("redshift", "AuthorizeSnapshotAccess", r#"{"accountWithRestoreAccess":"444455556666"}"#, "other-account");
    }

    #[test]
    fn a_function_is_opened_by_its_principal_and_source() {
        for (request, expected) in [
            (r#"{"principal":"*"}"#, "everyone"),
            (r#"{"principal":"*","principalOrgID":"o-example"}"#, "organization"),
            (r#"{"principal":"*","sourceAccount":"444455556666"}"#, "other-account"),
            (r#"{"principal":"444455556666"}"#, "other-account"),
            (r#"{"principal":"arn:aws:iam::111122223333:role/x"}"#, "own-account"),
            (r#"{"principal":"s3.amazonaws.com","sourceArn":"arn:aws:s3:::b"}"#, ""),
            (r#"{"principal":"s3.amazonaws.com","sourceAccount":"111122223333"}"#, ""),
            (
                r#"{"principal":"sns.amazonaws.com","sourceArn":"arn:aws:sns:eu-west-1:444455556666:t"}"#,
                "other-account",
            ),
        ] {
            check("lambda", "AddPermission20150331v2", request, expected);
        }
        let layer = r#"{"principal":"*","organizationId":"o-example"}"#;
        check("lambda", "AddLayerVersionPermission20181031", layer, "organization");
        check("lambda", "AddLayerVersionPermission20181031", r#"{"principal":"*"}"#, "everyone");
    }

    #[test]
    fn access_control_lists_are_read_in_all_their_forms() {
        let grant = |grants: &str| {
            format!(r#"{{"AccessControlPolicy":{{"Owner":{{"ID":"a"}},"AccessControlList":{{"Grant":{grants}}}}}}}"#)
        };
        let everyone = r#"{"Grantee":{"xsi:type":"Group","URI":"http://acs.amazonaws.com/groups/global/AllUsers"}}"#;
        let logs = r#"{"Grantee":{"URI":"http://acs.amazonaws.com/groups/s3/LogDelivery"}}"#;
        for (request, expected) in [
            (r#"{"x-amz-acl":"public-read"}"#.to_owned(), "everyone"),
            (r#"{"x-amz-acl":["authenticated-read"],"acl":[""]}"#.to_owned(), "everyone"),
            (r#"{"x-amz-acl":["private"]}"#.to_owned(), ""),
            (r#"{"accessControlList":{"x-amz-grant-read":"uri=\"http://acs.amazonaws.com/groups/global/AllUsers\""}}"#.to_owned(), "everyone"),
            (grant(everyone), "everyone"),
            (grant(&format!("[{logs},{everyone}]")), "everyone"),
            (grant(logs), ""),
            (grant(r#"[{"Grantee":{"ID":"a"}},{"Grantee":{"ID":"b"}}]"#), "other-account own-account"),
        ] {
            check("s3", "PutBucketAcl", &request, expected);
        }
        check("s3", "PutObject", r#"{"key":"k","x-amz-acl":"public-read-write"}"#, "everyone");
    }

    #[test]
    fn each_service_names_others_in_its_own_way() {
        for (source, name, request, expected) in [
            ("ram", "CreateResourceShare", r#"{"name":"x","principals":["444455556666"]}"#, "other-account"),
            (
                "ram",
                "CreateResourceShare",
                r#"{"principals":["444455556666"],"allowExternalPrincipals":false}"#,
                "organization",
            ),
            (
                "ram",
                "AssociateResourceShare",
                r#"{"principals":["arn:aws:organizations::123456789012:ou/o-example/ou-1"]}"#,
                "organization",
            ),
            ("kms", "CreateGrant", r#"{"granteePrincipal":"arn:aws:iam::444455556666:role/x"}"#, "other-account"),
            ("kms", "CreateGrant", r#"{"granteePrincipal":"ec2.amazonaws.com"}"#, ""),
            ("sqs", "AddPermission", r#"{"aWSAccountIds":["444455556666"]}"#, "other-account"),
            ("sns", "AddPermission", r#"{"aWSAccountId":["111122223333"]}"#, "own-account"),
            ("events", "PutPermission", r#"{"principal":"*"}"#, "everyone"),
            (
                "events",
                "PutPermission",
                r#"{"principal":"*","condition":{"type":"StringEquals","key":"aws:PrincipalOrgID","value":"o-example"}}"#,
                "organization",
            ),
            ("ssm", "ModifyDocumentPermission", r#"{"accountIdsToAdd":["all"]}"#, "everyone"),
            (
                "lakeformation",
                "GrantPermissions",
                r#"{"principal":{"dataLakePrincipalIdentifier":"444455556666"}}"#,
                "other-account",
            ),
            (
                "ec2",
                "ModifyVpcEndpointServicePermissions",
                r#"{"ModifyVpcEndpointServicePermissionsRequest":{"AddAllowedPrincipals":{"tag":1,"content":"*"}}}"#,
                "everyone",
            ),
            (
                "s3",
                "PutBucketReplication",
                r#"{"ReplicationConfiguration":{"Rule":{"Destination":{"Account":444455556666,"Bucket":"arn:aws:s3:::c"}}}}"#,
                "other-account",
            ),
            (
                "ecr",
                "PutReplicationConfiguration",
                r#"{"replicationConfiguration":{"rules":[{"destinations":[{"registryId":"111122223333"}]}]}}"#,
                "own-account",
            ),
            ("iam", "CreateUser", r#"{"userName":"x"}"#, ""),
            ("ec2", "ModifySnapshotAttribute", "null", ""),
        ] {
            check(source, name, request, expected);
        }
    }
}
