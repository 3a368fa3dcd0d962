//! The condition keys of one request, as far as its record tells them. After the IAM user guide's "AWS global condition
//! context keys" and the CloudTrail user guide's record contents.

use std::borrow::Cow;
use std::cell::OnceCell;

use smallvec::smallvec;

use crate::classify::exposure::{Recorded, request_recorded};
use crate::decode::Json;
use crate::event::{Event, UserIdentity, is_public};
use crate::iam::evaluate::{Context, Known};
use crate::iam::{Arn, PrincipalKind};

/// What a record tells of the request for one permission.
pub(super) struct RecordContext<'e, 'a> {
    event: &'e Event<'a>,
    /// The service that a role is passed to.
    passed_to: Option<&'static str>,
    resource: &'e str,
    identity: OnceCell<UserIdentity<'a>>,
}

impl<'e, 'a> RecordContext<'e, 'a> {
    pub(super) fn new(event: &'e Event<'a>, passed_to: Option<&'static str>, resource: &'e str) -> Self {
        Self { event, passed_to, resource, identity: OnceCell::new() }
    }

    fn identity(&self) -> &UserIdentity<'a> {
        self.identity.get_or_init(|| self.event.user_identity.map(UserIdentity::read).unwrap_or_default())
    }

    /// Whether the request was signed with temporary credentials: only a session has a beginning.
    fn is_temporary(&self) -> bool {
        self.identity().creation_date.is_some()
    }

    /// Whether it was signed with a user's own key. Those of sessions begin with `ASIA`.
    fn is_long_term(&self) -> bool {
        let is_of_session = |key: Json<'_>| key.as_str().is_some_and(|key| key.starts_with("ASIA"));
        let is_temporary = self.is_temporary() || self.identity().access_key_id.is_some_and(is_of_session);
        self.kind() == PrincipalKind::User && !is_temporary
    }

    fn kind(&self) -> PrincipalKind {
        self.event.identity.principal.kind
    }

    fn is_role(&self) -> bool {
        use PrincipalKind::{PermissionSet, Role, RolePathUnknown, ServiceLinkedRole};
        matches!(self.kind(), Role | RolePathUnknown | PermissionSet | ServiceLinkedRole)
    }

    /// A service made the call for the principal, with a forward access session.
    fn via_service(&self) -> Option<bool> {
        match self.event.identity.invoked_by.as_ref() {
            None => Some(false),
            Some(_) if self.kind().is_service() => Some(false),
            // AWS does not say by whom, and so not how.
            Some(by) if by.eq_ignore_ascii_case("AWS Internal") || by.starts_with("signin.") => None,
            // A service acts under its role too, and then it is no call for somebody.
            Some(_) if matches!(self.kind(), PrincipalKind::User | PrincipalKind::PermissionSet) => Some(true),
            Some(_) => None,
        }
    }

    /// Whether an IAM user's session was made with `sts:GetFederationToken`: the user is its principal, and not who
    /// policies see.
    fn is_federated(&self) -> bool {
        self.identity().kind.is_some_and(|kind| kind.is("FederatedUser"))
    }

    fn principal_arn(&self) -> Known<'_> {
        match self.kind() {
            PrincipalKind::User if self.is_federated() => text(self.identity().arn),
            PrincipalKind::Role | PrincipalKind::User | PrincipalKind::Root | PrincipalKind::ServiceLinkedRole => {
                one(&*self.event.identity.principal.name)
            }
            // The principal stands for every copy of the role, the record for one.
            PrincipalKind::PermissionSet => text(self.identity().issuer_arn),
            _ => Known::Unknown,
        }
    }

    fn source_ip(&self) -> Known<'_> {
        match self.event.address {
            // A request through an endpoint has aws:VpcSourceIp instead.
            _ if self.event.vpc_endpoint.is_some() => Known::Absent,
            Some(address) if is_public(address) => one(address.to_string()),
            // A service has the address of the caller at hand, and the record has the name of the service.
            _ => Known::Unknown,
        }
    }

    /// What only requests through a VPC endpoint have.
    fn of_endpoint<'v>(&self, value: impl FnOnce(Json<'a>) -> Known<'v>) -> Known<'v> {
        match (self.event.vpc_endpoint, self.event.address) {
            (Some(endpoint), _) => value(endpoint),
            (None, Some(address)) if is_public(address) => Known::Absent,
            // What services do for a caller does not carry it on.
            (None, _) if self.via_service() == Some(true) => Known::Absent,
            (None, _) => Known::Unknown,
        }
    }

    /// A parameter of the request, absent where it was not given.
    fn parameter(&self, name: &str) -> Known<'_> {
        match self.event.parameters {
            None => Known::Unknown,
            // CloudTrail leaves out what is too long.
            Some(_) if request_recorded(self.event) == Recorded::Omitted => Known::Unknown,
            Some(request) => match request.get(name) {
                None => Known::Absent,
                some => text(some),
            },
        }
    }

    /// The key of a call that alone has it.
    fn of_call(&self, source: &str, names: &[&str], parameter: &str) -> Known<'_> {
        let is_meant = self.event.source().split('.').next() == Some(source) && names.contains(&self.event.name());
        if is_meant { self.parameter(parameter) } else { Known::Unknown }
    }
}

impl Context for RecordContext<'_, '_> {
    fn get(&self, key: &str) -> Known<'_> {
        let event = self.event;
        match key {
            "aws:currenttime" => one(event.time.to_string()),
            "aws:epochtime" => one(event.time.as_second().to_string()),
            "aws:requestedregion" if !event.operation.region.is_empty() => one(&*event.operation.region),
            "aws:principalarn" => self.principal_arn(),
            "aws:principalaccount" => event.identity.account.as_deref().map_or(Known::Unknown, one),
            "aws:principaltype" => match self.kind() {
                PrincipalKind::User if self.is_federated() => one("FederatedUser"),
                PrincipalKind::User => one("User"),
                PrincipalKind::Root => one("Account"),
                PrincipalKind::FederatedUser => one("FederatedUser"),
                _ if self.is_role() => one("AssumedRole"),
                _ => Known::Unknown,
            },
            "aws:principalisawsservice" => flag(self.kind() == PrincipalKind::AwsService),
            "aws:userid" => text(self.identity().principal_id),
            "aws:username" => match self.kind() {
                PrincipalKind::User if self.is_federated() => Known::Absent,
                PrincipalKind::User => text(self.identity().user_name),
                _ if self.is_role() => Known::Absent,
                _ => Known::Unknown,
            },
            "aws:viaawsservice" => self.via_service().map_or(Known::Unknown, flag),
            // Which services are in it, the record does not say; without one it is not there.
            "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast" => match self.via_service() {
                Some(false) => Known::Absent,
                _ => Known::Unknown,
            },
            "aws:sourceip" => self.source_ip(),
            "aws:sourcevpce" => self.of_endpoint(|endpoint| text(Some(endpoint))),
            "aws:vpcsourceip" => {
                self.of_endpoint(|_| event.address.map_or(Known::Unknown, |address| one(address.to_string())))
            }
            "aws:sourcevpc" | "aws:sourcevpcarn" | "aws:vpceaccount" | "aws:vpceorgid" | "aws:vpceorgpaths" => {
                self.of_endpoint(|_| Known::Unknown)
            }
            // Only a session can say it.
            // What services do for a caller may not carry it on.
            "aws:multifactorauthpresent" if event.identity.invoked_by.is_some() => Known::Unknown,
            "aws:multifactorauthpresent" => match event.identity.mfa {
                Some(mfa) => flag(mfa),
                None if self.is_long_term() => Known::Absent,
                None => Known::Unknown,
            },
            "aws:multifactorauthage" if event.identity.mfa == Some(false) => Known::Absent,
            "aws:tokenissuetime" => match self.is_temporary() {
                true => text(self.identity().creation_date),
                false if self.is_long_term() => Known::Absent,
                false => Known::Unknown,
            },
            "aws:sourceidentity" => match self.identity().source_identity {
                None if self.is_temporary() => Known::Absent,
                None => Known::Unknown,
                identity => text(identity),
            },
            // S3 writes it in brackets.
            "aws:useragent" => match event.user_agent.and_then(Json::as_str) {
                None => Known::Unknown,
                Some(agent) => match agent.strip_prefix('[').and_then(|agent| agent.strip_suffix(']')) {
                    Some(inside) => one(inside.to_owned()),
                    None => one(agent),
                },
            },
            // Set where a service calls another by itself.
            "aws:sourcearn" | "aws:sourceaccount" | "aws:sourceorgid" | "aws:sourceorgpaths"
                if self.kind() != PrincipalKind::AwsService =>
            {
                Known::Absent
            }
            "aws:resourceaccount" => match Arn::parse(self.resource).map(|arn| arn.account) {
                Ok(account) if !account.is_empty() && !account.contains(['*', '?']) => one(account),
                _ => Known::Unknown,
            },
            "iam:passedtoservice" => self.passed_to.map_or(Known::Unknown, one),
            "iam:policyarn" => self.of_call(
                "iam",
                &[
                    "AttachGroupPolicy",
                    "AttachRolePolicy",
                    "AttachUserPolicy",
                    "DetachGroupPolicy",
                    "DetachRolePolicy",
                    "DetachUserPolicy",
                ],
                "policyArn",
            ),
            "iam:permissionsboundary" => self.of_call("iam", &["CreateRole", "CreateUser"], "permissionsBoundary"),
            "iam:awsservicename" => self.of_call("iam", &["CreateServiceLinkedRole"], "aWSServiceName"),
            "sts:rolesessionname" => self.of_call("sts", &["AssumeRole"], "roleSessionName"),
            "sts:externalid" => self.of_call("sts", &["AssumeRole"], "externalId"),
            "sts:sourceidentity" => self.of_call("sts", &["AssumeRole"], "sourceIdentity"),
            "s3:prefix" => self.of_call("s3", &["ListObjects", "ListObjectsV2", "ListObjectVersions"], "prefix"),
            "s3:delimiter" => self.of_call("s3", &["ListObjects", "ListObjectsV2", "ListObjectVersions"], "delimiter"),
            _ => Known::Unknown,
        }
    }
}

fn one<'v>(value: impl Into<Cow<'v, str>>) -> Known<'v> {
    Known::Values(smallvec![value.into()])
}

fn flag<'v>(value: bool) -> Known<'v> {
    one(if value { "true" } else { "false" })
}

fn text(json: Option<Json<'_>>) -> Known<'_> {
    json.and_then(Json::as_str).map_or(Known::Unknown, one)
}
