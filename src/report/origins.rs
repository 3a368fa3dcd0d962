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
    for holder in way.iter().rev() {
        words.push_str(" > ");
        words.push_str(holder.principal.short_name());
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
