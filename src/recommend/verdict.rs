//! Who can close a gap, and how. Rules after the IAM user guide's "Policy evaluation logic" and
//! "Troubleshoot access denied error messages"; the first that fits decides.

use crate::aggregate::{Refusal, Usage};
use crate::classify::{Basis, Resource};
use crate::event::{DenialCause, Shape};
use crate::iam::{Action, Arn, DenyKind, PolicyType, Principal, PrincipalKind};

/// Who can close a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FixableBy {
    /// An Allow in an identity policy of the principal.
    IdentityPolicy,
    /// The owner of the resource, endpoint or role.
    ResourceOwner,
    /// Whoever administers the organisation or the boundary.
    Organization,
    /// The caller, by meeting a condition or using another session; no grant helps.
    Condition,
    /// Nobody: AWS sets it.
    Nobody,
    /// The log does not say enough.
    Unknown,
}

impl FixableBy {
    /// Every one.
    pub const ALL: [Self; 6] =
        [Self::IdentityPolicy, Self::ResourceOwner, Self::Organization, Self::Condition, Self::Nobody, Self::Unknown];

    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IdentityPolicy => "identity-policy",
            Self::ResourceOwner => "resource-owner",
            Self::Organization => "organization",
            Self::Condition => "condition",
            Self::Nobody => "nobody",
            Self::Unknown => "unknown",
        }
    }
}

/// What is to be done about a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Who can close it.
    pub fixable_by: FixableBy,
    /// Whose the policy is that has to change, where the record tells.
    pub owner: Option<String>,
    /// What to do, in a sentence.
    pub advice: String,
}

/// What a verdict rests on.
pub(super) struct Denied<'a> {
    pub(super) principal: &'a Principal,
    pub(super) action: Option<&'a Action>,
    pub(super) resource: Option<&'a Resource>,
    pub(super) passed_to: Option<&'a str>,
    /// `eventName`.
    pub(super) event: &'a str,
    pub(super) refusal: &'a Refusal,
    pub(super) usage: &'a Usage,
}

impl Denied<'_> {
    /// Judges. An explicit deny, and anything an organisation, a boundary, a session or an endpoint says, never
    /// leads to an Allow.
    pub(super) fn verdict(&self) -> Verdict {
        self.by_cause().or_else(|| self.by_layer()).or_else(|| self.by_principal()).unwrap_or_else(|| self.by_rest())
    }

    /// What has nothing to do with a policy of the caller.
    fn by_cause(&self) -> Option<Verdict> {
        let account = self.account();
        Some(match (self.refusal.cause, self.refusal.shape) {
            (DenialCause::Dependency, _) => {
                let event = self.event;
                verdict(
                    FixableBy::Unknown,
                    None,
                    format!(
                        "Look at the permissions of the service or role that {event} uses, and at the policies of what it needs: the caller itself was allowed."
                    ),
                )
            }
            (DenialCause::ResourceNotShared, _) => verdict(
                FixableBy::ResourceOwner,
                Some("the owner of the image".to_owned()),
                format!("Have the owner of the image share it with {account}, or use another image."),
            ),
            (_, Shape::CrossAccountPassRole) => verdict(
                FixableBy::Nobody,
                None,
                format!("Use a role of {account} itself: AWS lets nobody pass a role of another account."),
            ),
            (_, Shape::BillingNotActivated) => verdict(
                FixableBy::ResourceOwner,
                Some(format!("the root user of {account}")),
                format!("Have the root user of {account} activate IAM access to Billing."),
            ),
            (_, Shape::CustomerKeysBlocked) => verdict(
                FixableBy::Condition,
                None,
                "Upload with another encryption than customer-provided keys (SSE-C), which the bucket blocks."
                    .to_owned(),
            ),
            _ => return None,
        })
    }

    /// What the layer that refused settles by itself.
    fn by_layer(&self) -> Option<Verdict> {
        let (what, on, who) = (self.what(), self.on(), self.principal.short_name());
        let explicit = self.refusal.kind == DenyKind::Explicit;
        let policy = self.refusal.policy_arn.as_deref();
        let narrowed = |whose: &str| match policy {
            Some(policy) => format!("narrow the Deny in {policy}"),
            None => format!("find and narrow the Deny in {whose}"),
        };
        Some(match self.refusal.policy_type {
            PolicyType::Scp => {
                let owner = self.organization();
                let how = if explicit {
                    narrowed("a service control policy")
                } else {
                    format!(
                        "let the service control policies of the root, of every unit above and of {} allow {what}",
                        self.account()
                    )
                };
                verdict(
                    FixableBy::Organization,
                    Some(owner.clone()),
                    format!("Ask {owner} to {how}; nothing in the account can."),
                )
            }
            PolicyType::Rcp => {
                let owner = self.organization();
                let how = narrowed("a resource control policy");
                verdict(
                    FixableBy::Organization,
                    Some(owner.clone()),
                    format!(
                        "Meet the condition of the Deny, or ask {owner} to {how}: the organization of the resource's account decides."
                    ),
                )
            }
            PolicyType::Boundary => {
                let owner = format!("whoever governs permissions boundaries in {}", self.account());
                let how = if explicit {
                    narrowed("the permissions boundary")
                } else {
                    format!("widen the permissions boundary of {who} by {what}")
                };
                verdict(
                    FixableBy::Organization,
                    Some(owner.clone()),
                    format!("Ask {owner} to {how}; an identity policy has to allow it as well."),
                )
            }
            PolicyType::Session => {
                let named = policy.map_or_else(String::new, |policy| format!(" than {policy}"));
                verdict(
                    FixableBy::Condition,
                    None,
                    format!(
                        "Start the session of {who} with a wider session policy{named}, or without one: a session's policy only narrows."
                    ),
                )
            }
            PolicyType::VpcEndpoint => {
                let endpoint = self.usage.vpc_endpoints.iter().next().filter(|_| self.usage.vpc_endpoints.len() == 1);
                let owner = endpoint.map_or_else(
                    || "the owner of the VPC endpoint".to_owned(),
                    |id| format!("the owner of VPC endpoint {id}"),
                );
                let how = if explicit {
                    narrowed("the endpoint's policy")
                } else {
                    format!("let the endpoint's policy allow {what}{on}")
                };
                verdict(
                    FixableBy::ResourceOwner,
                    Some(owner.clone()),
                    format!("Have {owner} {how}, or take another route."),
                )
            }
            PolicyType::Trust => {
                let owner = self.owner();
                let how = if explicit {
                    narrowed("the role's trust policy")
                } else {
                    format!("let the role's trust policy name {who}")
                };
                verdict(FixableBy::ResourceOwner, Some(owner.clone()), format!("Have {owner} {how}."))
            }
            PolicyType::Resource if explicit => {
                let owner = self.owner();
                let how = narrowed("the policy of the resource");
                verdict(
                    FixableBy::ResourceOwner,
                    Some(owner.clone()),
                    format!("Meet the condition of the Deny, or have {owner} {how}: no Allow beats it."),
                )
            }
            _ if explicit => {
                let which = match self.refusal.policy_type {
                    PolicyType::Identity => format!("an identity policy of {who}"),
                    _ => "a policy that the message does not name".to_owned(),
                };
                verdict(
                    FixableBy::Condition,
                    None,
                    format!("Meet the condition of the Deny, or {}: no Allow beats it.", narrowed(&which)),
                )
            }
            _ => return None,
        })
    }

    /// What depends on who called: not everybody can be given a policy.
    fn by_principal(&self) -> Option<Verdict> {
        let why = self.principal.kind.why_no_policy()?;
        // A service may still be let in by the policy of the resource; AWS's roles belong to AWS.
        let is_fixed =
            matches!(self.principal.kind, PrincipalKind::ServiceLinkedRole | PrincipalKind::InstanceIdentity);
        let fixable_by = if is_fixed { FixableBy::Nobody } else { FixableBy::Unknown };
        Some(verdict(fixable_by, None, format!("Nothing to grant: {why}.")))
    }

    /// Of somebody who can be given a policy, where nothing denied and something did not allow, or nobody knows.
    fn by_rest(&self) -> Verdict {
        let (what, on, who) = (self.what(), self.on(), self.principal.short_name());
        match (self.refusal.kind, self.refusal.policy_type) {
            (DenyKind::Implicit, PolicyType::Identity) if self.action.is_some() => {
                let place = match self.principal.kind {
                    PrincipalKind::PermissionSet => format!("the permission set {who}"),
                    _ => format!("an identity policy of {who}"),
                };
                let passed = self.passed_to.map_or_else(String::new, |service| format!(", passed to {service} only"));
                verdict(FixableBy::IdentityPolicy, None, format!("Allow {what}{on}{passed} in {place}."))
            }
            (DenyKind::Implicit, PolicyType::Resource) => self.by_resource_policy(),
            _ => verdict(FixableBy::Unknown, None, self.how_to_find_out()),
        }
    }

    /// Where the policy of the resource allows nothing, and a policy of the caller might.
    fn by_resource_policy(&self) -> Verdict {
        let (what, on, who) = (self.what(), self.on(), self.principal.short_name());
        let service = self.action.map(Action::service_prefix);
        if service == Some("organizations") {
            let owner = "the organization's management account".to_owned();
            return verdict(
                FixableBy::Organization,
                Some(owner.clone()),
                format!("Ask {owner} for a delegation policy that allows {what}, or call from there."),
            );
        }
        let owner = self.owner();
        if self.is_elsewhere() {
            return verdict(
                FixableBy::ResourceOwner,
                Some(owner.clone()),
                format!(
                    "Have {owner} let the resource's policy allow {what}{on}; an identity policy of {who} has to allow it as well."
                ),
            );
        }
        // Key policies and trust policies have to allow by themselves, or hand the decision to IAM.
        if service.is_none_or(|service| matches!(service, "kms" | "sts")) {
            return verdict(
                FixableBy::ResourceOwner,
                Some(owner.clone()),
                format!("Have {owner} let the resource's own policy allow {what} to {who}."),
            );
        }
        verdict(
            FixableBy::IdentityPolicy,
            None,
            format!(
                "Allow {what}{on} in an identity policy of {who}: within an account that does as well as the resource's policy."
            ),
        )
    }

    /// Where the record does not say which policy refused.
    fn how_to_find_out(&self) -> String {
        let what = self.what();
        let service = self.action.map(Action::service_prefix);
        match self.refusal.shape {
            _ if self.refusal.is_encoded => "Decode the message with `aws sts decode-authorization-message`: only AWS can read it, and it says which policy refused.".to_owned(),
            Shape::KeyOrPolicy | Shape::KeyUnknown => format!("See that the key exists in this Region; then have its key policy allow {what}."),
            Shape::AccessDenied if service == Some("s3") => "Look at the bucket's policy, its public access block, object ownership, the VPC endpoint's policy, and whether the object is there: S3 does not say which it was.".to_owned(),
            _ if self.refusal.kind == DenyKind::Implicit => "Read the message: it names a kind of policy that is not known here.".to_owned(),
            _ if self.action.is_some_and(|action| action.service_prefix() == "sts") => {
                format!("See that both allow it: the trust policy of the role, which {} owns, and an identity policy of {}.", self.owner(), self.principal.short_name())
            }
            Shape::NotAuthorized | Shape::NotAllowedToExecute => format!("Find out which policy refused, such as with `aws iam simulate-principal-policy` for {what}: the message does not say."),
            Shape::NoText => format!("Find out which policy refused {what}, such as with `aws iam simulate-principal-policy`: the record holds no message."),
            _ => "Find out from the service which policy refused: the message does not say.".to_owned(),
        }
    }

    fn what(&self) -> String {
        self.action.map_or_else(|| format!("what {} needs", self.event), ToString::to_string)
    }

    fn on(&self) -> String {
        let known = self.resource.filter(|resource| resource.basis != Basis::Unknown);
        known.map_or_else(String::new, |resource| format!(" on {}", resource.in_policy()))
    }

    /// The caller's account, in words.
    fn account(&self) -> String {
        self.principal.account.as_ref().map_or_else(|| "the account".to_owned(), |account| format!("account {account}"))
    }

    fn resource_account(&self) -> Option<&str> {
        let arn = Arn::parse(&self.resource?.arn).ok()?;
        Some(arn.account).filter(|account| crate::iam::is_account_id(account))
    }

    /// Whether the resource is known to belong to another account.
    fn is_elsewhere(&self) -> bool {
        self.resource_account().is_some_and(|account| Some(account) != self.principal.account.as_deref())
    }

    /// Whose the resource is.
    fn owner(&self) -> String {
        match self.resource_account() {
            Some(account) => format!("account {account}"),
            None => "the owner of the resource".to_owned(),
        }
    }

    /// Whoever administers the organization, as far as the policy's ARN tells.
    fn organization(&self) -> String {
        let arn = self.refusal.policy_arn.as_deref().and_then(|arn| Arn::parse(arn).ok());
        let id = arn.and_then(|arn| arn.resource.strip_prefix("policy/")?.split('/').next());
        match (id, arn) {
            (Some(id), Some(arn)) => format!("the administrators of organization {id} (account {})", arn.account),
            _ => "the organization's administrators".to_owned(),
        }
    }
}

fn verdict(fixable_by: FixableBy, owner: Option<String>, advice: String) -> Verdict {
    Verdict { fixable_by, owner, advice }
}
