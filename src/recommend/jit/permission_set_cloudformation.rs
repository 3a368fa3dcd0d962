use serde_json::{Map, Value, json};

use super::{Body, Elevation, Target, Template, permission_set, quoted};
use crate::iam::PrincipalKind;
use crate::recommend::{ConditionKind, cloud_formation};

/// A permission set and its assignment to somebody in one account, which go when the stack is deleted.
pub(super) struct PermissionSetCloudFormation;

impl Target for PermissionSetCloudFormation {
    fn name(&self) -> &'static str {
        "permission-set-cloudformation"
    }

    fn about(&self) -> &'static str {
        "a permission set and its assignment, as CloudFormation"
    }

    fn ending(&self) -> &'static str {
        ".cfn.json"
    }

    fn leaves_out(&self, kind: PrincipalKind) -> &'static [ConditionKind] {
        permission_set::leaves_out(kind)
    }

    fn write(&self, grant: &Elevation<'_>, stem: &str) -> Result<Template, String> {
        let mut notes = permission_set::notes(grant)?;
        let template = template(grant)?;
        cloud_formation::check(&template.to_string())?;
        notes.push("deploy it where Identity Center is administered, in its region".to_owned());
        let (stack, file) = (format!("jit-{}", grant.id()), quoted(&format!("{stem}{}", self.ending())));
        let commands = vec![
            format!(
                "aws cloudformation deploy --stack-name {stack} --template-file {file} --parameter-overrides InstanceArn='<instance-arn>' PrincipalId='<user-or-group-id>'"
            ),
            format!("aws cloudformation delete-stack --stack-name {stack}"),
        ];
        Ok(Template { body: Body::Json(template), notes, commands })
    }
}

fn template(grant: &Elevation<'_>) -> Result<Value, String> {
    let document = serde_json::to_value(grant.document(permission_set::leaves_out(grant.principal.kind)));
    let document = document.map_err(|error| error.to_string())?;
    let mut parameters = Map::new();
    let mut ask = |name: &str, parameter: Value| parameters.insert(name.to_owned(), parameter);
    let text = |about: &str| json!({ "Type": "String", "Description": about });
    ask("InstanceArn", text("The Identity Center instance"));
    ask("PrincipalId", text("The id of the user or group in the identity store"));
    let mut kind = text("What PrincipalId names");
    let mut account = text("The account it is for");
    if let (Some(kind), Some(account)) = (kind.as_object_mut(), account.as_object_mut()) {
        kind.insert("AllowedValues".to_owned(), json!(["USER", "GROUP"]));
        kind.insert("Default".to_owned(), "USER".into());
        account.extend(grant.account().map(|id| ("Default".to_owned(), id.into())));
    }
    ask("PrincipalType", kind);
    ask("TargetId", account);
    let mut set = Map::new();
    let mut resources = Map::new();
    for (name, value) in [
        ("InstanceArn", json!({ "Ref": "InstanceArn" })),
        ("Name", permission_set::name(grant).into()),
        ("Description", permission_set::description(grant).into()),
        ("SessionDuration", permission_set::session_duration(grant).into()),
        ("InlinePolicy", document),
    ] {
        set.insert(name.to_owned(), value);
    }
    if let Some(ticket) = &grant.ticket {
        set.insert("Tags".to_owned(), json!([{ "Key": "ticket", "Value": ticket.as_str() }]));
    }
    resources.insert("PermissionSet".to_owned(), json!({ "Type": "AWS::SSO::PermissionSet", "Properties": set }));
    let assignment = json!({
        "InstanceArn": { "Ref": "InstanceArn" },
        "PermissionSetArn": { "Fn::GetAtt": ["PermissionSet", "PermissionSetArn"] },
        "PrincipalId": { "Ref": "PrincipalId" },
        "PrincipalType": { "Ref": "PrincipalType" },
        "TargetId": { "Ref": "TargetId" },
        "TargetType": "AWS_ACCOUNT",
    });
    resources.insert("Assignment".to_owned(), json!({ "Type": "AWS::SSO::Assignment", "Properties": assignment }));
    let about = format!("Just-in-time elevation for {}", grant.principal.name);
    Ok(cloud_formation::template(&about, &[], parameters, resources))
}
