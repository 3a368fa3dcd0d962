//! What IAM asks of any policy: its grammar, its length, its characters. Source: IAM user guide, "IAM JSON policy elements
//! reference" and "Grammar of the IAM JSON policy language".

use hashbrown::HashSet;

use super::super::template::{Attached, LONGEST, Policy, is_unknown};
use super::super::{About, Rule, Template, Told};
use crate::iam::document::Listed;
use crate::iam::{Effect, Target};

pub(in super::super) const RULES: &[Rule] = &[
    Rule { name: "duplicate-key", rejects: true, says: "a key stands twice in one JSON object", check: duplicates },
    Rule {
        name: "not-understood",
        rejects: true,
        says: "something in a policy is no part of IAM's language",
        check: not_understood,
    },
    Rule { name: "no-statement", rejects: true, says: "a policy has no statement", check: no_statement },
    Rule {
        name: "not-read",
        rejects: false,
        says: "what stands elsewhere, cannot be read or is of no kind that is judged",
        check: not_read,
    },
    Rule { name: "principal", rejects: true, says: "an identity policy names a principal", check: principal },
    Rule {
        name: "sid",
        rejects: true,
        says: "a Sid has other characters than letters and digits, or stands twice",
        check: sid,
    },
    Rule { name: "charset", rejects: true, says: "a character that no policy may hold", check: charset },
    Rule { name: "too-long", rejects: true, says: "longer than AWS takes", check: too_long },
    Rule {
        name: "version-of-variables",
        rejects: true,
        says: "policy variables without the version that knows them",
        check: variables,
    },
    Rule { name: "version", rejects: false, says: "no Version 2012-10-17", check: version },
    Rule { name: "open-trust", rejects: true, says: "a role that anybody may assume", check: open_trust },
    Rule { name: "managed-policy", rejects: false, says: "an AWS managed policy, which has no window", check: managed },
    Rule {
        name: "administrator",
        rejects: true,
        says: "an AWS managed policy that allows nearly everything",
        check: administrator,
    },
];

/// The version of the language that has policy variables.
const CURRENT: &str = "2012-10-17";

fn duplicates(template: &Template, _: &About, told: &mut Told) {
    for (at, key) in &template.duplicates {
        let at = if at.is_empty() { "policy" } else { at };
        told.add(at, format!("`{key}` stands twice in one object: IAM refuses that, and readers differ in which one counts; write it once, with all values"));
    }
}

fn not_understood(template: &Template, _: &About, told: &mut Told) {
    for policy in &template.policies {
        for element in &policy.document.unread {
            told.add(
                policy.part(""),
                format!("`{element}` is not understood: check its name, and that Effect is Allow or Deny"),
            );
        }
        for statement in &policy.document.statements {
            for element in &statement.unread {
                told.add(policy.place(statement), format!("`{element}` is not understood: no such element, or not of this form, or its Not… stands beside it"));
            }
            if statement.action.as_ref().is_none_or(|all| all.entries().is_empty()) {
                told.add(policy.place(statement), "no Action: say what is allowed");
            }
            let needs_resource = policy.attached != Attached::Trust && statement.principal.is_none();
            if needs_resource && statement.resource.as_ref().is_none_or(|all| all.entries().is_empty()) {
                told.add(policy.place(statement), "no Resource: an identity policy says on what");
            }
        }
    }
}

fn no_statement(template: &Template, _: &About, told: &mut Told) {
    for policy in template.policies.iter().filter(|p| p.document.statements.is_empty() && p.document.unread.is_empty())
    {
        told.add(policy.part(""), "no statement: it allows nothing");
    }
}

fn not_read(template: &Template, _: &About, told: &mut Told) {
    for (at, why) in &template.unread {
        told.add(at, why);
    }
}

fn principal(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement) in template.statements().filter(|(policy, _)| policy.attached != Attached::Trust) {
        if statement.principal.is_some() {
            told.add(
                policy.place(statement),
                "Principal in an identity policy: AWS refuses it there; who gets the policy is who it is attached to",
            );
        }
    }
}

fn sid(template: &Template, _: &About, told: &mut Told) {
    for policy in &template.policies {
        let mut seen = HashSet::new();
        for statement in &policy.document.statements {
            let Some(sid) = statement.sid.as_deref().filter(|sid| !is_unknown(sid)) else {
                continue;
            };
            if !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                told.add(policy.place(statement), "a Sid of an identity policy has only letters and digits");
            }
            if !seen.insert(sid) {
                told.add(policy.place(statement), "another statement has the same Sid: AWS refuses that");
            }
        }
    }
}

fn charset(template: &Template, _: &About, told: &mut Told) {
    for policy in &template.policies {
        if let Some(c) = policy.foreign {
            told.add(
                policy.part(""),
                format!("U+{:04X} is no character of a policy, which go up to U+00FF", u32::from(c)),
            );
        }
    }
}

fn too_long(template: &Template, about: &About, told: &mut Told) {
    for policy in template.policies.iter().filter(|policy| policy.attached != Attached::Trust) {
        let target = policy.target(about);
        let size = if target.counts_white_space() { policy.raw.max(policy.size) } else { policy.size };
        let (limit, name) = (target.limit(), target.as_str());
        if size > limit {
            let and = if target == Target::Session { ", white space counted" } else { "" };
            let rest = if policy.size > LONGEST { "; nothing else of it is judged" } else { "" };
            told.add(
                policy.part(""),
                format!("{size} characters{and}, and {limit} is the most for `{name}`: grant less, or split it{rest}"),
            );
        }
    }
}

/// Whether it holds a policy variable: `${*}`, `${?}` and `${$}` are characters, but to the old version not even that.
fn has_variables(policy: &Policy) -> bool {
    let texts = policy.document.statements.iter().flat_map(|statement| {
        let resources = statement.resource.iter().flat_map(|all| all.entries());
        resources.chain(statement.conditions.iter().flat_map(|condition| &condition.values))
    });
    texts.into_iter().any(|text| text.contains("${"))
}

fn variables(template: &Template, _: &About, told: &mut Told) {
    for policy in template.policies.iter().filter(|policy| is_old(policy) && has_variables(policy)) {
        told.add(policy.part("Version"), format!("without \"Version\": \"{CURRENT}\" a variable such as ${{aws:username}} is literal text and fits nothing"));
    }
}

fn version(template: &Template, _: &About, told: &mut Told) {
    for policy in template.policies.iter().filter(|policy| is_old(policy) && !has_variables(policy)) {
        told.add(
            policy.part("Version"),
            format!("write \"Version\": \"{CURRENT}\": without it the language of 2008 counts"),
        );
    }
}

fn is_old(policy: &Policy) -> bool {
    policy.document.version.as_deref().is_none_or(|version| version != CURRENT && !is_unknown(version))
}

fn administrator(template: &Template, _: &About, told: &mut Told) {
    const FAR_REACHING: [&str; 4] =
        ["AdministratorAccess", "PowerUserAccess", "IAMFullAccess", "AWSOrganizationsFullAccess"];
    for (at, arn) in &template.managed {
        let name = arn.rsplit('/').next().unwrap_or_default();
        if arn.contains(":iam::aws:policy/") && FAR_REACHING.contains(&name) {
            told.add(
                at,
                format!("{name} allows nearly everything and has no window: name the actions in a policy of its own"),
            );
        }
    }
}

fn open_trust(template: &Template, _: &About, told: &mut Told) {
    let trusts =
        template.statements().filter(|(policy, one)| policy.attached == Attached::Trust && one.effect == Effect::Allow);
    for (policy, statement) in trusts.filter(|(_, statement)| statement.conditions.is_empty()) {
        let is_anybody = match &statement.principal {
            Some(Listed::Only(all)) => all.iter().any(|one| one.value == "*"),
            Some(Listed::AllBut(_)) => true,
            None => false,
        };
        if is_anybody {
            told.add(policy.place(statement), "anybody in any account may assume the role: name who may");
        }
    }
}

fn managed(template: &Template, _: &About, told: &mut Told) {
    for (at, arn) in template.managed.iter().filter(|(_, arn)| arn.contains(":iam::aws:policy/")) {
        let name = arn.rsplit('/').next().unwrap_or_default();
        told.add(
            at,
            format!(
                "{name} has no window and changes when AWS changes it: sessions that run when it is taken away keep it"
            ),
        );
    }
}
