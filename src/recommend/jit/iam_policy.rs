use super::{Body, Elevation, Target, Template, quoted};
use crate::iam::{self, PrincipalKind};

/// An identity policy that holds between two moments. It is checked at every request, so that it ends in
/// the middle of a session too; it should be detached all the same.
pub(super) struct IamPolicy;

impl Target for IamPolicy {
    fn name(&self) -> &'static str {
        "iam-policy"
    }

    fn about(&self) -> &'static str {
        "an identity policy bounded by aws:CurrentTime"
    }

    fn ending(&self) -> &'static str {
        ".iam.json"
    }

    fn write(&self, grant: &Elevation<'_>, stem: &str) -> Result<Template, String> {
        let document = grant.document(&[]);
        let mut notes = Vec::new();
        let mut commands = Vec::new();
        let (kind, inline) = match grant.principal.kind {
            PrincipalKind::User => ("user", iam::Target::InlineUser),
            _ => ("role", iam::Target::InlineRole),
        };
        if grant.principal.kind == PrincipalKind::PermissionSet {
            notes.push(
                "nobody can edit this role in IAM: it belongs to a permission set; use --target permission-set-cloudformation or permission-set-terraform"
                    .to_owned(),
            );
        } else {
            let (name, policy) = (quoted(grant.principal.short_name()), format!("jit-{}", grant.id()));
            let file = quoted(&format!("{stem}{}", self.ending()));
            let holder = format!("--{kind}-name {name} --policy-name {policy}");
            commands.push(format!("aws iam put-{kind}-policy {holder} --policy-document file://{file}"));
            commands.push(format!("aws iam delete-{kind}-policy {holder}"));
            notes.push(format!("the policy ends by itself at {}; delete it then all the same", grant.window.not_after));
        }
        let (size, limit) = (document.size(), inline.limit());
        if size > limit {
            notes.push(format!(
                "it has {size} characters, and all inline policies of a {kind} together may have {limit}: make managed policies of it, or ask for less with --need"
            ));
        }
        let body = serde_json::to_value(&document).map_err(|error| error.to_string())?;
        Ok(Template { body: Body::Json(body), notes, commands })
    }
}
