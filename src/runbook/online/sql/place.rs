//! Where a value stands.

use super::quote::text;

/// An expression, and what its values are.
#[derive(Clone, Debug)]
pub(in crate::runbook::online) struct Place {
    pub(in crate::runbook::online) sql: String,
    pub(in crate::runbook::online) kind: Kind,
}

/// What values are.
#[derive(Clone, Debug)]
pub(in crate::runbook::online) enum Kind {
    Text,
    /// Text that AWS writes in one way only, so that case need not be looked away from.
    Closed,
    Number,
    Bool,
    Time,
    /// It is there or not, and equals nothing.
    Object,
    /// Several values: an array, the name each element has in turn, and what is looked at of it.
    List(String, Box<Place>),
}

impl Place {
    pub(in crate::runbook::online) fn new(sql: impl Into<String>, kind: Kind) -> Self {
        Self { sql: sql.into(), kind }
    }

    pub(in crate::runbook::online) fn text(sql: impl Into<String>) -> Self {
        Self::new(sql, Kind::Text)
    }

    /// An array of texts.
    pub(super) fn list(sql: impl Into<String>) -> Self {
        Self::new(sql, Kind::List("it".to_owned(), Box::new(Self::text("it"))))
    }

    /// As one value: of several, a text with all of them.
    pub(super) fn value(&self) -> String {
        match &self.kind {
            Kind::List(it, of) if of.sql != *it => {
                format!("array_join(transform({}, {it} -> {}), ' ')", self.sql, of.value())
            }
            _ => self.sql.clone(),
        }
    }

    /// What the same value is in a column that was made of it.
    pub(super) fn kind_of_value(&self) -> Kind {
        match &self.kind {
            Kind::List(it, of) if of.sql != *it => Kind::Text,
            kind => kind.clone(),
        }
    }
}

/// A way into JSON. Nothing where a step cannot be written.
pub(in crate::runbook::online) fn path<'s>(steps: impl IntoIterator<Item = &'s str>) -> Option<String> {
    let mut path = "$".to_owned();
    for step in steps {
        if step.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            path.push('.');
            path.push_str(step);
        } else if step.contains(['"', '\\']) || step.contains(char::is_control) {
            return None;
        } else {
            path.push_str(&format!("[\"{step}\"]"));
        }
    }
    Some(text(&path))
}

/// A value inside of JSON. EC2 keeps lists in members called `items`, which are gone through; where other lists are, nobody
/// can tell from the way.
pub(in crate::runbook::online) fn through(json: &str, steps: &[&str], depth: usize) -> Option<Place> {
    let Some(at) = steps.iter().position(|step| step.eq_ignore_ascii_case("items")) else {
        return Some(Place::text(format!("json_extract_scalar({json}, {})", path(steps.iter().copied())?)));
    };
    let it = if depth == 0 { "it".to_owned() } else { format!("it{depth}") };
    let list = path(steps.get(..=at)?.iter().copied())?;
    let list = format!("TRY_CAST(json_extract({json}, {list}) AS array(json))");
    let inside = through(&it, steps.get(at + 1..)?, depth + 1)?;
    Some(Place::new(list, Kind::List(it, Box::new(inside))))
}
