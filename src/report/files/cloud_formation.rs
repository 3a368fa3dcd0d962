use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::{Form, Named, Piece, Subject, pretty};
use crate::iam::Target;
use crate::recommend::cloud_formation;

/// A CloudFormation template per principal, in JSON. Nothing in it is substituted, so that policy variables stand
/// as they are.
pub(super) struct CloudFormation;

/// Bytes of a template that can be passed directly.
const DIRECTLY: usize = 51_200;

impl Form for CloudFormation {
    fn name(&self) -> &'static str {
        "cloudformation"
    }

    fn write<'s>(&self, subject: &'s Subject<'_>) -> Result<Vec<Piece<'s>>, String> {
        let template = template(subject)?;
        let text = pretty(&template).map_err(|error| error.to_string())?;
        cloud_formation::check(&text)?;
        Ok(vec![Piece { ending: Cow::from(".cfn.json"), text, policies: &subject.policies }])
    }
}

fn template(subject: &Subject<'_>) -> Result<Value, String> {
    let mut parameters = Map::new();
    let mut resources = Map::new();
    for (at, policy) in subject.policies.iter().enumerate() {
        let (kind, properties) = resource(subject, policy, &mut parameters)?;
        resources.insert(format!("Policy{}", at + 1), json!({ "Type": kind, "Properties": properties }));
    }
    let about = format!("Policies for {}", subject.row.principal);
    Ok(cloud_formation::template(&about, &notes(subject, &resources), parameters, resources))
}

fn resource(
    subject: &Subject<'_>,
    policy: &Named<'_>,
    parameters: &mut Map<String, Value>,
) -> Result<(&'static str, Value), String> {
    let document = serde_json::to_value(&policy.row.document).map_err(|error| error.to_string())?;
    let mut ask = |name: &str, about: &str| {
        parameters.insert(name.to_owned(), json!({ "Type": "String", "Description": about }));
        json!({ "Ref": name })
    };
    let mut inline = |kind: &str, member: &str| {
        let holder = match subject.name_as(kind) {
            Some(name) => name.into(),
            None => ask(member, &format!("The {kind} that gets the policy")),
        };
        json!({ "PolicyName": policy.name, member: holder, "PolicyDocument": document })
    };
    Ok(match subject.target {
        Target::Managed | Target::Boundary => {
            let mut properties = json!({ "ManagedPolicyName": policy.name, "PolicyDocument": document });
            let holders = [("role", "Roles"), ("user", "Users")].into_iter();
            let held = holders.filter(|(kind, _)| subject.target == Target::Managed && subject.row.kind == *kind);
            for (member, properties) in held.map(|(_, member)| member).zip(properties.as_object_mut()) {
                properties.insert(member.to_owned(), json!([subject.row.name]));
            }
            ("AWS::IAM::ManagedPolicy", properties)
        }
        Target::InlineRole => ("AWS::IAM::RolePolicy", inline("role", "RoleName")),
        Target::InlineUser => ("AWS::IAM::UserPolicy", inline("user", "UserName")),
        Target::InlineGroup => ("AWS::IAM::GroupPolicy", inline("group", "GroupName")),
        Target::PermissionSet => {
            let name = match subject.name_as("permission-set") {
                Some(name) => name.into(),
                None => ask("Name", "The permission set that gets the policy"),
            };
            let instance = ask("InstanceArn", "The Identity Center instance");
            ("AWS::SSO::PermissionSet", json!({ "InstanceArn": instance, "Name": name, "InlinePolicy": document }))
        }
        Target::Session => return Err("a session policy is passed when a session begins".to_owned()),
    })
}

/// What the resources do not say themselves.
fn notes(subject: &Subject<'_>, resources: &Map<String, Value>) -> Vec<String> {
    let row = subject.row;
    let mut notes = Vec::new();
    match subject.target {
        Target::Managed if row.kind == "permission-set" => {
            notes.push("Name the policies in the permission set, as CustomerManagedPolicyReferences.".to_owned());
        }
        Target::Boundary => notes.push(format!(
            "Set PermissionsBoundary of the {} to the ARN of the policy; alone it grants nothing.",
            row.kind
        )),
        Target::PermissionSet => notes.push(
            "Import the permission set that there is into the stack, with its other properties; otherwise this makes a new one."
                .to_owned(),
        ),
        _ => {}
    }
    if row.fits == Some(false) {
        notes.push(format!("AWS will not take this: it has {} characters too many.", row.over));
    }
    if serde_json::to_string_pretty(resources).is_ok_and(|text| text.len() + 1_024 > DIRECTLY) {
        notes.push("This is too long to be passed directly; pass it from S3.".to_owned());
    }
    notes
}
