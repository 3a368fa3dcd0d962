//! Conditions in the words of a language, whatever it is.
//!
//! What cannot be said is left out so that rows are added and never lost: a reader can look through rows that are there. So a
//! test that nobody can write makes an `all` wider, and an `any` as wide as it can be; behind `not` it is the other way round.

use super::clause::{Clause, Test};
use super::notes::Notes;

/// A language.
pub(super) trait Speech {
    /// Between what all has to be so.
    const AND: &'static str;
    /// Between what one has to be so of.
    const OR: &'static str;

    /// What must not be so.
    fn not(said: &str) -> String;
    /// A test. Nothing, and a note, where it cannot be said.
    fn test(&mut self, test: &Test, side: Side) -> Option<String>;
    /// What there is to say beside it.
    fn notes(&mut self) -> &mut Notes;
}

/// On which side what is said may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// It may be met by more than is meant.
    More,
    /// By less: a `not` stands before it.
    Less,
}

/// What has to be so, each part by itself. Whether something had to be left out.
pub(super) fn conjuncts<S: Speech>(speech: &mut S, clause: Option<&Clause>) -> (Vec<String>, bool) {
    let parts: &[Clause] = match clause {
        None => return (Vec::new(), false),
        Some(Clause::All(parts)) => parts,
        Some(one) => std::slice::from_ref(one),
    };
    let mut left_out = false;
    let said = parts.iter().filter_map(|part| say(speech, part, Side::More, &mut left_out));
    (said.collect(), left_out)
}

fn say<S: Speech>(speech: &mut S, clause: &Clause, side: Side, left_out: &mut bool) -> Option<String> {
    let said = match clause {
        Clause::All(parts) => several(speech, parts, side, side == Side::More, S::AND, left_out),
        Clause::Any(parts) => several(speech, parts, side, side == Side::Less, S::OR, left_out),
        Clause::Not(part) => {
            let other = if side == Side::More { Side::Less } else { Side::More };
            say(speech, part, other, left_out).map(|said| S::not(&said))
        }
        Clause::Test(test) => speech.test(test, side),
        Clause::Unread(why) => {
            speech.notes().add(format!("Left out: {why}."));
            None
        }
    };
    *left_out |= said.is_none();
    said
}

/// `may_skip` where what cannot be said may be passed over.
fn several<S: Speech>(
    speech: &mut S,
    parts: &[Clause],
    side: Side,
    may_skip: bool,
    join: &str,
    left_out: &mut bool,
) -> Option<String> {
    let said: Vec<_> = parts.iter().map(|part| say(speech, part, side, left_out)).collect();
    let kept: Vec<String> =
        if may_skip { said.into_iter().flatten().collect() } else { said.into_iter().collect::<Option<_>>()? };
    match kept.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => Some(format!("({})", kept.join(join))),
    }
}
