use hcl::Expression;

use super::{Body, Elevation, Target, Template, permission_set};
use crate::iam::PrincipalKind;
use crate::recommend::{ConditionKind, terraform};

/// A permission set and its assignment to somebody in one account, which go when Terraform destroys them.
pub(super) struct PermissionSetTerraform;

const SET: &str = "aws_ssoadmin_permission_set";

impl Target for PermissionSetTerraform {
    fn name(&self) -> &'static str {
        "permission-set-terraform"
    }

    fn about(&self) -> &'static str {
        "a permission set and its assignment, as Terraform"
    }

    fn ending(&self) -> &'static str {
        ".tf"
    }

    fn leaves_out(&self, kind: PrincipalKind) -> &'static [ConditionKind] {
        permission_set::leaves_out(kind)
    }

    fn write(&self, grant: &Elevation<'_>, stem: &str) -> Result<Template, String> {
        let mut notes = permission_set::notes(grant)?;
        notes.push("Terraform ends nothing by itself: destroy this at the end".to_owned());
        let document = grant.document(permission_set::leaves_out(grant.principal.kind));
        let json = serde_json::to_string_pretty(&document).map_err(|error| error.to_string())?;
        // A label may not begin with a digit, as most stems do.
        let label = format!("jit-{stem}");
        let variable = |name: &str| format!("jit_{name}-{stem}");
        let var = |name: &str| terraform::var(&variable(name));
        let set = || terraform::attribute(SET, &label, "arn");
        let ask = |name: &str, about: &str| terraform::variable(&variable(name), about);
        let mut blocks = vec![
            ask("instance_arn", "The Identity Center instance"),
            ask("principal_id", "The id of the user or group in the identity store"),
            ask("principal_type", "USER or GROUP"),
            terraform::variable_or(&variable("target_id"), "The account it is for", grant.account()),
        ];
        blocks.push(terraform::resource(
            SET,
            &label,
            [
                ("name", Expression::from(permission_set::name(grant))),
                ("description", Expression::from(permission_set::description(grant))),
                ("instance_arn", var("instance_arn")),
                ("session_duration", Expression::from(permission_set::session_duration(grant))),
            ],
        ));
        blocks.push(terraform::resource(
            "aws_ssoadmin_permission_set_inline_policy",
            &label,
            [
                ("instance_arn", var("instance_arn")),
                ("permission_set_arn", set()),
                ("inline_policy", terraform::document(&json)),
            ],
        ));
        blocks.push(terraform::resource(
            "aws_ssoadmin_account_assignment",
            &label,
            [
                ("instance_arn", var("instance_arn")),
                ("permission_set_arn", set()),
                ("principal_id", var("principal_id")),
                ("principal_type", var("principal_type")),
                ("target_id", var("target_id")),
                ("target_type", Expression::from("AWS_ACCOUNT")),
            ],
        ));
        let commands = vec!["terraform apply".to_owned(), "terraform destroy".to_owned()];
        Ok(Template { body: Body::Terraform(blocks.into_iter().collect()), notes, commands })
    }
}
