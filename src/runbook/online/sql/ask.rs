//! A test as SQL. Where a field is not there, SQL answers neither yes nor no; behind NOT it is made a no, as offline.

use std::net::IpAddr;

use ipnet::IpNet;
use regex::Regex;
use rsigma_parser::{SigmaString, SpecialChar, StringPart};

use super::quote::{Pattern, name, text};
use super::stage::{Builder, Source};
use super::{Kind, Place};
use crate::runbook::online::clause::{Clause, How, Operand, Test};
use crate::runbook::online::moment::{self, Moment};
use crate::runbook::online::notes::Notes;
use crate::runbook::online::speech::{Side, Speech, conjuncts};

impl Builder<'_> {
    /// What has to be so of each row, each part by itself. Whether something had to be left out.
    pub(super) fn conjuncts(&mut self, clause: Option<&Clause>, source: &Source) -> (Vec<String>, bool) {
        conjuncts(&mut Asking { builder: self, source }, clause)
    }
}

struct Asking<'b, 'a> {
    builder: &'b mut Builder<'a>,
    source: &'b Source,
}

impl Speech for Asking<'_, '_> {
    const AND: &'static str = " AND ";
    const OR: &'static str = " OR ";

    fn not(said: &str) -> String {
        format!("NOT coalesce({said}, FALSE)")
    }

    fn test(&mut self, test: &Test, side: Side) -> Option<String> {
        self.builder.test(test, self.source, side == Side::More)
    }

    fn notes(&mut self) -> &mut Notes {
        &mut self.builder.notes
    }
}

impl Builder<'_> {
    fn test(&mut self, test: &Test, source: &Source, wide: bool) -> Option<String> {
        let Some(field) = &test.field else {
            return match self.anything(source) {
                Some(place) => self.asked(&place, test, source),
                None => {
                    self.notes.add("Left out: texts anywhere in a record; name the field that holds them.");
                    None
                }
            };
        };
        if let Some(said) = self.known(field, test, source, wide) {
            return said;
        }
        if field == "eventSource" && mentions(test, &["lambda.", "cloudfront."]) {
            self.notes.add(
                "Lambda and CloudFront put a version behind some names, such as CreateFunction20150331: ask for these too.",
            );
        }
        // Our names of sessions are no engine's.
        let is_ours = field == "session" && test.values.iter().any(|value| !matches!(value, Operand::Column(..)));
        let place = source.place(self.dialect, field).filter(|_| !is_ours);
        let said = place.and_then(|place| self.asked(&place, test, source));
        if said.is_none() {
            self.notes.add(format!("Left out: what is asked of {field}; {}.", test.instead(field)));
        }
        said
    }

    /// A test of a value.
    fn asked(&mut self, place: &Place, test: &Test, source: &Source) -> Option<String> {
        if let (Kind::List(..), How::Exists) = (&place.kind, &test.how) {
            let there = format!("coalesce(cardinality({}), 0) > 0", place.sql);
            return exists(test).map(|wanted| if wanted { there } else { format!("NOT ({there})") });
        }
        let mut parts = Vec::new();
        let groups: Vec<Vec<&Operand>> = if test.all {
            test.values.iter().map(|value| vec![value]).collect()
        } else {
            vec![test.values.iter().collect()]
        };
        for values in groups {
            parts.push(self.one_of(place, test, &values, source)?);
        }
        match parts.as_slice() {
            [one] => Some(one.clone()),
            [] => None,
            parts => Some(format!("({})", parts.join(" AND "))),
        }
    }

    fn one_of(&mut self, place: &Place, test: &Test, values: &[&Operand], source: &Source) -> Option<String> {
        if let Kind::List(it, of) = &place.kind {
            let (columns, others): (Vec<_>, Vec<_>) =
                values.iter().copied().partition(|value| matches!(value, Operand::Column(..)));
            let mut said = Vec::new();
            for column in columns {
                said.push(self.overlap(place, test, column)?);
            }
            if !others.is_empty() {
                let inside = self.one_of(of, test, &others, source)?;
                said.push(format!("any_match({}, {it} -> {inside})", place.sql));
            }
            return match said.as_slice() {
                [] => None,
                [one] => Some(one.clone()),
                said => Some(format!("({})", said.join(" OR "))),
            };
        }
        let (mut said, mut same) = (Vec::new(), Vec::new());
        let folds = !test.cased && !matches!(place.kind, Kind::Closed);
        for value in values {
            match (&test.how, value) {
                (How::Is, Operand::Text(written)) if written.is_plain() => {
                    same.push(written.as_plain().unwrap_or_default());
                }
                (How::Is, Operand::Number(number)) if !matches!(place.kind, Kind::Number) => {
                    same.push(number.to_string())
                }
                _ => said.push(self.one(place, test, value, source)?),
            }
        }
        let is_number = matches!(place.kind, Kind::Number);
        if is_number && !same.is_empty() {
            return None;
        }
        let plain = |one: &String| !folds || !one.chars().any(char::is_alphabetic);
        let (as_is, folded): (Vec<_>, Vec<_>) = same.into_iter().partition(plain);
        let sql = self.as_text(place);
        said.extend(is_in(&sql, as_is));
        said.extend(is_in(&format!("lower({sql})"), folded.iter().map(|one| one.to_lowercase()).collect()));
        match said.as_slice() {
            [one] => Some(one.clone()),
            [] => None,
            said => Some(format!("({})", said.join(" OR "))),
        }
    }

    /// Whether some of a list are values of another step. What is asked of each element cannot ask another table.
    fn overlap(&mut self, place: &Place, test: &Test, value: &Operand) -> Option<String> {
        let (Kind::List(it, of), Operand::Column(step, column), How::Is) = (&place.kind, value, &test.how) else {
            return None;
        };
        let (step, theirs) = self.column_of(step, column)?;
        if matches!(of.kind, Kind::List(..)) || matches!(theirs.kind, Kind::List(..)) {
            return None;
        }
        let fold = |sql: String| if test.cased { sql } else { format!("lower({sql})") };
        let own = format!("transform({}, {it} -> {})", place.sql, fold(self.as_text(of)));
        let theirs = fold(self.as_text(&theirs));
        Some(format!("arrays_overlap({own}, (SELECT array_agg({theirs}) FROM {step}))"))
    }

    fn as_text(&self, place: &Place) -> String {
        match place.kind {
            Kind::Bool | Kind::Number => format!("CAST({} AS varchar)", place.sql),
            Kind::Time => self.dialect.time_text(&place.sql),
            _ => place.sql.clone(),
        }
    }

    fn one(&mut self, place: &Place, test: &Test, value: &Operand, source: &Source) -> Option<String> {
        let sql = self.as_text(place);
        let folds = !test.cased && !matches!(place.kind, Kind::Closed);
        let fold = |sql: String| if folds { format!("lower({sql})") } else { sql };
        Some(match (&test.how, value) {
            (How::Exists, _) => format!("{} IS {}NULL", place.sql, if exists(test)? { "NOT " } else { "" }),
            (_, Operand::Null) => format!("{} IS NULL", place.sql),
            (How::SameAs, Operand::Text(other)) => {
                let other = source.place(self.dialect, &other.original)?;
                if matches!(other.kind, Kind::List(..)) {
                    return None;
                }
                format!("lower({sql}) = lower({})", self.as_text(&other))
            }
            (How::Is, Operand::Bool(truth)) => format!("lower({sql}) = '{truth}'"),
            (How::Is, Operand::Number(number)) => format!("{} = {number}", place.sql),
            (How::Is, Operand::Open(open)) => format!("{} = {}", fold(sql), fold(text(open))),
            (How::Is, Operand::Column(step, column)) => {
                let (step, of) = self.column_of(step, column)?;
                if let Kind::List(..) = of.kind {
                    let each = fold("it".to_owned());
                    return Some(format!(
                        "{} IN (SELECT {each} FROM {step} CROSS JOIN UNNEST({}) AS each (it))",
                        fold(sql),
                        of.sql
                    ));
                }
                format!("{} IN (SELECT {} FROM {step})", fold(sql), fold(self.as_text(&of)))
            }
            (How::Contains | How::Starts | How::Ends, Operand::Open(open)) => {
                let pattern = format!("{}{}{}", any(test, false), open, any(test, true));
                format!("{} LIKE {}", fold(sql), fold(text(&pattern)))
            }
            (How::Is | How::Contains | How::Starts | How::Ends, Operand::Text(written)) => {
                let pattern = pattern(written, test, folds);
                format!("{} LIKE {pattern}", fold(sql))
            }
            (How::Contains | How::Starts | How::Ends, Operand::Number(number)) => {
                format!("{sql} LIKE {}", pattern(&SigmaString::from_raw(&number.to_string()), test, false))
            }
            (How::Regex(flags), Operand::Text(written)) => {
                Regex::new(&written.original).ok()?;
                let flags = if flags.is_empty() { String::new() } else { format!("(?{flags})") };
                format!("regexp_like({sql}, {})", text(&format!("{flags}{}", written.original)))
            }
            (How::Regex(_), Operand::Open(open)) => format!("regexp_like({sql}, {})", text(open)),
            (How::Network, Operand::Text(written)) => {
                let single = || written.original.parse::<IpAddr>().map(IpNet::from);
                let network = written.original.parse::<IpNet>().ok().or_else(|| single().ok())?;
                format!("contains({}, TRY_CAST({sql} AS ipaddress))", text(&network.trunc().to_string()))
            }
            (How::Network, Operand::Open(open)) => format!("contains({}, TRY_CAST({sql} AS ipaddress))", text(open)),
            (How::Compared(sign), value) => return self.compared(place, sign, value),
            _ => return None,
        })
    }

    fn compared(&mut self, place: &Place, sign: &str, value: &Operand) -> Option<String> {
        if let Operand::Column(step, column) = value {
            // One of all is enough, so it is the least or the greatest that decides.
            let (step, of) = self.column_of(step, column)?;
            let which = if sign.starts_with('>') { "min" } else { "max" };
            return match (&place.kind, &of.kind) {
                (Kind::Time, Kind::Time) | (Kind::Number, Kind::Number) => {
                    Some(format!("{} {sign} (SELECT {which}({}) FROM {step})", place.sql, of.sql))
                }
                _ => None,
            };
        }
        if matches!(place.kind, Kind::Time) {
            let instant = self.dialect.instant(&place.sql);
            let moment = match value {
                Operand::Open(open) => self.dialect.moment(open),
                Operand::Text(written) => match moment::read(&written.original)? {
                    Moment::At(time) => self.dialect.moment(&time),
                    Moment::Ago(unit, count) => format!("date_add('{unit}', -{count}, now())"),
                },
                _ => return None,
            };
            return Some(format!("{instant} {sign} {moment}"));
        }
        let number = match value {
            Operand::Number(number) => number.to_string(),
            Operand::Text(written) => written.original.parse::<f64>().ok().filter(|n| n.is_finite())?.to_string(),
            Operand::Open(open) => format!("TRY_CAST({} AS double)", text(open)),
            _ => return None,
        };
        match place.kind {
            Kind::Number => Some(format!("{} {sign} {number}", place.sql)),
            Kind::Text | Kind::Closed => Some(format!("TRY_CAST({} AS double) {sign} {number}", place.sql)),
            _ => None,
        }
    }

    /// A column of a step before this one, which then stands in the statement too.
    fn column_of(&mut self, step: &str, column: &str) -> Option<(String, Place)> {
        let place = self.earlier(step)?.into_iter().find(|(known, _)| known == column)?.1;
        Some((name(step), place))
    }

    fn anything(&self, source: &Source) -> Option<Place> {
        matches!(source, Source::Events).then(|| self.dialect.anything())?
    }
}

fn exists(test: &Test) -> Option<bool> {
    match test.values.as_slice() {
        [Operand::Bool(wanted)] => Some(*wanted),
        _ => None,
    }
}

fn mentions(test: &Test, starts: &[&str]) -> bool {
    let text = |value: &Operand| matches!(value, Operand::Text(text) if starts.iter().any(|start| text.original.starts_with(start)));
    test.values.iter().any(text)
}

fn is_in(sql: &str, values: Vec<String>) -> Option<String> {
    match values.as_slice() {
        [] => None,
        [one] => Some(format!("{sql} = {}", text(one))),
        many => Some(format!("{sql} IN ({})", many.iter().map(|one| text(one)).collect::<Vec<_>>().join(", "))),
    }
}

/// What may stand before or behind a text.
fn any(test: &Test, behind: bool) -> &'static str {
    match (&test.how, behind) {
        (How::Contains, _) | (How::Starts, true) | (How::Ends, false) => "%",
        _ => "",
    }
}

fn pattern(written: &SigmaString, test: &Test, folds: bool) -> String {
    let mut pattern = Pattern::new();
    any(test, false).chars().for_each(|c| pattern.any(c));
    for part in &written.parts {
        match part {
            StringPart::Plain(plain) if folds => pattern.literal(&plain.to_lowercase()),
            StringPart::Plain(plain) => pattern.literal(plain),
            StringPart::Special(SpecialChar::WildcardMulti) => pattern.any('%'),
            StringPart::Special(SpecialChar::WildcardSingle) => pattern.any('_'),
        }
    }
    any(test, true).chars().for_each(|c| pattern.any(c));
    pattern.finish()
}
