//! Which calls hand a role to a service, and where in the request it stands. No source knows all of
//! them: AWS's reference lists `iam:PassRole` among the dependents of some actions, the method map at
//! others, and the models show members that hold a role. Their union is taken; what is read off a
//! member's name alone says so.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail, ensure};

use super::botocore::Member;
use super::handmade::rows;
use super::lookup::Mapped;
use super::method_map::MethodMap;

/// Deeper members of requests are not looked at.
const DEPTH: usize = 5;

/// Rows of `pass-role.tsv`: prefix, event, where in the request, service host, known from.
pub type Row = [String; 5];

pub fn pass_role(mapped: &[Mapped<'_>], map: &MethodMap, hosts: &Hosts<'_>, by_hand: &str) -> Result<BTreeSet<Row>> {
    let mut found: BTreeMap<[String; 3], (String, BTreeSet<&str>)> = BTreeMap::new();
    for call in mapped {
        let listed = call.action.dependents.contains("iam:PassRole");
        let in_map =
            map.of(call.model, call.event).iter().any(|entry| entry.action.eq_ignore_ascii_case("iam:PassRole"));
        // Calls about roles themselves; adding one to an instance profile does pass it.
        // Audit Manager gives people, by their roles, a part in an audit.
        if matches!(call.prefix, "auditmanager" | "iam" | "sts") && !listed {
            continue;
        }
        let known = listed || in_map;
        if !known && !changes_something(call.event) {
            continue;
        }
        for member in call.model.input(call.operation, DEPTH) {
            if !member.is_text || !holds_role(&member, known) {
                continue;
            }
            let host = hosts.of(call.prefix, call.event, &member.path).unwrap_or_default().to_owned();
            let question = [call.prefix.to_owned(), call.event.to_owned(), member.path];
            let (_, sources) = found.entry(question).or_insert((host, BTreeSet::new()));
            sources.extend(listed.then_some("reference"));
            sources.extend(in_map.then_some("map"));
            sources.extend((!known).then_some("name"));
        }
    }
    for [prefix, event, path, change] in rows(by_hand)? {
        let question = [prefix, event, path].map(str::to_owned);
        let is_known = found.contains_key(&question);
        match change {
            "add" => {
                ensure!(!is_known, "`{prefix} {event} {path}` is found anyway: drop the row");
                let host = hosts.of(prefix, event, path).unwrap_or_default().to_owned();
                found.insert(question, (host, BTreeSet::from(["hand"])));
            }
            "remove" => {
                ensure!(is_known, "`{prefix} {event} {path}` is not found anyway: drop the row");
                found.remove(&question);
            }
            _ => bail!("`{prefix} {event} {path}`: write `add` or `remove`, not `{change}`"),
        }
    }
    let row = |([prefix, event, path], (host, sources)): ([String; 3], (String, BTreeSet<&str>))| {
        [prefix, event, path, host, sources.into_iter().collect::<Vec<_>>().join(" ")]
    };
    Ok(found.into_iter().map(row).collect())
}

/// A call that reads may name a role, but passes none.
fn changes_something(event: &str) -> bool {
    !["Get", "List", "Describe", "Search", "BatchGet", "Query", "Preview", "Delete", "Test", "Validate", "Simulate"]
        .iter()
        .any(|verb| event.starts_with(verb))
}

/// Whether a member holds a role. Where a source says that the call passes one, a plain `Role` or
/// `RoleName` will do; elsewhere only what is called the ARN of a role.
fn holds_role(member: &Member, known: bool) -> bool {
    let name = member.name.trim_end_matches('s').to_ascii_lowercase();
    let arn = name.ends_with("rolearn") || name.ends_with("iamrole");
    // The role of another account that a service assumes, or a principal that is given something, is not passed.
    let first = ["source", "assume", "principal", "grantee", "caller", "creator", "consumer", "xacct"];
    let anywhere = ["customerrole", "crossaccount", "linked"];
    let is_other =
        || first.iter().any(|word| name.starts_with(word)) || anywhere.iter().any(|word| name.contains(word));
    if !known {
        return arn && !is_other();
    }
    let in_profile = member.path.to_ascii_lowercase().contains("instanceprofile");
    arn || name.ends_with("role")
        || name.ends_with("rolename")
        || (in_profile && matches!(&*name, "arn" | "name"))
        || name.ends_with("instanceprofile")
        || name.ends_with("instanceprofilename")
        || name.ends_with("instanceprofilearn")
}

/// The services that roles are passed to, made by hand: prefix, event or `*`, member or `*`, host.
pub struct Hosts<'a>(Vec<[&'a str; 4]>);

impl<'a> Hosts<'a> {
    pub fn new(table: &'a str) -> Result<Self> {
        let rows = rows::<4>(table)?;
        for [prefix, _, _, host] in &rows {
            ensure!(host.contains('.'), "`{prefix}`: `{host}` is no service host");
        }
        Ok(Self(rows))
    }

    /// The row that says most about where the role stands.
    fn of(&self, prefix: &str, event: &str, path: &str) -> Option<&'a str> {
        let last = path.rsplit('.').next().unwrap_or(path);
        let fits = |row: &&[&str; 4]| {
            row[0] == prefix
                && (row[1] == "*" || row[1] == event)
                && (row[2] == "*" || row[2] == path || row[2] == last)
        };
        let says = |row: &&[&str; 4]| (row[1] != "*", row[2] != "*");
        self.0.iter().filter(fits).max_by_key(says).map(|row| row[3])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, name: &str, known: bool, expected: bool) {
        let member = Member { path: path.into(), name: name.into(), is_text: true, is_list: false, depth: 0 };
        assert_eq!(holds_role(&member, known), expected, "{path}");
    }

    #[test]
    fn a_role_is_told_by_its_members_name() {
        check("roleArn", "RoleArn", false, true);
        check("monitoringRoleArn", "MonitoringRoleArn", false, true);
        check("agentResourceRoleArn", "agentResourceRoleArn", false, true);
        check("role", "Role", false, false);
        check("role", "Role", true, true);
        check("iamInstanceProfile.arn", "Arn", true, true);
        check("sourceArn", "SourceArn", true, false);
        check("assumeRoleArn", "AssumeRoleArn", false, false);
    }

    #[test]
    fn the_narrowest_row_names_the_service() {
        let hosts = "# c\neks\t*\t*\teks.amazonaws.com\neks\tCreateNodegroup\tnodeRole\tec2.amazonaws.com\n";
        let hosts = Hosts::new(hosts).unwrap();
        assert_eq!(hosts.of("eks", "CreateCluster", "roleArn"), Some("eks.amazonaws.com"));
        assert_eq!(hosts.of("eks", "CreateNodegroup", "nodeRole"), Some("ec2.amazonaws.com"));
        assert_eq!(hosts.of("glue", "CreateJob", "role"), None);
        assert!(Hosts::new("# c\neks\t*\t*\teks\n").is_err());
    }
}
