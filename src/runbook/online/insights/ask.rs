//! A test in the words of Logs Insights. Where a field is not there, it is asked whether it is before it is asked behind
//! `not`, so that the answer is no, as offline.

use std::net::IpAddr;

use ipnet::IpNet;
use regex::Regex;

use super::field::{Spot, Values};
use super::quote::{literal, pattern, text, wild};
use crate::event::codes_of_denials;
use crate::runbook::online::clause::{How, Operand, Test};
use crate::runbook::online::notes::Notes;
use crate::runbook::online::speech::{Side, Speech};
use crate::runbook::online::sql::{KINDS, POLICIES};
use crate::runbook::online::table::{Level, level};

/// A condition on fields that are there.
pub(super) struct Asking<'a> {
    pub(super) columns: &'a [(String, Spot)],
    /// Whether whole records can be looked into: before anything is counted.
    pub(super) has_records: bool,
    pub(super) notes: &'a mut Notes,
}

impl Speech for Asking<'_> {
    const AND: &'static str = " and ";
    const OR: &'static str = " or ";

    fn not(said: &str) -> String {
        format!("not ({said})")
    }

    fn test(&mut self, test: &Test, side: Side) -> Option<String> {
        let spot = match &test.field {
            Some(field) => self.columns.iter().find(|(name, _)| name == field).map(|(_, spot)| spot.clone()),
            None => Some(Spot::new("@message", Values::Text)).filter(|_| self.has_records),
        };
        let said = spot.and_then(|spot| self.asked(&spot, test, side));
        if said.is_none() {
            let field = test.field.as_deref().unwrap_or("any text");
            self.notes.add(format!("Left out: what is asked of {field}; {}.", test.instead(field)));
        }
        said
    }

    fn notes(&mut self) -> &mut Notes {
        self.notes
    }
}

impl Asking<'_> {
    fn asked(&self, spot: &Spot, test: &Test, side: Side) -> Option<String> {
        if let How::Exists = test.how {
            let [Operand::Bool(wanted)] = test.values.as_slice() else { return None };
            return Some(format!("{}ispresent({})", if *wanted { "" } else { "not " }, spot.name));
        }
        let said = match spot.values {
            Values::Codes => outcome(&spot.name, test, side, self.has_records)?,
            Values::Callers | Values::Phrases | Values::ReadOnly if test.how == How::Is => words(spot, test, side)?,
            Values::Callers | Values::Phrases | Values::ReadOnly | Values::Ours | Values::Time => return None,
            Values::Anywhere => {
                if side == Side::Less || !self.has_records {
                    return None;
                }
                anywhere(test)?
            }
            Values::Text | Values::Closed | Values::Number => {
                let groups: Vec<Vec<&Operand>> = if test.all {
                    test.values.iter().map(|value| vec![value]).collect()
                } else {
                    vec![test.values.iter().collect()]
                };
                let parts = groups.iter().map(|values| one_of(spot, test, values)).collect::<Option<Vec<_>>>()?;
                joined(parts, " and ")?
            }
        };
        let absent = test.values.iter().any(|value| matches!(value, Operand::Null));
        Some(if side == Side::Less && !absent && spot.values != Values::Codes {
            format!("(ispresent({}) and {said})", spot.name)
        } else {
            said
        })
    }
}

fn joined(parts: Vec<String>, join: &str) -> Option<String> {
    match parts.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        parts => Some(format!("({})", parts.join(join))),
    }
}

/// Whether the code of a call says that it was denied.
pub(super) fn denied(code: &str) -> String {
    let codes: Vec<_> = codes_of_denials().chain(["Client.UnauthorizedOperation"]).filter_map(text).collect();
    format!("{code} in [{}]", codes.join(", "))
}

/// Texts a test asks for, in lower case, where it asks for nothing else.
fn texts(test: &Test) -> Option<Vec<String>> {
    let text = |value: &Operand| match value {
        Operand::Text(text) => text.as_plain().map(|text| text.to_lowercase()),
        _ => None,
    };
    if test.all { None } else { test.values.iter().map(text).collect() }
}

fn outcome(code: &str, test: &Test, side: Side, has_records: bool) -> Option<String> {
    let words = texts(test).filter(|_| test.how == How::Is)?;
    let said = words.iter().map(|word| match word.as_str() {
        "denied" => Some(denied(code)),
        // A failed sign-in has a message and no code.
        "succeeded" if has_records => Some(format!("(not ispresent({code}) and not ispresent(errorMessage))")),
        "succeeded" if side == Side::More => Some(format!("not ispresent({code})")),
        "dry-run" => Some(format!("{code} like /DryRunOperation/")),
        _ => None,
    });
    joined(said.collect::<Option<_>>()?, " or ")
}

/// Our words as what stands in the records for them.
fn words(spot: &Spot, test: &Test, side: Side) -> Option<String> {
    let words = texts(test)?;
    if spot.values == Values::ReadOnly {
        let (level, is_exact) = level(&words)?;
        if !is_exact && side == Side::Less {
            return None;
        }
        let truth = if level == Level::Reads { "true" } else { "false" };
        return Some(format!("{} like /^{truth}$/", spot.name));
    }
    let mut stand_for = Vec::new();
    for word in &words {
        match spot.values {
            Values::Callers => match KINDS.iter().find(|(_, ours)| ours == word) {
                Some((written, _)) => stand_for.push(*written),
                // These are told apart by the names of roles only.
                None if side == Side::More
                    && matches!(word.as_str(), "role" | "permission-set" | "service-linked-role") =>
                {
                    stand_for.extend(["AssumedRole", "Role"]);
                }
                None => return None,
            },
            _ => match (word.as_str(), POLICIES.iter().find(|(_, ours)| ours == word)) {
                ("explicit", _) => stand_for.push("explicit deny"),
                ("implicit", _) => stand_for.push("because no"),
                (_, Some((phrase, _))) => stand_for.push(phrase),
                (_, None) => return None,
            },
        }
    }
    stand_for.dedup();
    let values: Vec<_> = stand_for.iter().map(|value| literal(value)).collect();
    Some(format!(
        "{} like /{}/",
        spot.name,
        alternatives(&values, "^", if spot.values == Values::Phrases { "" } else { "$" })
    ))
}

/// Somewhere in the record: more than is meant, and nothing that is meant is lost.
fn anywhere(test: &Test) -> Option<String> {
    let piece = |value: &Operand| match value {
        Operand::Text(text) if !matches!(test.how, How::Regex(_) | How::Network) => Some(wild(text)),
        Operand::Open(open) => Some(literal(open)),
        _ => None,
    };
    let pieces: Option<Vec<_>> = test.values.iter().map(piece).collect();
    let pieces = pieces.filter(|pieces| !pieces.is_empty())?;
    Some(format!("@message like /(?i){}/", alternatives(&pieces, "", "")))
}

fn alternatives(pieces: &[String], before: &str, behind: &str) -> String {
    match pieces {
        [one] => format!("{before}{one}{behind}"),
        several => format!("{before}({}){behind}", several.join("|")),
    }
}

fn one_of(spot: &Spot, test: &Test, values: &[&Operand]) -> Option<String> {
    let (mut said, mut plain, mut patterns) = (Vec::new(), Vec::new(), Vec::new());
    for value in values {
        match (&test.how, value) {
            (_, Operand::Null) => said.push(format!("not ispresent({})", spot.name)),
            (How::Is, Operand::Text(written)) if spot.values == Values::Closed && written.is_plain() => {
                let written = written.as_plain().unwrap_or_default();
                match text(&written) {
                    Some(quoted) => plain.push(quoted),
                    None => patterns.push(literal(&written)),
                }
            }
            (How::Is, Operand::Number(number)) if spot.values == Values::Number => {
                said.push(format!("{} = {number}", spot.name));
            }
            (How::Is | How::Contains | How::Starts | How::Ends, value) if spot.values != Values::Number => {
                patterns.push(match value {
                    Operand::Text(written) => wild(written),
                    Operand::Open(open) => literal(open),
                    Operand::Number(number) => literal(&number.to_string()),
                    Operand::Bool(truth) => truth.to_string(),
                    _ => return None,
                });
            }
            (how, value) => said.push(one(spot, how, value)?),
        }
    }
    match plain.as_slice() {
        [] => {}
        [one] => said.push(format!("{} = {one}", spot.name)),
        many => said.push(format!("{} in [{}]", spot.name, many.join(", "))),
    }
    if !patterns.is_empty() {
        let before = if matches!(test.how, How::Is | How::Starts) && test.field.is_some() { "^" } else { "" };
        let behind = if matches!(test.how, How::Is | How::Ends) && test.field.is_some() { "$" } else { "" };
        let folds = if test.cased || spot.values == Values::Closed { "" } else { "(?i)" };
        said.push(format!("{} like /{folds}{}/", spot.name, alternatives(&patterns, before, behind)));
    }
    joined(said, " or ")
}

fn one(spot: &Spot, how: &How, value: &Operand) -> Option<String> {
    let of = &spot.name;
    Some(match (how, value) {
        (How::Regex(flags), Operand::Text(written)) => {
            Regex::new(&written.original).ok()?;
            format!("{of} like {}", pattern(&written.original, flags))
        }
        (How::Regex(_), Operand::Open(open)) => format!("{of} like /{}/", literal(open)),
        (How::Network, Operand::Text(written)) => {
            let single = || written.original.parse::<IpAddr>().map(IpNet::from);
            let network = written.original.parse::<IpNet>().ok().or_else(|| single().ok())?;
            let version = if matches!(network, IpNet::V4(_)) { 4 } else { 6 };
            format!("isIpv{version}InSubnet({of}, \"{}\")", network.trunc())
        }
        (How::Network, Operand::Open(open)) => format!("isIpv4InSubnet({of}, {})", text(open)?),
        (How::SameAs, Operand::Text(other)) => format!("{of} = {}", super::quote::name(&other.original)?),
        (How::Compared(sign), Operand::Number(number)) => format!("{of} {sign} {number}"),
        (How::Compared(sign), Operand::Text(written)) => {
            let number = written.original.parse::<f64>().ok().filter(|number| number.is_finite())?;
            format!("{of} {sign} {number}")
        }
        (How::Compared(sign), Operand::Open(open)) => format!("{of} {sign} {}", text(open)?),
        _ => return None,
    })
}
