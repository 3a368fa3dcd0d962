//! Who is behind a session, in words.

use std::collections::BTreeSet;

use crate::aggregate::{Credentials, Holder, Usage};
use crate::iam::PrincipalKind;

/// Origins that a row names.
const NAMED: usize = 5;

/// Who is behind the sessions of some calls: the origin, and the roles on the way, such as
/// `arn:aws:iam::111122223333:user/alice > Dev`. None where the sessions were not made by calls in the archive.
pub(super) fn origins(credentials: &Credentials, usage: &Usage) -> Vec<String> {
    let chains = usage.sessions.iter().map(|session| credentials.behind(*session));
    let named: BTreeSet<String> = chains.filter_map(|chain| words(&chain)).collect();
    let more = named.len().saturating_sub(NAMED);
    let mut told: Vec<String> = named.into_iter().take(NAMED).collect();
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    told
}

fn words(chain: &[&Holder]) -> Option<String> {
    let (origin, way) = chain.split_last()?;
    let mut words = who(origin);
    // A person is told apart from the role that it came with.
    let is_apart = origin.person.is_some() && origin.principal.kind != PrincipalKind::User;
    let first = is_apart.then_some(*origin);
    let mut last = if is_apart { None } else { Some(&origin.principal) };
    for holder in first.into_iter().chain(way.iter().rev().copied()) {
        // A user's temporary key is still the user.
        if last != Some(&holder.principal) {
            words.push_str(" > ");
            words.push_str(holder.principal.short_name());
        }
        last = Some(&holder.principal);
    }
    Some(words)
}

/// A person by name, and else the principal. Of another account's caller only the account is sure.
fn who(holder: &Holder) -> String {
    match (&holder.person, holder.principal.kind) {
        (Some(person), _) => person.to_string(),
        (None, PrincipalKind::ForeignAccount) => {
            holder.principal.account.clone().unwrap_or_else(|| holder.principal.name.clone())
        }
        (None, _) => holder.principal.name.clone(),
    }
}
