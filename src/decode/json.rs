//! A JSON value as it stands in a text, read when somebody asks. Nothing is parsed ahead: most values
//! of a record are never looked at.

use std::borrow::Cow;

use super::lex::{End, NoEnd, short_string_end, skip_blank, value_end};

/// A JSON value inside a text. Where an object has a key twice, the last one counts. What is not valid
/// JSON inside is absent.
#[derive(Clone, Copy)]
pub struct Json<'a> {
    /// From its first character to its last.
    raw: &'a [u8],
    /// Whether it is a string with a backslash in it.
    escaped: bool,
}

/// A string that is not one: bad UTF-8, a raw control character, an escape that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid;

impl<'a> Json<'a> {
    /// A value that stands alone in a text, with blanks around it at most.
    pub(super) fn alone(text: &'a [u8], deepest: usize) -> Result<(Self, End), NoEnd> {
        let start = skip_blank(text, 0).ok_or(NoEnd::cut_off(text))?;
        let end = value_end(text, start, deepest)?;
        match skip_blank(text, end.at) {
            Some(at) => Err(NoEnd::invalid(at)),
            None => Ok((Self::between(text, start, end), end)),
        }
    }

    pub(super) fn between(text: &'a [u8], start: usize, end: End) -> Self {
        Self { raw: text.get(start..end.at).unwrap_or_default(), escaped: end.escaped }
    }

    /// A value by its text, and whether that is a string with a backslash in it.
    pub(super) fn of(raw: &'a [u8], escaped: bool) -> Self {
        Self { raw, escaped }
    }

    /// Whether it is a string with a backslash in it.
    pub(super) fn is_escaped(self) -> bool {
        self.escaped
    }

    /// The value as it stands in the text. Equal texts are equal values; the reverse need not hold.
    pub fn raw(self) -> &'a [u8] {
        self.raw
    }

    /// The bytes of a key. One that is no valid text is that of no field.
    pub(crate) fn key(self) -> Cow<'a, [u8]> {
        match self.plain() {
            Some(plain) => Cow::Borrowed(plain),
            None => Cow::Owned(self.as_str().unwrap_or_default().into_owned().into_bytes()),
        }
    }

    /// The bytes of a string between its quotes, where they stand for themselves.
    pub(crate) fn plain(self) -> Option<&'a [u8]> {
        match self.raw {
            [b'"', inside @ .., b'"'] if !self.escaped => Some(inside),
            _ => None,
        }
    }

    /// The text of a string; `None` for a value of another type.
    pub fn text(self) -> Result<Option<Cow<'a, str>>, Invalid> {
        if !self.is_string() {
            return Ok(None);
        }
        let Some(plain) = self.plain() else {
            return serde_json::from_slice(self.raw).map(|text: String| Some(Cow::Owned(text))).map_err(|_| Invalid);
        };
        // All of them are looked at, which takes less than stopping at the first.
        if plain.iter().fold(false, |found, byte| found | (*byte < b' ')) {
            return Err(Invalid);
        }
        std::str::from_utf8(plain).map(|text| Some(Cow::Borrowed(text))).map_err(|_| Invalid)
    }

    /// The text of a value that may be absent.
    pub(crate) fn text_of(value: Option<Self>) -> Result<Option<Cow<'a, str>>, Invalid> {
        value.map_or(Ok(None), Self::text)
    }

    /// The text, if it is a valid one.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        self.text().ok().flatten()
    }

    /// Whether it is this text.
    pub fn is(self, text: &str) -> bool {
        match self.plain() {
            Some(plain) => plain == text.as_bytes(),
            None => self.escaped && self.as_str().is_some_and(|own| own == text),
        }
    }

    /// Whether it is this text, whatever the case.
    #[inline]
    pub(crate) fn is_ignoring_case(self, text: &str) -> bool {
        if self.escaped {
            return self.as_str().is_some_and(|own| own.eq_ignore_ascii_case(text));
        }
        // The length tells nearly always.
        self.raw.len() == text.len() + 2
            && self.plain().is_some_and(|plain| plain.eq_ignore_ascii_case(text.as_bytes()))
    }

    /// The truth value, if it is one or the text of one: CloudTrail writes both.
    pub fn as_bool(self) -> Option<bool> {
        match self.raw {
            b"true" => Some(true),
            b"false" => Some(false),
            _ if self.is("true") => Some(true),
            _ if self.is("false") => Some(false),
            _ => None,
        }
    }

    /// Whether it is `null`, which CloudTrail means as "absent".
    pub fn is_null(self) -> bool {
        self.raw == b"null"
    }

    /// Whether it is a string.
    pub fn is_string(self) -> bool {
        self.raw.first() == Some(&b'"')
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        self.raw.first() == Some(&b'{')
    }

    /// The members of an object, in the order of the text.
    pub fn entries(self) -> Option<impl Iterator<Item = (Json<'a>, Json<'a>)>> {
        self.is_object().then(|| self.pairs())
    }

    /// As [`Self::entries`]; a value that is no object has none.
    #[inline]
    pub(crate) fn pairs(self) -> impl Iterator<Item = (Json<'a>, Json<'a>)> {
        let mut members = self.members();
        std::iter::from_fn(move || members.as_mut()?.next().ok().flatten())
    }

    fn members(self) -> Option<Members<'a>> {
        self.is_object().then(|| Members::of(self.raw, 0, usize::MAX))
    }

    /// The elements of a list.
    pub fn elements(self) -> Option<impl Iterator<Item = Json<'a>>> {
        (self.raw.first() == Some(&b'[')).then(|| self.items())
    }

    /// As [`Self::elements`]; a value that is no list has none.
    #[inline]
    pub(crate) fn items(self) -> impl Iterator<Item = Json<'a>> {
        let raw = self.raw;
        let mut at = if raw.first() == Some(&b'[') { 1 } else { raw.len() };
        std::iter::from_fn(move || {
            let mut start = skip_blank(raw, at)?;
            // No comma before the first, one before each other.
            if at > 1 {
                start = if raw.get(start) == Some(&b',') { skip_blank(raw, start + 1)? } else { return None };
            }
            let end = value_end(raw, start, usize::MAX).ok().filter(|end| end.at > start)?;
            at = end.at;
            Some(Json::between(raw, start, end))
        })
    }

    /// A member of an object that is not `null`.
    pub fn get(self, key: &str) -> Option<Json<'a>> {
        self.find(|name| name.is(key))
    }

    /// As [`Self::get`], whatever the case of the key.
    pub fn get_ignoring_case(self, key: &str) -> Option<Json<'a>> {
        self.find(|name| name.is_ignoring_case(key))
    }

    fn find(self, wanted: impl Fn(Json<'a>) -> bool) -> Option<Json<'a>> {
        let mut found = None;
        for (name, value) in self.pairs() {
            if wanted(name) {
                found = Some(value);
            }
        }
        found.filter(|value| !value.is_null())
    }
}

/// Walks the members of an object, strictly: key, colon, value, comma. The inside of values is not
/// looked at.
pub(super) struct Members<'a> {
    bytes: &'a [u8],
    /// Behind what was read last.
    at: usize,
    deepest: usize,
    state: State,
    /// Whether a value nests beyond what was allowed.
    pub(super) too_deep: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    First,
    More,
    Done,
}

impl<'a> Members<'a> {
    /// Of the object whose brace stands at `start`; its values may nest `deepest`.
    pub(super) fn of(bytes: &'a [u8], start: usize, deepest: usize) -> Self {
        Self { bytes, at: start + 1, deepest, state: State::First, too_deep: false }
    }

    /// First position behind what was read: of the object, once there are no more members.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The next key, in its quotes, and where its value begins.
    #[inline]
    pub(super) fn next_key(&mut self) -> Result<Option<(Json<'a>, usize)>, NoEnd> {
        let cut_off = NoEnd::cut_off(self.bytes);
        let mut at = skip_blank(self.bytes, self.at).ok_or(cut_off)?;
        match (self.bytes.get(at), self.state) {
            (_, State::Done) => return Ok(None),
            (Some(b'}'), _) => {
                self.state = State::Done;
                self.at = at + 1;
                return Ok(None);
            }
            (Some(b','), State::More) => at = skip_blank(self.bytes, at + 1).ok_or(cut_off)?,
            (_, State::More) => return Err(NoEnd::invalid(at)),
            (_, State::First) => {}
        }
        if self.bytes.get(at) != Some(&b'"') {
            return Err(NoEnd::invalid(at));
        }
        let key_end = value_end(self.bytes, at, 0)?;
        let key = Json::between(self.bytes, at, key_end);
        let colon = skip_blank(self.bytes, key_end.at).ok_or(cut_off)?;
        if self.bytes.get(colon) != Some(&b':') {
            return Err(NoEnd::invalid(colon));
        }
        Ok(Some((key, skip_blank(self.bytes, colon + 1).ok_or(cut_off)?)))
    }

    /// Whether a value begins right behind a key and its colon.
    pub(super) fn is_adjacent(&self, key: Json<'_>, value: usize) -> bool {
        let end = value.checked_sub(1);
        let start = end.and_then(|end| end.checked_sub(key.raw.len()));
        start.and_then(|start| self.bytes.get(start..value - 1)).is_some_and(|text| text == key.raw)
    }

    /// Where the next key would begin if there are no blanks before it.
    #[inline]
    pub(super) fn key_start(&self) -> Option<usize> {
        match self.state {
            State::First => Some(self.at),
            State::More => (self.bytes.get(self.at) == Some(&b',')).then_some(self.at + 1),
            State::Done => None,
        }
    }

    /// The value that begins where [`Self::next_key`] said.
    #[inline]
    pub(super) fn value(&mut self, start: usize) -> Result<Json<'a>, NoEnd> {
        // Most values are short strings.
        if self.bytes.get(start) == Some(&b'"')
            && let Some(end) = short_string_end(self.bytes, start)
        {
            self.passed(end);
            return Ok(Json { raw: self.bytes.get(start..end).unwrap_or_default(), escaped: false });
        }
        let end = value_end(self.bytes, start, self.deepest)?;
        if end.at == start {
            return Err(NoEnd::invalid(start));
        }
        self.too_deep |= end.too_deep;
        self.passed(end.at);
        Ok(Json::between(self.bytes, start, end))
    }

    /// Goes on behind a value that was read otherwise.
    fn passed(&mut self, at: usize) {
        self.at = at;
        self.state = State::More;
    }

    /// The next member.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<(Json<'a>, Json<'a>)>, NoEnd> {
        match self.next_key()? {
            Some((key, start)) => Ok(Some((key, self.value(start)?))),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json<'_> {
        Json::alone(text.as_bytes(), 100).ok().unwrap().0
    }

    #[test]
    fn values_are_read_as_they_are_asked_for() {
        let value = json(r#" {"a":"b\u0063","n":null,"l":[1, "x",{"y":true}],"a":"last","T":"true","e\u0061":1} "#);
        assert_eq!(value.get("a").unwrap().as_str().unwrap(), "last");
        assert!(value.get("n").is_none() && value.get("ea").is_some());
        assert_eq!(value.get_ignoring_case("t").unwrap().as_bool(), Some(true));
        let elements: Vec<_> = value.get("l").unwrap().elements().unwrap().collect();
        assert_eq!(elements.len(), 3);
        assert_eq!(elements[2].get("y").unwrap().as_bool(), Some(true));
        assert_eq!(value.entries().unwrap().next().unwrap().1.as_str().unwrap(), "bc");
    }

    #[test]
    fn what_is_no_text_is_none() {
        for text in ["\"\u{1}\"", r#""\x""#, r#""\ud800""#] {
            assert_eq!(json(text).text(), Err(Invalid), "{text}");
        }
        assert_eq!(Json { raw: b"\"\xff\"", escaped: false }.text(), Err(Invalid));
        assert_eq!(json("12 ").text(), Ok(None));
    }

    #[test]
    fn a_broken_list_or_object_ends_where_it_breaks() {
        let texts = |text| json(text).elements().unwrap().map(|e| e.raw().to_vec()).collect::<Vec<_>>();
        assert_eq!(texts("[]"), Vec::<Vec<u8>>::new());
        assert_eq!(texts("[1,2]"), [b"1", b"2"]);
        assert_eq!(texts("[1 2]"), [b"1"]);
        assert_eq!(texts("[1,,2]"), [b"1"]);
        assert_eq!(json(r#"{"a":1 "b":2}"#).entries().unwrap().count(), 1);
    }
}
