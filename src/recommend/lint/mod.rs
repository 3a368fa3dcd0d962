//! What reviewers reject in templates for elevations, and what AWS would not take. Reads a template as it stands in its
//! file, whoever wrote it: `read` brings all forms to one `Template`, and each [`Rule`] looks at that. Rules stand in
//! groups, one file each; [`ALL`] is the only list.
//!
//! What a template leaves to its deployment (`!Ref`, `${var.x}`) stays unknown, and nothing is said of it.

mod read;
mod rules;
mod template;

use jiff::Timestamp;

use crate::iam::PrincipalKind;
use template::{Template, UNKNOWN};

/// What is known of a template beside its text.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The time.
    pub now: Timestamp,
    /// Whom it is for, where that is known.
    pub kind: Option<PrincipalKind>,
}

/// Something that a reviewer would reject, or ask about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complaint {
    /// A stable name of the rule, such as `wildcard-action`.
    pub rule: &'static str,
    /// Whether it has to change before anybody approves it; else it is worth a look.
    pub rejects: bool,
    /// Where, such as `Statement 2` or `SessionDuration`.
    pub at: String,
    /// What is wrong, why that matters, and what to do.
    pub why: String,
}

/// One rule.
pub struct Rule {
    /// A stable name.
    pub name: &'static str,
    /// Whether what it finds has to change.
    pub rejects: bool,
    /// What it looks for.
    pub says: &'static str,
    check: fn(&Template, &About, &mut Told),
}

/// All rules, group after group.
pub const ALL: &[&[Rule]] = &[
    rules::shape::RULES,
    rules::actions::RULES,
    rules::resources::RULES,
    rules::pass_role::RULES,
    rules::window::RULES,
    rules::conditions::RULES,
    rules::durations::RULES,
    rules::approval::RULES,
    rules::revoke::RULES,
];

/// What there is to complain about in a template: first what has to change. Fails with a sentence where the text is no
/// template of a form that is known.
pub fn lint(text: &str, about: &About) -> Result<Vec<Complaint>, String> {
    // Readers quote the text that they could not read.
    let template = read::read(text).map_err(|why| why.replace(|c: char| c.is_control() && c != '\n', ""))?;
    let mut complaints = Vec::new();
    for rule in ALL.iter().copied().flatten() {
        let mut told = Told::default();
        for template in std::iter::once(&template).chain(&template.choices) {
            (rule.check)(template, about, &mut told);
        }
        let of = |(at, why)| Complaint { rule: rule.name, rejects: rule.rejects, at, why };
        complaints.extend(told.0.into_iter().map(of));
    }
    complaints.sort_by_key(|complaint| !complaint.rejects);
    Ok(complaints)
}

/// What one rule found: where, and why it matters.
#[derive(Default)]
struct Told(Vec<(String, String)>);

/// Times that one rule is told of one template.
const MOST: usize = 50;
/// Characters of a place or a reason.
const LONGEST: usize = 400;

impl Told {
    /// Whether nothing more is told.
    fn is_full(&self) -> bool {
        self.0.len() >= MOST
    }

    /// Adds a complaint, once. The template's own words may be anything; what a terminal would obey is taken out.
    fn add(&mut self, at: impl AsRef<str>, why: impl AsRef<str>) {
        let told = (shown(at.as_ref()), shown(why.as_ref()));
        if !self.is_full() && !self.0.contains(&told) {
            self.0.push(told);
        }
    }
}

fn shown(text: &str) -> String {
    let clean = |c: char| if c == UNKNOWN { '…' } else { c };
    let mut chars = text.chars().filter(|c| !c.is_control()).map(clean);
    let mut shown: String = chars.by_ref().take(LONGEST).collect();
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests;
