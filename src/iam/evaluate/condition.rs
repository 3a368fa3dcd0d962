//! Whether a condition holds, for keys with one value, several, none, and those nobody knows of.
//!
//! Sources: IAM user guide, "IAM JSON policy elements: Condition operators", "Set operators for multivalued
//! context keys".

use super::operators::{Test, truth};
use super::request::{Context, Known};
use super::template::Template;
use super::truth::Truth;
use crate::iam::document::{self, Comparison, Qualifier};

/// A condition, compiled.
#[derive(Debug)]
pub(super) struct Condition {
    /// Lower case.
    key: Box<str>,
    qualifier: Option<Qualifier>,
    if_exists: bool,
    is_negated: bool,
    asks: Asks,
}

#[derive(Debug)]
enum Asks {
    /// For a value of the key.
    Value(Test),
    /// Whether the key is there: with which answers it holds.
    Presence { absent: bool, present: bool },
    /// Nobody knows what for.
    NotUnderstood,
}

impl Condition {
    pub(super) fn new(read: &document::Condition, variables: bool) -> Self {
        let asks = match &read.comparison {
            // AWS has neither with `Null`.
            Comparison::Null if read.if_exists || read.qualifier.is_some() => None,
            Comparison::Null => presence(&read.values),
            comparison => Test::new(comparison, &read.values, variables).map(Asks::Value),
        };
        Self {
            key: read.key.to_ascii_lowercase().into(),
            qualifier: read.qualifier,
            if_exists: read.if_exists,
            is_negated: read.comparison.is_negated(),
            asks: asks.unwrap_or(Asks::NotUnderstood),
        }
    }

    pub(super) fn is_understood(&self) -> bool {
        !matches!(self.asks, Asks::NotUnderstood)
    }

    pub(super) fn holds(&self, context: &dyn Context) -> Truth {
        let known = || context.get(&self.key);
        match &self.asks {
            Asks::NotUnderstood => Truth::Maybe,
            Asks::Presence { absent, present } if absent == present => (*absent).into(),
            Asks::Presence { absent, present } => match known() {
                Known::Unknown => Truth::Maybe,
                Known::Values(values) if !values.is_empty() => (*present).into(),
                Known::Values(_) | Known::Absent => (*absent).into(),
            },
            Asks::Value(test) => match known() {
                Known::Unknown => Truth::Maybe,
                Known::Values(values) if !values.is_empty() => self.holds_for(&values, test, context),
                Known::Values(_) | Known::Absent => self.holds_without().into(),
            },
        }
    }

    fn holds_without(&self) -> bool {
        self.if_exists
            || match self.qualifier {
                None => self.is_negated,
                Some(Qualifier::ForAllValues) => true,
                Some(Qualifier::ForAnyValue) => false,
            }
    }

    fn holds_for<V: AsRef<str>>(&self, values: &[V], test: &Test, context: &dyn Context) -> Truth {
        let fits = |value: &str| test.fits(value, context).negated_if(self.is_negated);
        let values = values.iter().map(AsRef::as_ref);
        match self.qualifier {
            Some(Qualifier::ForAnyValue) => Truth::any(values.map(fits)),
            // An empty text counts as no value there.
            Some(Qualifier::ForAllValues) => Truth::all(values.filter(|value| !value.is_empty()).map(fits)),
            // AWS does not say what becomes of several values where one is expected.
            None if values.len() > 1 => Truth::Maybe,
            None => Truth::all(values.map(fits)),
        }
    }

    /// Adds the keys that would tell whether it holds, where it may.
    pub(super) fn missing<'p>(&'p self, context: &dyn Context, found: &mut Vec<&'p str>) {
        if !self.is_understood() {
            return;
        }
        let before = found.len();
        found.extend((context.get(&self.key) == Known::Unknown).then_some(&*self.key));
        found.extend(self.templates().iter().flat_map(|template| template.missing(context)));
        if found.len() == before {
            // It is known, and cannot be compared.
            found.push(&self.key);
        }
    }

    /// The keys it depends on.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let variables = self.templates().iter().flat_map(Template::variables).map(|variable| &*variable.key);
        std::iter::once(&*self.key).chain(variables)
    }

    /// The texts in it that may hold variables.
    fn templates(&self) -> &[Template] {
        if let Asks::Value(test) = &self.asks { test.templates() } else { &[] }
    }
}

fn presence(values: &[String]) -> Option<Asks> {
    let truths: Vec<bool> = values.iter().map(|value| truth(value)).collect::<Option<_>>()?;
    Some(Asks::Presence { absent: truths.contains(&true), present: truths.contains(&false) })
}
