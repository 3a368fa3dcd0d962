//! Who decides on an elevation.

use super::super::{About, Rule, Template, Told};

pub(in super::super) const RULES: &[Rule] = &[
    Rule { name: "no-approval", rejects: true, says: "nobody has to approve", check: no_approval },
    Rule { name: "no-ticket", rejects: true, says: "no ticket says why", check: no_ticket },
    Rule { name: "same-approver", rejects: true, says: "whoever asks may approve", check: same },
];

fn no_approval(template: &Template, _: &About, told: &mut Told) {
    for request in template.requests.iter().filter(|request| request.approval == Some(false)) {
        told.add(&request.at, "nobody has to approve it: set approvalRequired to true, or name who approves");
    }
}

fn no_ticket(template: &Template, _: &About, told: &mut Told) {
    for request in template.requests.iter().filter(|request| request.ticket == Some(false)) {
        told.add(&request.at, "no ticketNo: say where it was asked for, so that an audit finds why");
    }
}

fn same(template: &Template, _: &About, told: &mut Told) {
    for request in &template.requests {
        let is_same =
            |name: &&String| request.approvers.iter().any(|other| !name.is_empty() && other.eq_ignore_ascii_case(name));
        if let Some(name) = request.askers.iter().find(is_same) {
            told.add(&request.at, format!("`{name}` may ask and approve: let others approve"));
        }
    }
}
