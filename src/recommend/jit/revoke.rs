use serde_json::{Value, json};

use super::{Body, Elevation, Target, Template, quoted};
use crate::iam::PrincipalKind;

/// Ends sessions that outlive a grant: their credentials cannot be shortened, only denied everything. After the IAM user
/// guide's "Revoke IAM role temporary security credentials" and the Identity Center user guide's "Use a Deny policy to
/// revoke active user permissions".
pub(super) struct Revoke;

impl Target for Revoke {
    fn name(&self) -> &'static str {
        "revoke"
    }

    fn about(&self) -> &'static str {
        "a policy that ends the sessions which are left when the grant ends"
    }

    fn ending(&self) -> &'static str {
        ".revoke.json"
    }

    fn write(&self, grant: &Elevation<'_>, stem: &str) -> Result<Template, String> {
        let (end, name) = (grant.window.not_after, quoted(grant.principal.short_name()));
        let file = quoted(&format!("{stem}{}", self.ending()));
        let mut conditions = json!({ "DateLessThan": { "aws:TokenIssueTime": [end.to_string()] } });
        let mut notes = vec![format!(
            "attach it at {end} or later: it denies everything to sessions that began before, so that it would end all of them; to revoke earlier, write the time at which you attach it"
        )];
        let commands = match grant.principal.kind {
            PrincipalKind::User => {
                return Err(format!(
                    "the long-term keys of an IAM user have no aws:TokenIssueTime; delete the inline policy of the grant, and if the user itself is not to be trusted, run `aws iam update-access-key --user-name {name} --access-key-id '<key-id>' --status Inactive`"
                ));
            }
            PrincipalKind::PermissionSet => {
                if let Some(conditions) = conditions.as_object_mut() {
                    let person = json!({ "identitystore:UserId": ["<identity-store-user-id>"] });
                    conditions.insert("StringEquals".to_owned(), person);
                }
                notes.push(
                    "nobody can edit the role of a permission set in IAM: take the assignment away, then attach this as a service control policy, or put the statement into the permission set's inline policy; it names one person, so that others go on"
                        .to_owned(),
                );
                let account = grant.account().unwrap_or("<account-id>");
                let policy = format!("jit-revoke-{}", grant.id());
                vec![
                    format!(
                        "aws organizations create-policy --type SERVICE_CONTROL_POLICY --name {policy} --description 'Ends sessions of a just-in-time elevation' --content file://{file}"
                    ),
                    format!(
                        "aws organizations attach-policy --policy-id '<policy-id>' --target-id {}",
                        quoted(account)
                    ),
                ]
            }
            _ => {
                notes.push(
                    "it ends all sessions of the role that began before, those of others and of programs too, which have to assume it anew"
                        .to_owned(),
                );
                let holder = format!("--role-name {name} --policy-name AWSRevokeOlderSessions");
                vec![
                    format!("aws iam put-role-policy {holder} --policy-document file://{file}"),
                    format!("aws iam delete-role-policy {holder}"),
                ]
            }
        };
        notes.push("it can go when the longest session that began before is over".to_owned());
        Ok(Template { body: Body::Json(document(conditions)), notes, commands })
    }
}

fn document(conditions: Value) -> Value {
    let statement = json!({
        "Sid": "RevokeOlderSessions",
        "Effect": "Deny",
        "Action": ["*"],
        "Resource": ["*"],
        "Condition": conditions,
    });
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}
