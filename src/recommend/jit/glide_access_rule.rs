use hcl::{Expression, expr::Object, expr::ObjectKey};

use super::{Body, Elevation, Target, Template, permission_set, team_eligibility};
use crate::iam::PrincipalKind;
use crate::recommend::{ConditionKind, terraform};

/// Who may ask for what in Common Fate (Glide), as a resource of its first Terraform provider.
pub(super) struct GlideAccessRule;

impl Target for GlideAccessRule {
    fn name(&self) -> &'static str {
        "glide-access-rule"
    }

    fn about(&self) -> &'static str {
        "an access rule of Common Fate (Glide), for a permission set that another target writes"
    }

    fn ending(&self) -> &'static str {
        ".glide.tf"
    }

    fn leaves_out(&self, kind: PrincipalKind) -> &'static [ConditionKind] {
        permission_set::leaves_out(kind)
    }

    fn write(&self, grant: &Elevation<'_>, stem: &str) -> Result<Template, String> {
        let mut notes = vec![team_eligibility::of_another_target()];
        notes.extend(permission_set::notes(grant)?);
        notes.push("fill in what stands between < and >; whoever approves must not be whoever asks".to_owned());
        let object = |fields: Vec<(&str, Expression)>| {
            let fields =
                fields.into_iter().map(|(name, value)| (ObjectKey::from(hcl::Identifier::sanitized(name)), value));
            Expression::Object(fields.collect::<Object<_, _>>())
        };
        let list = |text: &str| Expression::Array(vec![Expression::from(text)]);
        let field = |name: &str, value: &str| object(vec![("field", Expression::from(name)), ("value", list(value))]);
        let account = grant.account().unwrap_or("<account-id>");
        let rule = terraform::resource(
            "commonfate_access_rule",
            &format!("jit-{stem}"),
            [
                ("name", Expression::from(permission_set::name(grant))),
                ("description", Expression::from(permission_set::description(grant))),
                ("groups", list("<group-that-may-ask>")),
                ("approval", object(vec![("groups", list("<group-that-approves>"))])),
                (
                    "target",
                    Expression::Array(vec![
                        field("accountId", account),
                        field("permissionSetArn", "<permission-set-arn>"),
                    ]),
                ),
                ("target_provider_id", Expression::from("aws-sso-v2")),
                ("duration", Expression::from(grant.window.length().as_secs().to_string())),
            ],
        );
        let commands = vec!["terraform apply".to_owned(), "terraform destroy".to_owned()];
        Ok(Template { body: Body::Terraform([rule].into_iter().collect()), notes, commands })
    }
}
