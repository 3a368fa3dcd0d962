//! What is written is read by what will read it, and says what was recommended.

use std::collections::BTreeSet;

use hcl::eval::{Context, Evaluate};
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::iam::{Effect, PolicyDocument, Statement, escape};

const KINDS: [&str; 3] = ["role", "user", "permission-set"];

fn row(kind: &'static str, name: &str, target: Target, resources: &[&str]) -> RecommendationRow {
    let policy = |(at, resource): (usize, &&str)| {
        let statement = Statement {
            sid: "S3Read".to_owned(),
            effect: Effect::Allow,
            action: vec!["s3:GetObject".to_owned()],
            resource: vec![(*resource).to_owned()],
            condition: [("StringEquals".to_owned(), [("aws:${k".to_owned(), vec![(*resource).to_owned()])].into())]
                .into(),
        };
        let document = PolicyDocument::new(vec![statement]);
        let (size, limit) = (document.size(), target.limit());
        PolicyRow { name: format!("{name}-{}", at + 1), target: target.as_str(), size, limit, document }
    };
    RecommendationRow {
        principal: format!("arn:aws:iam::111122223333:{kind}/{name}"),
        kind,
        account: Some("111122223333".to_owned()),
        name: name.to_owned(),
        attachable: true,
        policies: resources.iter().enumerate().map(policy).collect(),
        fits: Some(true),
        ..RecommendationRow::default()
    }
}

fn written(rows: Vec<RecommendationRow>) -> Folder {
    folder(&Report { recommendations: Some(rows), ..Report::default() }, ALL).unwrap()
}

fn ending<'f>(folder: &'f Folder, ending: &str) -> Vec<&'f File> {
    folder.files.iter().filter(|file| file.name.ends_with(ending)).collect()
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn documents(rows: &[RecommendationRow]) -> Vec<Value> {
    let policies = rows.iter().flat_map(|row| &row.policies);
    policies.map(|policy| serde_json::to_value(&policy.document).unwrap()).collect()
}

/// The documents of a Terraform file, as Terraform evaluates them.
fn evaluated(text: &str) -> Vec<Value> {
    let body = hcl::parse(text).unwrap();
    let documents = body
        .blocks()
        .flat_map(|block| block.body().attributes())
        .filter(|attribute| matches!(attribute.key(), "policy" | "inline_policy"));
    documents.map(|one| parsed(one.expr().evaluate(&Context::new()).unwrap().as_str().unwrap())).collect()
}

/// The documents of a template.
fn templated(text: &str) -> Vec<Value> {
    let template = parsed(text);
    let resources = template["Resources"].as_object().unwrap();
    let document = |resource: &Value| {
        let properties = &resource["Properties"];
        properties.get("PolicyDocument").or_else(|| properties.get("InlinePolicy")).unwrap().clone()
    };
    resources.values().map(document).collect()
}

fn resource() -> impl Strategy<Value = String> {
    let parts = "([$%]{0,3}[{}]|[a-z\"\\\\/\r\n<&*?]|POLICY|\n?POLICY\n|~|é|\u{85}|\u{202e}){0,8}";
    prop_oneof![parts, any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_form_says_what_was_recommended(one in resource(), other in resource(), name in resource()) {
        for target in Target::ALL.into_iter().filter(|target| *target != Target::Session) {
            let resources = if target == Target::Managed { vec![&*one, &*other] } else { vec![&*one] };
            let rows: Vec<_> = KINDS.into_iter().map(|kind| row(kind, &name, target, &resources)).collect();
            let folder = written(rows.clone());
            let expected = documents(&rows);
            let terraform: Vec<_> = ending(&folder, ".tf").iter().flat_map(|file| evaluated(&file.text)).collect();
            let is_name = !name.contains("${") && !name.contains("%{");
            prop_assert_eq!(&terraform, if is_name { &expected } else { &Vec::new() });
            let json: Vec<_> = ending(&folder, ".json").into_iter()
                .filter(|file| !file.name.ends_with(".cfn.json") && file.name != index::JSON)
                .map(|file| parsed(&file.text)).collect();
            prop_assert_eq!(&json, &expected);
            if !format!("{expected:?}{name}").contains("{{resolve:") {
                let templates: Vec<_> =
                    ending(&folder, ".cfn.json").iter().flat_map(|file| templated(&file.text)).collect();
                prop_assert_eq!(&templates, &expected);
            }
        }
    }

    #[test]
    fn the_files_of_a_folder_are_one_terraform_module(names in prop::collection::vec("[a-b.+]{1,2}", 1..8)) {
        let kinds = KINDS.into_iter().cycle();
        let rows = names.iter().zip(kinds).map(|(name, kind)| row(kind, name, Target::Managed, &["a", "b"]));
        let folder = written(rows.collect());
        let mut labels = BTreeSet::new();
        let mut policies = BTreeSet::new();
        for file in ending(&folder, ".tf") {
            for block in hcl::parse(&file.text).unwrap().blocks() {
                let label: Vec<_> = block.labels().iter().map(|label| label.as_str().to_owned()).collect();
                let name = block.body().attributes().find(|attribute| attribute.key() == "name");
                if let Some(hcl::Expression::String(name)) = name.map(|attribute| attribute.expr()) {
                    prop_assert!(policies.insert(name.to_lowercase()), "{}", name);
                }
                prop_assert!(labels.insert(label.clone()), "{:?}", label);
            }
        }
        prop_assert_eq!(policies.len(), names.len() * 2);
    }
}

#[test]
fn policy_variables_stay_what_they_are() {
    let resource = format!("arn:aws:s3:::b/${{aws:username}}/{}", escape("$*%{x"));
    let folder = written(vec![row("role", "Web", Target::InlineRole, &[&resource])]);
    let terraform = &ending(&folder, ".tf")[0].text;
    assert!(terraform.contains("arn:aws:s3:::b/$${aws:username}/$${$}$${*}%%{x"), "{terraform}");
    let template = &ending(&folder, ".cfn.json")[0].text;
    assert!(template.contains("arn:aws:s3:::b/${aws:username}/${$}${*}%{x"), "{template}");
}

#[test]
fn a_policy_is_attached_where_it_belongs() {
    #[track_caller]
    fn check(kind: &'static str, target: Target, terraform: &[&str], template: (&str, &str, &[&str])) {
        let folder = written(vec![row(kind, "Ops", target, &["*"])]);
        let text = &ending(&folder, ".tf")[0].text;
        let body = hcl::parse(text).unwrap();
        let blocks: Vec<_> = body.blocks().map(|block| block.labels()[0].as_str().to_owned()).collect();
        let blocks: Vec<_> = blocks.iter().map(|label| label.split('-').next().unwrap()).collect();
        assert_eq!(blocks, terraform);
        let value = parsed(&ending(&folder, ".cfn.json")[0].text);
        let (id, resource) = value["Resources"].as_object().unwrap().iter().next().unwrap();
        assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let (is, holder, parameters) = template;
        assert_eq!(resource["Type"], is);
        let holders = ["Roles", "Users", "RoleName", "UserName", "GroupName", "Name"];
        let held = holders.iter().find_map(|name| resource["Properties"].get(*name));
        assert_eq!(held.map(Value::to_string).unwrap_or_default(), holder);
        let asked = value["Parameters"].as_object().into_iter().flat_map(|all| all.keys()).collect::<Vec<_>>();
        assert_eq!(asked, parameters);
    }
    let (managed, role_policy) = ("AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy");
    let set = "AWS::SSO::PermissionSet";
    check("role", Target::Managed, &["aws_iam_policy", "aws_iam_role_policy_attachment"], (managed, r#"["Ops"]"#, &[]));
    check("user", Target::Managed, &["aws_iam_policy", "aws_iam_user_policy_attachment"], (managed, r#"["Ops"]"#, &[]));
    check("permission-set", Target::Managed, &["aws_iam_policy"], (managed, "", &[]));
    check("role", Target::Boundary, &["aws_iam_policy"], (managed, "", &[]));
    check("role", Target::InlineRole, &["aws_iam_role_policy"], (role_policy, r#""Ops""#, &[]));
    let asked = (role_policy, r#"{"Ref":"RoleName"}"#, &["RoleName"][..]);
    check("user", Target::InlineRole, &["role_name", "aws_iam_role_policy"], asked);
    check("user", Target::InlineUser, &["aws_iam_user_policy"], ("AWS::IAM::UserPolicy", r#""Ops""#, &[]));
    let asked = ("AWS::IAM::GroupPolicy", r#"{"Ref":"GroupName"}"#, &["GroupName"][..]);
    check("user", Target::InlineGroup, &["group_name", "aws_iam_group_policy"], asked);
    let inline = ["instance_arn", "permission_set_arn", "aws_ssoadmin_permission_set_inline_policy"];
    check("permission-set", Target::PermissionSet, &inline, (set, r#""Ops""#, &["InstanceArn"]));
    check("role", Target::PermissionSet, &inline, (set, r#"{"Ref":"Name"}"#, &["Name", "InstanceArn"]));
}

#[test]
fn what_has_no_file_is_in_the_index_with_why() {
    let root = RecommendationRow {
        principal: "arn:aws:iam::111122223333:root".to_owned(),
        kind: "root",
        warnings: vec!["no policy: it is root".to_owned()],
        ..RecommendationRow::default()
    };
    let long = RecommendationRow { fits: Some(false), over: 7, ..row("user", "Max", Target::Session, &["*"]) };
    let secret = row("role", "App", Target::InlineRole, &["arn:aws:s3:::b/{{resolve:ssm:x}}"]);
    let folder = written(vec![root, long, secret, row("role", "Idle", Target::Managed, &[])]);
    let index = parsed(&ending(&folder, index::JSON)[0].text);
    let notes = |at: usize| index["principals"][at]["notes"].to_string();
    assert!(notes(0).contains("it is root"));
    assert!(notes(1).contains("no terraform file: a session policy"));
    assert!(notes(2).contains("no cloudformation file: it holds `{{resolve:`"));
    assert!(notes(3).contains("nothing went through"));
    let names: Vec<_> = folder.files.iter().map(|file| &*file.name).collect();
    let expected = ["111122223333-user-max.json", "111122223333-role-app.json", "111122223333-role-app.tf"];
    assert_eq!(names, [&expected[..], &INDEXES].concat());
    assert!(folder.warnings[0].ends_with("user/Max does not fit `session`: 7 characters too many"));
    assert_eq!(folder.warnings.len(), 4);
    // White space would count.
    assert_eq!(folder.files[0].text.lines().count(), 1);
    let markdown = &ending(&folder, index::MARKDOWN)[0].text;
    for name in expected {
        assert!(markdown.contains(&format!("]({name})")), "{name}");
    }
}
