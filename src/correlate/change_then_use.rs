use super::story::is_same_thing;
use super::{Correlation, Found, HOUR, Says, Story};
use crate::detect::Severity;

/// A role was changed and then assumed by whoever changed it.
pub(super) struct RoleThenAssumed;

const ROLE_CHANGES: &[&str] =
    &["AttachRolePolicy", "DeleteRolePermissionsBoundary", "PutRolePolicy", "UpdateAssumeRolePolicy"];

impl Correlation for RoleThenAssumed {
    fn says(&self) -> Says {
        Says {
            detection: "changed-role-then-assumed",
            title: "Role changed, then assumed by whoever changed it",
            class: "privilege-escalation",
            attack: &["T1098.003", "T1548.005"],
            why: "Whoever may change a role and then use it has all that the role can be given. Changing what a role \
                  may do, or who may use it, and taking it within the hour is how permissions are gained that were \
                  never granted.",
            next: &[
                "Read the change: which policy or trust was set on the role.",
                "List what the sessions of the role did afterwards.",
                "Undo the change and revoke the sessions of the role.",
            ],
            false_positives: &["An administrator who makes a role and tries it out at once"],
        }
    }

    fn look<'h>(&self, story: &Story<'h>, found: &mut Vec<Found<'h>>) {
        for actions in &story.principals {
            let assumed = actions.done("sts", &["AssumeRole"]);
            for change in actions.done("iam", ROLE_CHANGES) {
                let of_that = |role: &str| change.about().is_some_and(|changed| is_same_thing(changed, role));
                for use_of in assumed.iter().filter(|one| one.about().is_some_and(of_that)) {
                    let pair = change.followed_by(use_of, HOUR).filter(|_| change.may_be_one_person(use_of));
                    found.extend(pair.map(|pair| pair.found(Severity::Critical, &change, use_of)));
                }
            }
        }
    }
}

/// A user was given permissions, and credentials were made for it, by the same principal.
pub(super) struct UserThenCredentials;

const USER_CHANGES: &[&str] = &["AddUserToGroup", "AttachUserPolicy", "DeleteUserPermissionsBoundary", "PutUserPolicy"];
const CREDENTIALS: &[&str] = &["CreateAccessKey", "CreateLoginProfile", "UpdateLoginProfile"];

impl Correlation for UserThenCredentials {
    fn says(&self) -> Says {
        Says {
            detection: "changed-user-then-credentials",
            title: "User given permissions and new credentials by the same principal",
            class: "privilege-escalation",
            attack: &["T1098.001", "T1098.003"],
            why: "Permissions for a user and a key or password for it, from one hand within the hour, make a way in \
                  that outlives the session it was made in.",
            next: &[
                "Ask whoever owns the user whether the credentials were ordered.",
                "Look for calls of the user from then on, and from which addresses.",
                "Deactivate the key or delete the password until that is clear.",
            ],
            false_positives: &["Onboarding by an administrator or a script"],
        }
    }

    fn look<'h>(&self, story: &Story<'h>, found: &mut Vec<Found<'h>>) {
        for actions in &story.principals {
            let credentials = actions.done("iam", CREDENTIALS);
            for change in actions.done("iam", USER_CHANGES) {
                for made in &credentials {
                    let Some(user) = made.about() else { continue };
                    // A group says who was added beside the ARN.
                    let name = user.rsplit('/').next().unwrap_or(user);
                    let same = change.about().is_some_and(|changed| is_same_thing(changed, user))
                        || change.trace.subjects().any(|subject| subject.eq_ignore_ascii_case(name));
                    if !same || !change.may_be_one_person(made) {
                        continue;
                    }
                    let pair = match (change.followed_by(made, HOUR), made.followed_by(&change, HOUR)) {
                        (Some(pair), _) if !pair.is_uncertain => Some(pair.found(Severity::Critical, &change, made)),
                        (_, Some(pair)) => Some(pair.found(Severity::Critical, made, &change)),
                        (pair, None) => pair.map(|pair| pair.found(Severity::Critical, &change, made)),
                    };
                    found.extend(pair.map(|pair| Found { resource: Some(user.into()), ..pair }));
                }
            }
        }
    }
}
