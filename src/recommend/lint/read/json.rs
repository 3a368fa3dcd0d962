//! JSON with a word on keys that stand twice in an object: readers differ in which they take, and IAM takes none.

use std::fmt;

use hashbrown::HashSet;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::recommend::lint::template::Template;

/// Reads a text; notes keys that stand twice.
pub(super) fn parse(text: &str, at: &str, template: &mut Template) -> Result<Value, String> {
    let wrong = |error: serde_json::Error| format!("no valid JSON: {error}");
    let value = serde_json::from_str(text).map_err(wrong)?;
    let mut twice = Vec::new();
    Twice(&mut twice).deserialize(&mut serde_json::Deserializer::from_str(text)).map_err(wrong)?;
    template.duplicates.extend(twice.into_iter().map(|key| (at.to_owned(), key)));
    Ok(value)
}

/// Collects keys that stand twice, however deep.
struct Twice<'t>(&'t mut Vec<String>);

impl<'de> DeserializeSeed<'de> for Twice<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Twice<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<(), A::Error> {
        while all.next_element_seed(Twice(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = all.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                self.0.push(key);
            }
            all.next_value_seed(Twice(self.0))?;
        }
        Ok(())
    }
}
