//! Fields whose words SQL says better by something else than by what they are made of.

use super::quote::text;
use super::stage::{Builder, Source};
use super::{Dialect, derived};
use crate::runbook::online::clause::{How, Operand, Test};
use crate::runbook::online::table::{Level, level};

impl Builder<'_> {
    /// A test of such a field. Nothing where it is none of them.
    pub(super) fn known(&mut self, field: &str, test: &Test, source: &Source, wide: bool) -> Option<Option<String>> {
        let words = words(test)?;
        match (field, source) {
            ("outcome", Source::Events) => {
                let said: Option<Vec<_>> = words.iter().map(|word| outcome(self.dialect, word)).collect();
                said.map(|said| match said.as_slice() {
                    [one] => Some(one.clone()),
                    said => Some(format!("({})", said.join(" OR "))),
                })
            }
            ("access_level", _) => {
                self.notes
                    .add("access_level is told here from readOnly, which knows reading from writing and no more.");
                let Some((level, is_exact)) = level(&words) else { return Some(None) };
                // What is more than is meant is right on one side only.
                if !wide && !is_exact {
                    return Some(None);
                }
                let label = if level == Level::Reads { derived::READS } else { derived::WRITES };
                Some(match source {
                    Source::Events if level == Level::Reads => Some(derived::reads(self.dialect)),
                    Source::Events => Some(format!("NOT coalesce({}, FALSE)", derived::reads(self.dialect))),
                    Source::Rows { .. } => {
                        source.place(self.dialect, field).map(|place| format!("{} = {}", place.sql, text(label)))
                    }
                })
            }
            _ => None,
        }
    }
}

/// Whether a call ended so.
fn outcome(dialect: &dyn Dialect, word: &str) -> Option<String> {
    let (code, message) = (dialect.spelled("errorCode"), dialect.spelled("errorMessage"));
    Some(match word {
        "denied" => derived::denied(dialect),
        // A failed sign-in has a message and no code.
        "succeeded" => format!("({code} IS NULL AND {message} IS NULL)"),
        "dry-run" => format!("{code} LIKE '%DryRunOperation%'"),
        _ => return None,
    })
}

/// The words a test asks for, in lower case, where it asks for words and for nothing else.
fn words(test: &Test) -> Option<Vec<String>> {
    let word = |value: &Operand| match value {
        Operand::Text(text) if text.is_plain() => Some(text.as_plain()?.to_lowercase()),
        _ => None,
    };
    if test.how != How::Is || test.all || test.values.is_empty() {
        None
    } else {
        test.values.iter().map(word).collect()
    }
}
