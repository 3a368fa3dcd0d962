use std::borrow::Cow;

use hcl::{Block, Body, Expression};

use super::{Form, Named, Piece, Subject};
use crate::iam::Target;
use crate::recommend::terraform;
use crate::report::render::{clean, clean_json};

/// A `.tf` file per principal. All of them together are one module, so that every name in them is unique.
pub(super) struct Terraform;

impl Form for Terraform {
    fn name(&self) -> &'static str {
        "terraform"
    }

    fn write<'s>(&self, subject: &'s Subject<'_>) -> Result<Vec<Piece<'s>>, String> {
        if ["${", "%{"].iter().any(|template| subject.row.name.contains(template)) {
            return Err("its name is none that IAM takes, and Terraform would take it for a template".to_owned());
        }
        let comments = comments(subject).into_iter().map(|line| format!("# {}\n", clean(&line))).collect::<String>();
        let body = hcl::format::to_string(&body(subject)?).map_err(|error| error.to_string())?;
        // HCL escapes as JSON does.
        let text = format!("{comments}\n{}", clean_json(&body));
        Ok(vec![Piece { ending: Cow::from(".tf"), text, policies: &subject.policies }])
    }
}

/// What the blocks do not say themselves.
fn comments(subject: &Subject<'_>) -> Vec<String> {
    let row = subject.row;
    let mut lines = vec![format!("Policies for {}", row.principal)];
    match subject.target {
        Target::Managed if row.kind == "permission-set" => lines
            .push("Name them in the permission set, with aws_ssoadmin_customer_managed_policy_attachment.".to_owned()),
        Target::Boundary => lines.push(format!(
            "Set permissions_boundary of the {} to the ARN of the policy; alone it grants nothing.",
            row.kind
        )),
        Target::PermissionSet => {
            lines.push(
                "A permission set has one inline policy, which holds in all accounts it is assigned in.".to_owned(),
            );
        }
        _ => {}
    }
    if row.fits == Some(false) {
        lines.push(format!("AWS will not take this: it has {} characters too many.", row.over));
    }
    lines
}

fn body(subject: &Subject<'_>) -> Result<Body, String> {
    let mut blocks = Blocks { subject, all: Vec::new() };
    for (at, policy) in subject.policies.iter().enumerate() {
        // A label may not begin with a digit, as most stems do.
        let label = format!("policy-{}-{}", at + 1, subject.stem);
        match subject.target {
            Target::Managed => blocks.managed(&label, policy, true)?,
            Target::Boundary => blocks.managed(&label, policy, false)?,
            Target::InlineRole => blocks.inline(&label, policy, "role")?,
            Target::InlineUser => blocks.inline(&label, policy, "user")?,
            Target::InlineGroup => blocks.inline(&label, policy, "group")?,
            Target::PermissionSet => blocks.permission_set(&label, policy)?,
            Target::Session => return Err("a session policy is passed when a session begins".to_owned()),
        }
    }
    Ok(blocks.all.into_iter().collect())
}

struct Blocks<'s> {
    subject: &'s Subject<'s>,
    all: Vec<Block>,
}

impl Blocks<'_> {
    fn managed(&mut self, label: &str, policy: &Named<'_>, attach: bool) -> Result<(), String> {
        let attributes = [("name", Expression::from(&*policy.name)), ("policy", document(self.subject, policy)?)];
        self.resource("aws_iam_policy", label, attributes);
        let (kind, name) = (self.subject.row.kind, &*self.subject.row.name);
        if attach && matches!(kind, "role" | "user") {
            let arn = terraform::attribute("aws_iam_policy", label, "arn");
            let attributes = [(kind, Expression::from(name)), ("policy_arn", arn)];
            self.resource(&format!("aws_iam_{kind}_policy_attachment"), label, attributes);
        }
        Ok(())
    }

    fn inline(&mut self, label: &str, policy: &Named<'_>, kind: &str) -> Result<(), String> {
        let holder = match self.subject.name_as(kind) {
            Some(name) => Expression::from(name),
            None => self.variable(&format!("{kind}_name"), &format!("The {kind} that gets the policy")),
        };
        let attributes =
            [("name", Expression::from(&*policy.name)), (kind, holder), ("policy", document(self.subject, policy)?)];
        self.resource(&format!("aws_iam_{kind}_policy"), label, attributes);
        Ok(())
    }

    fn permission_set(&mut self, label: &str, policy: &Named<'_>) -> Result<(), String> {
        let attributes = [
            ("instance_arn", self.variable("instance_arn", "The Identity Center instance")),
            ("permission_set_arn", self.variable("permission_set_arn", "The permission set that gets the policy")),
            ("inline_policy", document(self.subject, policy)?),
        ];
        self.resource("aws_ssoadmin_permission_set_inline_policy", label, attributes);
        Ok(())
    }

    /// Declares what nobody but the user knows, under a name of this principal, and refers to it.
    fn variable(&mut self, name: &str, about: &str) -> Expression {
        let name = format!("{name}-{}", self.subject.stem);
        self.all.push(terraform::variable(&name, about));
        terraform::var(&name)
    }

    fn resource<const N: usize>(&mut self, kind: &str, label: &str, attributes: [(&str, Expression); N]) {
        self.all.push(terraform::resource(kind, label, attributes));
    }
}

/// The document as it stands.
fn document(subject: &Subject<'_>, policy: &Named<'_>) -> Result<Expression, String> {
    Ok(terraform::document(&subject.document(policy)?))
}
