//! Where something stands in a YAML text. The library tells the places of errors and of nothing else: so it is asked to
//! read as far as what is looked for, and refused there.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A step on the way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// The member of a map with this name.
    Key(String),
    /// The item of a list.
    Item(usize),
}

impl From<&str> for At {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for At {
    fn from(item: usize) -> Self {
        Self::Item(item)
    }
}

/// What of a member is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Its name.
    Name,
    /// Its value.
    Value,
}

/// Line and column, from 1; of the nearest thing around it that can be found.
pub(crate) fn place(text: &str, way: &[At], part: Part) -> (usize, usize) {
    for length in (0..=way.len()).rev() {
        let way = way.get(..length).unwrap_or_default();
        let refused = Way { way, part }.deserialize(yaml_serde::Deserializer::from_str(text));
        if let Err(error) = refused
            && error.to_string().contains(HERE)
            && let Some(found) = error.location()
        {
            return (found.line(), found.column());
        }
    }
    (1, 1)
}

/// The word by which our refusal is told from another.
const HERE: &str = "trailwright-here";

#[derive(Clone, Copy)]
struct Way<'w> {
    way: &'w [At],
    part: Part,
}

impl<'d> DeserializeSeed<'d> for Way<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'d>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'d> Visitor<'d> for Way<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HERE)
    }

    fn visit_map<A: MapAccess<'d>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((At::Key(wanted), rest)) = self.way.split_first() else {
            return if self.way.is_empty() { Err(A::Error::custom(HERE)) } else { skip(map) };
        };
        let is_last = rest.is_empty() && self.part == Part::Name;
        while let Some(is_it) = map.next_key_seed(Name { wanted, refuse: is_last })? {
            if is_it {
                map.next_value_seed(Way { way: rest, part: self.part })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'d>>(self, mut list: A) -> Result<(), A::Error> {
        let Some((At::Item(wanted), rest)) = self.way.split_first() else {
            if self.way.is_empty() {
                return Err(A::Error::custom(HERE));
            }
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        for _ in 0..*wanted {
            if list.next_element::<IgnoredAny>()?.is_none() {
                return Ok(());
            }
        }
        list.next_element_seed(Way { way: rest, part: self.part })?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.end()
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        self.end()
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
        self.end()
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
        self.end()
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        self.end()
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<(), E> {
        self.end()
    }
}

impl Way<'_> {
    /// At a value without parts: it is meant, or the way leads nowhere.
    fn end<E: serde::de::Error>(self) -> Result<(), E> {
        if self.way.is_empty() { Err(E::custom(HERE)) } else { Ok(()) }
    }
}

fn skip<'d, A: MapAccess<'d>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

/// The name of a member; whether it is the one that is looked for.
struct Name<'w> {
    wanted: &'w str,
    refuse: bool,
}

impl<'d> DeserializeSeed<'d> for Name<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'d>>(self, from: D) -> Result<bool, D::Error> {
        from.deserialize_any(self)
    }
}

impl Name<'_> {
    fn is<E: serde::de::Error>(self, name: &str) -> Result<bool, E> {
        let is_it = name == self.wanted;
        if is_it && self.refuse { Err(E::custom(HERE)) } else { Ok(is_it) }
    }
}

impl<'d> Visitor<'d> for Name<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<bool, E> {
        self.is("null")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<bool, E> {
        self.is(&value.to_string())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<bool, E> {
        self.is(&value.to_string())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<bool, E> {
        self.is(&value.to_string())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<bool, E> {
        self.is(&value.to_string())
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<bool, E> {
        self.is(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_found_where_they_stand() {
        let text = "a: 1\nsteps:\n  - id: x\n    where: {b: [1, 2], c|gt: 3}\n  - id: y\n";
        #[track_caller]
        fn check(text: &str, way: &[At], part: Part, expected: (usize, usize)) {
            assert_eq!(place(text, way, part), expected);
        }
        check(text, &["a".into()], Part::Name, (1, 1));
        check(text, &["a".into()], Part::Value, (1, 4));
        check(text, &["steps".into(), 1.into(), "id".into()], Part::Value, (5, 9));
        check(text, &["steps".into(), 0.into(), "where".into(), "c|gt".into()], Part::Name, (4, 24));
        check(text, &["steps".into(), 0.into(), "where".into(), "b".into(), 1.into()], Part::Value, (4, 20));
        // What is not there stands where it would belong.
        check(text, &["steps".into(), 1.into(), "title".into()], Part::Name, (5, 5));
        check(text, &[], Part::Value, (1, 1));
    }
}
