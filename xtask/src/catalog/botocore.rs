//! The `botocore` package: AWS's own description of every API. Taken are the names under which an API
//! answers, its operations with HTTP verb and path, and the members of requests and responses as
//! CloudTrail writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use rayon::prelude::*;
use serde_json::{Map, Value};

pub const PACKAGE: &str = "botocore-1.44.5";

/// One version of one API.
pub struct Model {
    /// The first label of its host name, lower case; often CloudTrail's event source.
    pub endpoint: String,
    /// The name requests are signed for, lower case; often the IAM prefix.
    pub signing: String,
    /// Every name it goes by, in lower case letters and digits only.
    pub names: BTreeSet<String>,
    /// Whether it is the newest version of its API.
    pub newest: bool,
    pub operations: BTreeMap<String, Operation>,
    /// EC2's dialect writes names and lists its own way.
    pub is_ec2: bool,
    shapes: Map<String, Value>,
}

pub struct Operation {
    pub verb: String,
    pub uri: String,
    /// Takes no AWS credentials, hence no IAM permission.
    pub unsigned: bool,
    input: Option<String>,
    output: Option<String>,
}

/// A member of a request or response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// From the top, as CloudTrail writes it: `targets[].roleArn`.
    pub path: String,
    /// Its own name in the model.
    pub name: String,
    /// Text that is not one of a few fixed words.
    pub is_text: bool,
    pub is_list: bool,
    /// Structures above it.
    pub depth: usize,
}

/// All models, in the order of their folders.
pub fn read(dir: &Path) -> Result<Vec<Model>> {
    let data = dir.join(PACKAGE).join("botocore/data");
    let mut files = Vec::new();
    for service in folders(&data)? {
        let mut versions: Vec<_> =
            folders(&service)?.into_iter().map(|v| v.join("service-2.json.gz")).filter(|f| f.is_file()).collect();
        let newest = versions.pop();
        files.extend(versions.into_iter().map(|file| (file, false)));
        files.extend(newest.map(|file| (file, true)));
    }
    let read = |(file, newest): &(std::path::PathBuf, bool)| {
        model(file, *newest).with_context(|| format!("cannot read `{}`", file.display()))
    };
    files.par_iter().map(read).collect()
}

fn folders(path: &Path) -> Result<Vec<std::path::PathBuf>> {
    let entries = std::fs::read_dir(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn model(file: &Path, newest: bool) -> Result<Model> {
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(file)?).read_to_string(&mut text)?;
    let folder = file.parent().and_then(Path::parent).and_then(Path::file_name).unwrap_or_default();
    Model::from_json(&folder.to_string_lossy(), newest, serde_json::from_str(&text)?)
}

/// A name in lower case letters and digits only: `Lex Models V2` and `LexModelsV2` are the same.
pub fn folded(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

impl Model {
    pub fn from_json(folder: &str, newest: bool, mut json: Value) -> Result<Self> {
        let metadata = json.get("metadata").context("no metadata")?;
        let named = |key: &str| metadata.get(key).and_then(Value::as_str);
        let endpoint = named("endpointPrefix").context("no endpointPrefix")?.to_ascii_lowercase();
        let signing = named("signingName").map_or_else(|| endpoint.clone(), str::to_ascii_lowercase);
        let words = ["serviceId", "serviceAbbreviation", "serviceFullName", "signingName", "endpointPrefix"];
        let names = words.iter().filter_map(|key| named(key)).chain([folder]).map(folded).collect();
        let unsigned = named("signatureVersion") == Some("bearer");
        let is_ec2 = named("protocol") == Some("ec2");
        let mut operations = BTreeMap::new();
        for (name, operation) in json.get("operations").and_then(Value::as_object).context("no operations")? {
            let text = |pointer: &str| operation.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
            let no_auth = text("/authtype").is_some_and(|auth| auth == "none" || auth == "bearer");
            let operation = Operation {
                verb: text("/http/method").unwrap_or_default(),
                uri: text("/http/requestUri").unwrap_or_default(),
                unsigned: unsigned || no_auth,
                input: text("/input/shape"),
                output: text("/output/shape"),
            };
            operations.insert(name.clone(), operation);
        }
        let shapes = json.get_mut("shapes").map(Value::take);
        let Some(Value::Object(shapes)) = shapes else { anyhow::bail!("no shapes") };
        Ok(Self { endpoint, signing, names, newest, operations, is_ec2, shapes })
    }

    /// The members of a request down to `depth` structures below the top, sorted by name.
    pub fn input(&self, operation: &Operation, depth: usize) -> Vec<Member> {
        self.members(operation.input.as_deref(), depth, false)
    }

    /// The members of a response.
    pub fn output(&self, operation: &Operation, depth: usize) -> Vec<Member> {
        self.members(operation.output.as_deref(), depth, self.is_ec2)
    }

    fn members(&self, shape: Option<&str>, depth: usize, in_xml: bool) -> Vec<Member> {
        let mut found = Vec::new();
        if let Some(shape) = shape {
            self.walk(shape, "", depth, in_xml, &mut Vec::new(), &mut found);
        }
        found
    }

    fn walk<'a>(
        &'a self,
        shape: &'a str,
        above: &str,
        depth: usize,
        in_xml: bool,
        open: &mut Vec<&'a str>,
        found: &mut Vec<Member>,
    ) {
        if open.contains(&shape) {
            return;
        }
        let Some(members) = self.shapes.get(shape).and_then(|s| s.get("members")).and_then(Value::as_object) else {
            return;
        };
        open.push(shape);
        // Sorted, because JSON objects keep their order only when some other package asks for it.
        let members: BTreeMap<_, _> = members.iter().collect();
        for (name, member) in members {
            let located = member.get("locationName").and_then(Value::as_str).filter(|_| in_xml);
            let mut path = format!("{above}{}", logged(located.unwrap_or(name)));
            let Some(mut target) = member.get("shape").and_then(Value::as_str) else { continue };
            let mut is_list = false;
            while let Some(element) = self.element(target) {
                is_list = true;
                path.push_str(if in_xml { ".items[]" } else { "[]" });
                target = element;
            }
            let is_text = self.is_text(target);
            let name = name.clone();
            found.push(Member { path: path.clone(), name, is_text, is_list, depth: open.len() - 1 });
            if open.len() <= depth {
                self.walk(target, &format!("{path}."), depth, in_xml, open, found);
            }
        }
        open.pop();
    }

    /// What a list is of.
    fn element(&self, shape: &str) -> Option<&str> {
        let shape = self.shapes.get(shape)?;
        if shape.get("type").and_then(Value::as_str) != Some("list") {
            return None;
        }
        shape.pointer("/member/shape").and_then(Value::as_str)
    }

    fn is_text(&self, shape: &str) -> bool {
        let Some(shape) = self.shapes.get(shape) else { return false };
        shape.get("type").and_then(Value::as_str) == Some("string") && shape.get("enum").is_none()
    }

    /// The path of an operation with the request members in it: `/restapis/{restapi_id}` becomes
    /// `/restapis/{restApiId}`.
    pub fn path_as_logged(&self, operation: &Operation, path: &str) -> String {
        let shape = operation.input.as_ref().and_then(|shape| self.shapes.get(shape));
        let members = shape.and_then(|shape| shape.get("members")).and_then(Value::as_object).into_iter().flatten();
        let mut path = path.to_owned();
        for (name, member) in members {
            let located = member.get("locationName").and_then(Value::as_str).unwrap_or(name);
            for mark in ["", "+"] {
                path = path.replace(&format!("{{{located}{mark}}}"), &format!("{{{}}}", logged(name)));
            }
        }
        path
    }
}

/// CloudTrail writes the first letter small and leaves the rest: `DBInstanceIdentifier` becomes
/// `dBInstanceIdentifier`.
fn logged(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn model(protocol: &str) -> Model {
        let json = json!({
            "metadata": {"endpointPrefix": "runtime.lex", "signingName": "lex", "serviceId": "Lex Runtime", "protocol": protocol},
            "operations": {
                "PutTargets": {"http": {"method": "PUT", "requestUri": "/t/{Name}"}, "input": {"shape": "In"}, "output": {"shape": "In"}},
                "Login": {"http": {"method": "POST", "requestUri": "/"}, "authtype": "none"}
            },
            "shapes": {
                "In": {"type": "structure", "members": {
                    "DBName": {"shape": "Text"}, "Mode": {"shape": "Mode"}, "Targets": {"shape": "Targets", "locationName": "targetSet"}
                }},
                "Text": {"type": "string"},
                "Mode": {"type": "string", "enum": ["A"]},
                "Targets": {"type": "list", "member": {"shape": "Target"}},
                "Target": {"type": "structure", "members": {"RoleArn": {"shape": "Text", "locationName": "roleArn"}, "Again": {"shape": "Target"}}}
            }
        });
        Model::from_json("lex-runtime", true, json).unwrap()
    }

    fn paths(members: &[Member]) -> Vec<&str> {
        members.iter().map(|member| &*member.path).collect()
    }

    #[test]
    fn members_are_named_as_cloudtrail_writes_them() {
        let model = model("json");
        let put = &model.operations["PutTargets"];
        let all = ["dBName", "mode", "targets[]", "targets[].again", "targets[].roleArn"];
        assert_eq!(paths(&model.input(put, 3)), all);
        assert_eq!(paths(&model.input(put, 0)), all[..3]);
        let texts: Vec<_> = model.input(put, 3).into_iter().filter(|member| member.is_text).map(|m| m.name).collect();
        assert_eq!(texts, ["DBName", "RoleArn"]);
    }

    #[test]
    fn ec2_answers_in_item_sets() {
        let model = model("ec2");
        let put = &model.operations["PutTargets"];
        let expected = ["dBName", "mode", "targetSet.items[]", "targetSet.items[].again", "targetSet.items[].roleArn"];
        assert_eq!(paths(&model.output(put, 3)), expected);
    }

    #[test]
    fn a_model_goes_by_all_its_names() {
        let model = model("json");
        assert!(["runtimelex", "lex", "lexruntime"].iter().all(|name| model.names.contains(*name)));
        assert!(model.operations["Login"].unsigned && !model.operations["PutTargets"].unsigned);
        let path = model.path_as_logged(&model.operations["PutTargets"], "/t/{DBName}/{other}");
        assert_eq!(path, "/t/{dBName}/{other}");
    }
}
