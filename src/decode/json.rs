//! A parsed JSON value that borrows from its text, over simd-json's tape.

use simd_json::prelude::*;
use simd_json::tape::Value;
use simd_json::{Buffers, Tape};

/// A JSON value. Where an object has a key twice, the last one counts.
#[derive(Clone, Copy)]
pub struct Json<'a>(Value<'a, 'a>);

impl<'a> Json<'a> {
    /// The text, if it is one.
    pub fn as_str(self) -> Option<&'a str> {
        self.0.into_string()
    }

    /// The truth value, if it is one or the text of one: CloudTrail writes both.
    pub fn as_bool(self) -> Option<bool> {
        match (ValueAsScalar::as_bool(&self.0), self.as_str()) {
            (Some(truth), _) => Some(truth),
            (None, Some("true")) => Some(true),
            (None, Some("false")) => Some(false),
            (None, _) => None,
        }
    }

    /// Whether it is `null`, which CloudTrail means as "absent".
    pub fn is_null(self) -> bool {
        self.0.value_type() == simd_json::ValueType::Null
    }

    /// The members of an object, in the order of the text.
    pub fn entries(self) -> Option<impl Iterator<Item = (&'a str, Json<'a>)>> {
        let object = self.0.as_object()?;
        Some(object.into_iter().map(|(key, value)| (key, Json(value))))
    }

    /// The elements of a list.
    pub fn elements(self) -> Option<impl Iterator<Item = Json<'a>>> {
        let array = self.0.as_array()?;
        Some(array.into_iter().map(Json))
    }

    /// A member of an object that is not `null`.
    pub fn get(self, key: &str) -> Option<Json<'a>> {
        let mut found = None;
        for (name, value) in self.entries()? {
            if name == key {
                found = Some(value);
            }
        }
        found.filter(|value| !value.is_null())
    }

    /// As [`Self::get`], whatever the case of the key.
    pub fn get_ignoring_case(self, key: &str) -> Option<Json<'a>> {
        let mut found = None;
        for (name, value) in self.entries()? {
            if name.eq_ignore_ascii_case(key) {
                found = Some(value);
            }
        }
        found.filter(|value| !value.is_null())
    }
}

/// Parses one text after the other in buffers that are reused.
#[derive(Default)]
pub(super) struct Parser {
    text: Vec<u8>,
    tape: Option<Tape<'static>>,
    buffers: Buffers,
}

impl Parser {
    /// Parses `text`, strictly, and shows the value to `use_it`.
    pub(super) fn parse(&mut self, text: &[u8], use_it: impl FnOnce(Json<'_>)) -> Result<(), ()> {
        self.text.clear();
        self.text.extend_from_slice(text);
        let mut tape: Tape<'_> = self.tape.take().map_or_else(|| Tape(Vec::new()), Tape::reset);
        let parsed = simd_json::fill_tape(&mut self.text, &mut self.buffers, &mut tape);
        if parsed.is_ok() && !tape.0.is_empty() {
            use_it(Json(tape.as_value()));
        }
        let usable = parsed.is_ok() && !tape.0.is_empty();
        self.tape = Some(tape.reset());
        if usable { Ok(()) } else { Err(()) }
    }
}
