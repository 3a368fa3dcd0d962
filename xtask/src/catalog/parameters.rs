//! How the variables of ARN patterns follow from a call's request, or from its response where only
//! that has the id. Most do by name: variable `RoleName`, member `roleName`. Kept is what this rule
//! does not find: from the method map, from names that mean the same, and by hand.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};

use super::botocore::{Member, folded};
use super::handmade::rows;
use super::iamdata::Catalog;
use super::lookup::Mapped;
use super::method_map::MethodMap;

/// Rows of `parameters.tsv`: prefix, event (empty: all), resource type, variable (empty: the whole
/// ARN), where, form.
pub type Row = [String; 6];

/// What can be done with a value, beside taking it as it is.
pub const FORMS: &[&str] =
    &["", "after-slash", "family", "function", "last", "log-group", "no-slash", "revision", "suffix"];

/// A variable of a resource type.
type Variable = (String, String, String);

/// Where a value is and what to do with it.
type Source = (String, &'static str);

/// What one call tells of one variable.
struct Sight<'a> {
    call: Mapped<'a>,
    members: Vec<Member>,
    source: Option<Source>,
}

pub fn parameters(mapped: &[Mapped<'_>], catalog: &Catalog, map: &MethodMap, by_hand: &str) -> Result<BTreeSet<Row>> {
    let mut sights: BTreeMap<Variable, Vec<Sight<'_>>> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for call in mapped {
        let (top, deep) = (call.model.input(call.operation, 0), call.model.input(call.operation, 3));
        for kind in call.action.resource_types.keys() {
            let Some(patterns) = catalog.services.get(call.prefix).and_then(|s| s.resource_types.get(kind)) else {
                continue;
            };
            let mut answered = true;
            let variables = own_variables(patterns);
            let is_alone = variables.len() == 1;
            for variable in variables {
                let by_name = top.iter().any(|m| m.is_text && !m.is_list && m.name.eq_ignore_ascii_case(variable));
                let source =
                    if by_name { None } else { request_source(call, map, kind, (variable, is_alone), &top, &deep) };
                answered &= by_name || source.is_some();
                let key = (call.prefix.to_owned(), kind.clone(), variable.to_owned());
                sights.entry(key).or_default().push(Sight { call: *call, members: top.clone(), source });
            }
            found.extend(arns(call, map, kind, &top, &deep));
            if !answered {
                found.extend(response_source(call, kind, own_variables(patterns)));
            }
        }
    }
    for ((prefix, kind, variable), sights) in &sights {
        for ((path, form), event) in generalised(sights) {
            found.insert([prefix, event, kind, variable, &format!("request:{path}"), form].map(str::to_owned));
        }
    }
    corrected(found, by_hand)
}

/// The variables beside partition, region and account. The account is called differently here and
/// there, but always stands in its place.
pub fn own_variables(patterns: &[String]) -> BTreeSet<&str> {
    patterns.iter().flat_map(|pattern| own_of(pattern)).collect()
}

fn own_of(pattern: &str) -> impl Iterator<Item = &str> {
    let account = pattern.split(':').nth(4).unwrap_or_default();
    let names = pattern.split("${").skip(1).filter_map(|text| text.split('}').next());
    names.filter(move |name| {
        let is_account = account.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) == Some(*name);
        !is_account && !matches!(*name, "Partition" | "Region" | "Account")
    })
}

/// The method map first, as it was made by people; then names that mean the same.
fn request_source(
    call: &Mapped<'_>,
    map: &MethodMap,
    kind: &str,
    (variable, is_alone): (&str, bool),
    top: &[Member],
    deep: &[Member],
) -> Option<Source> {
    let action = format!("{}:{}", call.prefix, call.name);
    let entries = map.of(call.model, call.event).iter().filter(|entry| entry.action.eq_ignore_ascii_case(&action));
    // EC2's requests are not logged in the shape in which they are sent; only single members at the top are.
    let is_logged_so = |member: &Member| !call.model.is_ec2 || (member.depth == 0 && !member.is_list);
    for (_, template) in entries.flat_map(|entry| &entry.variables).filter(|(name, _)| name == variable) {
        let member = deep.iter().find(|m| m.is_text && m.path.eq_ignore_ascii_case(&template.path));
        if let Some(member) = member.filter(|m| is_logged_so(m) && !contradicts(variable, &m.path)) {
            return Some((member.path.clone(), if template.is_part { "last" } else { "" }));
        }
    }
    let names = meaning_the_same(call, kind, variable, is_alone);
    let member = names.iter().find_map(|name| top.iter().find(|m| m.is_text && folded(&m.name) == *name))?;
    is_logged_so(member).then(|| (member.path.clone(), ""))
}

/// Names a request may have for a variable, the surest first. A name is no id and an id no name;
/// what is called an identifier may be either.
fn meaning_the_same(call: &Mapped<'_>, kind: &str, variable: &str, is_alone: bool) -> Vec<String> {
    let (v, t) = (folded(variable), folded(kind));
    let v = v.strip_suffix("withpath").unwrap_or(&v);
    let [ends, others]: [&[&str]; 2] = match v {
        _ if v.ends_with("name") => [&["name"], &["name", "names", "identifier", ""]],
        _ if v.ends_with("id") => [&["id"], &["id", "ids", "identifier", "identifiers", ""]],
        _ => [&["identifier", "key"], &["name", "id", "identifier", "", "names", "ids"]],
    };
    let base = ends.iter().find_map(|end| v.strip_suffix(end)).unwrap_or(v);
    let mut stems = vec![base.to_owned()];
    // `ResourceId` and the like mean the type itself, and so does the only variable there is.
    let is_type = matches!(base, "" | "resource" | "relative") || base == t;
    if is_type || (is_alone && is_about(call, kind)) {
        stems.push(t.clone());
    }
    let mut names = vec![v.to_owned(), format!("{v}s")];
    names.extend(stems.iter().flat_map(|stem| others.iter().map(move |end| format!("{stem}{end}"))));
    if (is_alone || is_type) && is_about(call, kind) {
        names.extend(others.iter().map(|end| (*end).to_owned()));
    }
    names.retain(|name| !matches!(&**name, "resource" | ""));
    names
}

/// Whether a member's name says that it is a name where the variable says id, or the other way round.
fn contradicts(variable: &str, path: &str) -> bool {
    let (variable, path) = (folded(variable), folded(path));
    let ends = |text: &str, end: &str| text.ends_with(end) || text.ends_with(&format!("{end}s"));
    (ends(&variable, "id") && ends(&path, "name")) || (ends(&variable, "name") && ends(&path, "id"))
}

/// Whether a call can only mean this type, by its action or by its own name.
fn is_about(call: &Mapped<'_>, kind: &str) -> bool {
    let types = &call.action.resource_types;
    let event = folded(call.event);
    let object = ["create", "delete", "get", "describe", "update", "put", "modify", "start", "stop"]
        .iter()
        .find_map(|verb| event.strip_prefix(verb));
    types.len() == 1 || object.is_some_and(|object| object == folded(kind))
}

/// Whole ARNs in lists or further down; single ones at the top are found by any reader, whatever
/// their name.
fn arns(call: &Mapped<'_>, map: &MethodMap, kind: &str, top: &[Member], deep: &[Member]) -> Option<Row> {
    let action = format!("{}:{}", call.prefix, call.name);
    let entries = map.of(call.model, call.event).iter().filter(|entry| entry.action.eq_ignore_ascii_case(&action));
    let mut templates = entries.flat_map(|entry| &entry.arns).filter(|(name, _)| name.eq_ignore_ascii_case(kind));
    let in_map = templates.find_map(|(_, t)| deep.iter().find(|m| m.is_text && m.path.eq_ignore_ascii_case(&t.path)));
    let wanted = format!("{}arns", folded(kind));
    let named = |member: &&Member| {
        let name = folded(&member.name);
        name == wanted || (is_about(call, kind) && matches!(&*name, "arns" | "resourcearns" | "resourcearnlist"))
    };
    let member = in_map.or_else(|| top.iter().filter(|m| m.is_text && m.is_list).find(named))?;
    if member.path.contains(['.', '[']) && !call.model.is_ec2 {
        let place = format!("request:{}", member.path);
        return Some([call.prefix, call.event, kind, "", &place, ""].map(str::to_owned));
    }
    None
}

/// Where the response of a call that makes something has its ARN or its id.
fn response_source(call: &Mapped<'_>, kind: &str, variables: BTreeSet<&str>) -> Option<Row> {
    let (event, t) = (folded(call.event), folded(kind));
    let made = MAKING.iter().find_map(|verb| event.strip_prefix(verb))?;
    // What is made is this type: CreateVpc, RunInstances, CreateRelay of a mail manager's relay.
    let one = t.strip_suffix('s').unwrap_or(&t);
    let is_made = made.contains(one) || (made.len() >= 4 && t.contains(made));
    let members = call.model.output(call.operation, 1);
    let texts = || members.iter().filter(|m| m.is_text);
    let row = |variable: &str, member: &Member| {
        let place = format!("response:{}", member.path);
        Some([call.prefix, call.event, kind, variable, &place, ""].map(str::to_owned))
    };
    // A plain `arn` or `id` is that of the structure it is in, and at the top that of what was made.
    let plain = |name: &'static str| {
        let is_of = |above: &str| {
            above.ends_with(&t) || [format!("{t}details"), format!("{t}metadata")].contains(&above.to_owned())
        };
        texts().filter(move |m| folded(&m.name) == name).find(|m| match m.path.rsplit_once('.') {
            Some((above, _)) => is_of(&folded(above)),
            None => [&t, one].iter().any(|kind| made.ends_with(kind) || kind.ends_with(made)),
        })
    };
    // What is called the ARN of this type is that, made or not.
    let arns = [format!("{t}arn"), format!("{one}arn")];
    let arn = texts().find(|m| arns.contains(&folded(&m.name))).filter(|_| is_made || is_about(call, kind));
    if let Some(member) = arn.or_else(|| plain("arn").filter(|_| is_made)) {
        return row("", member);
    }
    if !is_made {
        return None;
    }
    let is_alone = variables.len() == 1;
    variables.iter().find_map(|variable| {
        let v = folded(variable);
        let is_type = v.ends_with("id") && (is_alone || v == "resourceid" || v == format!("{t}id"));
        let by_type = || texts().find(|m| folded(&m.name) == format!("{t}id")).or_else(|| plain("id"));
        let found = texts().find(|m| folded(&m.name) == v);
        row(variable, found.or_else(|| by_type().filter(|_| is_type))?)
    })
}

/// Verbs of calls after which something is there that was not before.
const MAKING: &[&str] = &[
    "create",
    "run",
    "register",
    "allocate",
    "start",
    "import",
    "copy",
    "restore",
    "request",
    "put",
    "publish",
    "purchase",
    "clone",
    "provision",
    "launch",
    "submit",
    "issue",
];

/// One row for all events where no call of the same type would be misread by it, else one per event.
fn generalised<'a>(sights: &'a [Sight<'_>]) -> Vec<(Source, &'a str)> {
    let sources: BTreeSet<_> = sights.iter().filter_map(|sight| sight.source.clone()).collect();
    let mut rows = Vec::new();
    for source in sources {
        let misread = sights.iter().any(|sight| {
            let has = sight.members.iter().any(|m| m.path == source.0);
            has && sight.source.as_ref() != Some(&source)
        });
        if misread {
            let events = sights.iter().filter(|sight| sight.source.as_ref() == Some(&source));
            rows.extend(events.map(|sight| (source.clone(), sight.call.event)));
        } else {
            rows.push((source, ""));
        }
    }
    rows
}

/// A row made by hand takes the place of all rows of the same call, type and variable; one without a
/// place says that no member has it, not even one of its name.
fn corrected(found: BTreeSet<Row>, by_hand: &str) -> Result<BTreeSet<Row>> {
    let by_hand = read_by_hand(by_hand)?;
    let question = |row: &[&str; 6]| [row[0], row[1], row[2], row[3]].map(str::to_owned);
    let taken: BTreeSet<_> = by_hand.iter().map(question).collect();
    // A row for all events replaces also what was derived for the requests of single ones.
    let is_taken = |row: &Row| {
        let [prefix, event, kind, variable, place, _] = row.clone();
        taken.contains(&[prefix.clone(), event, kind.clone(), variable.clone()])
            || (place.starts_with("request:") && taken.contains(&[prefix, String::new(), kind, variable]))
    };
    let mut rows: BTreeSet<Row> = found.into_iter().filter(|row| !is_taken(row)).collect();
    rows.extend(by_hand.into_iter().map(|row| row.map(str::to_owned)));
    Ok(rows)
}

fn read_by_hand(table: &str) -> Result<Vec<[&str; 6]>> {
    let rows = rows::<6>(table)?;
    for [prefix, event, kind, variable, place, form] in &rows {
        let known = *place == "-" || place.starts_with("request:") || place.starts_with("response:");
        ensure!(known, "`{prefix} {event} {kind} {variable}`: `{place}` is neither in the request nor in the response");
        ensure!(FORMS.contains(form), "`{prefix} {event} {kind} {variable}`: nobody knows the form `{form}`");
    }
    Ok(rows)
}

/// Every row speaks of a type of its service and of a variable of that type.
pub fn check(rows: &BTreeSet<Row>, catalog: &Catalog) -> Result<()> {
    for [prefix, event, kind, variable, ..] in rows {
        let patterns = catalog.services.get(prefix).and_then(|service| service.resource_types.get(kind));
        let patterns = patterns.with_context(|| format!("`{prefix}` has no resource type `{kind}`"))?;
        let known = variable.is_empty() || own_variables(patterns).contains(&**variable);
        ensure!(known, "`{prefix} {event} {kind}`: no ARN of this type has a variable `{variable}`");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_id() {
        assert!(contradicts("LaunchTemplateId", "launchTemplateName") && contradicts("AnalyzerName", "id"));
        assert!(!contradicts("AnalyzerName", "analyzerIdentifier") && !contradicts("KeyId", "targetKeyId"));
    }

    #[test]
    fn what_was_written_by_hand_replaces_what_was_derived() {
        let row = |event: &str, place: &str| ["s3", event, "object", "Key", place, ""].map(str::to_owned);
        let found = BTreeSet::from([row("", "request:a"), row("GetObject", "request:b")]);
        let one = corrected(found.clone(), "# c\ns3\tGetObject\tobject\tKey\trequest:key\tlast\n").unwrap();
        assert_eq!(one.iter().map(|r| &*r[4]).collect::<Vec<_>>(), ["request:a", "request:key"]);
        let all = corrected(found.clone(), "# c\ns3\t\tobject\tKey\t-\t\n").unwrap();
        assert_eq!(all, BTreeSet::from([row("", "-")]));
        assert!(corrected(found.clone(), "# c\ns3\t\tobject\tKey\tkey\t\n").is_err());
        assert!(corrected(found, "# c\ns3\t\tobject\tKey\trequest:key\twhole\n").is_err());
    }

    #[test]
    fn partition_region_and_account_are_everybodys() {
        let patterns = ["arn:${Partition}:x:${Region}:${Account}:b/${B}".to_owned(), "arn:x:::${A}/${B}".to_owned()];
        assert_eq!(own_variables(&patterns).into_iter().collect::<Vec<_>>(), ["A", "B"]);
    }
}
