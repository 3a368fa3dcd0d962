//! Where records stand in a text that comes a window at a time.
//!
//! A file is a sequence of values with or without space between them: one trail file, JSON Lines,
//! glued objects. Of a list, and of the list inside a known envelope, each element is taken by itself,
//! so that memory and damage end with the element. An element that ends behind the window is begun
//! again once there is more of the text: nothing is kept from the first try.

use memchr::{memchr, memmem};

use super::lex::{NoEnd, skip_blank, value_end};
use super::{ALL, Broken, Json, Reject};
use crate::archive::{Text, without_bom};

/// Deepest nesting of a record. Real ones stay under 20; AWS's own limit for a policy is 2.
pub(super) const MAX_DEPTH: usize = 100;

/// Longest element. CloudTrail's own limit for an event is 256 KB, in an event data store 1 MB.
pub(super) const MAX_ELEMENT: usize = 16 << 20;

/// Takes what is found.
pub(super) trait Take {
    /// Takes the object at `start`, or says why it has no end; then nothing was taken of it. `whole` is
    /// false where it might be an envelope, whose list then has to be taken instead.
    fn object(&mut self, bytes: &[u8], start: usize, may_be_envelope: bool) -> Result<Taken, NoEnd>;

    /// Takes something that is no object.
    fn reject(&mut self, reject: Reject);

    /// What an object is that is too long to be taken, if its first keys tell.
    fn look_alike(&self, bytes: &[u8], start: usize) -> Option<Reject>;
}

/// What became of an object.
pub(super) enum Taken {
    /// It was taken and ends here.
    Whole(usize),
    /// It is an envelope; its list begins here.
    List(usize),
}

/// Splits a text into elements. `Err` says where it broke off.
pub(super) fn split<T: Text + ?Sized>(text: &mut T, take: &mut impl Take) -> Result<(), Broken> {
    Splitter { text, take, dropped: 0, line_end: None }.run()
}

/// Whether a key names the list of some envelope.
pub(super) fn names_a_list(key: Json<'_>) -> bool {
    ALL.iter().any(|envelope| envelope.list().is_some_and(|name| key.is(name)))
}

struct Splitter<'t, T: ?Sized, K> {
    text: &'t mut T,
    take: &'t mut K,
    /// Bytes that are no longer in the window.
    dropped: usize,
    /// Set once a line has turned out to be broken: a value may then not go beyond its line, else the
    /// rest of the file could be swallowed by one missing brace, again and again.
    line_end: Option<usize>,
}

/// A value without an end, and where to look for the next line.
struct Lost {
    start: usize,
    no_end: NoEnd,
}

impl<T: Text + ?Sized, K: Take> Splitter<'_, T, K> {
    fn run(mut self) -> Result<(), Broken> {
        let visible = self.text.visible();
        let mut at = visible.len() - without_bom(visible).len();
        let mut one_line_each = false;
        loop {
            self.line_end = None;
            let Some(mut start) = self.skip(at, b" \t\r\n,") else { return Ok(()) };
            if one_line_each {
                let end = self.line_end_from(&mut start);
                self.line_end = Some(end);
            }
            let end = match self.bytes().get(start) {
                Some(b'{') => self.object(start),
                Some(b'[') => self.list(start),
                _ => Ok(self.other(start)),
            };
            at = match end {
                Ok(end) => end,
                Err(Lost { start, no_end }) => {
                    let too_long = no_end.reject == Reject::TooLong;
                    if let Some(what) = self.take.look_alike(self.bytes(), start).filter(|_| too_long) {
                        self.take.reject(what);
                        return Ok(());
                    }
                    self.take.reject(no_end.reject);
                    self.line_end = None;
                    one_line_each = true;
                    let broken = Broken { at: self.dropped + no_end.at };
                    self.next_line_with_a_brace(start).ok_or(broken)?
                }
            };
        }
    }

    /// What may be looked at.
    fn bytes(&self) -> &[u8] {
        let visible = self.text.visible();
        self.line_end.and_then(|end| visible.get(..end)).unwrap_or(visible)
    }

    /// Moves the window on, keeping what stands from `at` on, which is then at 0. `false` when there is
    /// no more of the text, or none may be looked at.
    fn more(&mut self, at: &mut usize) -> bool {
        if self.line_end.is_some() {
            return false;
        }
        let more = self.text.more(*at);
        self.dropped += std::mem::take(at);
        more
    }

    /// Does something that needs the text from `at` on, again with more of the text for as long as what
    /// it needs is cut off.
    #[inline]
    fn retry<R>(
        &mut self,
        mut at: usize,
        mut attempt: impl FnMut(&mut K, &[u8], usize) -> Result<R, NoEnd>,
    ) -> Result<R, Lost> {
        loop {
            let visible = self.text.visible();
            let bytes = self.line_end.and_then(|end| visible.get(..end)).unwrap_or(visible);
            let mut no_end = match attempt(self.take, bytes, at) {
                Ok(done) => return Ok(done),
                Err(no_end) => no_end,
            };
            let length = bytes.len() - at.min(bytes.len());
            if no_end.reject != Reject::CutOff {
                return Err(Lost { start: at, no_end });
            }
            if length > MAX_ELEMENT {
                return Err(Lost { start: at, no_end: NoEnd { at, reject: Reject::TooLong } });
            }
            let before = at;
            let more = self.more(&mut at);
            if !more {
                no_end.at -= before - at;
                return Err(Lost { start: at, no_end });
            }
        }
    }

    /// The first position from `at` on that holds none of `blank`.
    #[inline]
    fn skip(&mut self, mut at: usize, blank: &[u8]) -> Option<usize> {
        loop {
            let bytes = self.bytes();
            let rest = bytes.get(at..).unwrap_or_default();
            if let Some(n) = rest.iter().position(|b| !blank.contains(b)) {
                return Some(at + n);
            }
            at = bytes.len();
            if !self.more(&mut at) {
                return None;
            }
        }
    }

    /// The end of the line that `start` stands in; `start` moves with the window.
    fn line_end_from(&mut self, start: &mut usize) -> usize {
        let mut looked_at = 0;
        loop {
            let rest = self.bytes().get(*start..).unwrap_or_default();
            if let Some(n) = memchr(b'\n', rest.get(looked_at..).unwrap_or_default()) {
                return *start + looked_at + n;
            }
            looked_at = rest.len();
            if looked_at > MAX_ELEMENT || !self.more(start) {
                return *start + looked_at;
            }
        }
    }

    /// The first brace that begins a line, from `at` on.
    fn next_line_with_a_brace(&mut self, mut at: usize) -> Option<usize> {
        loop {
            let bytes = self.bytes();
            if let Some(n) = memmem::find(bytes.get(at..).unwrap_or_default(), b"\n{") {
                return Some(at + n + 1);
            }
            // The line break may be the last that is visible.
            at = bytes.len().saturating_sub(1).max(at);
            if !self.more(&mut at) {
                return None;
            }
        }
    }

    /// Something that is neither object nor list: to the end of its line, or to the object behind the
    /// time with which a CloudWatch Logs export begins each line, `2026-02-03T04:05:06.789Z {…}`.
    fn other(&mut self, mut start: usize) -> usize {
        const STAMP: usize = 32;
        while self.bytes().len() - start < STAMP + 2 && self.more(&mut start) {}
        let rest = self.bytes().get(start..).unwrap_or_default();
        let line = rest.split(|b| *b == b'\n').next().unwrap_or_default();
        if let Some(stamp) = memmem::find(line.get(..STAMP + 2).unwrap_or(line), b"Z {") {
            return start + stamp + 2;
        }
        self.take.reject(Reject::NotAnObject);
        loop {
            let bytes = self.bytes();
            if let Some(n) = memchr(b'\n', bytes.get(start..).unwrap_or_default()) {
                return start + n;
            }
            start = bytes.len();
            if !self.more(&mut start) {
                return start;
            }
        }
    }

    /// An object that stands by itself: one value, or an envelope whose list is taken element by element.
    fn object(&mut self, start: usize) -> Result<usize, Lost> {
        let taken = self.retry(start, |take, bytes, at| take.object(bytes, at, true))?;
        let mut at = match taken {
            Taken::Whole(end) => return Ok(end),
            Taken::List(list) => self.list(list)?,
        };
        // What else the envelope holds: another list, or members of no interest.
        loop {
            at = self.next(at)?;
            match self.bytes().get(at) {
                Some(b'}') => return Ok(at + 1),
                Some(b',') => at += 1,
                _ => {
                    let member = self.retry(at, |_, bytes, at| member(bytes, at))?;
                    at = match member {
                        Taken::Whole(end) => end,
                        Taken::List(list) => self.list(list)?,
                    };
                }
            }
        }
    }

    /// A list: each element by itself.
    fn list(&mut self, start: usize) -> Result<usize, Lost> {
        let mut at = start + 1;
        loop {
            at = self.next(at)?;
            match self.bytes().get(at) {
                Some(b']') => return Ok(at + 1),
                Some(b',') => at += 1,
                Some(b'}' | b':') => return Err(Lost { start: at, no_end: NoEnd::invalid(at) }),
                Some(b'{') => {
                    let taken = self.retry(at, |take, bytes, at| take.object(bytes, at, false))?;
                    let (Taken::Whole(end) | Taken::List(end)) = taken;
                    at = end;
                }
                _ => {
                    let end = self.retry(at, |_, bytes, at| value_end(bytes, at, MAX_DEPTH))?;
                    self.take.reject(Reject::NotAnObject);
                    at = end.at;
                }
            }
        }
    }

    fn next(&mut self, at: usize) -> Result<usize, Lost> {
        self.skip(at, b" \t\r\n").ok_or_else(|| {
            let end = self.bytes().len();
            Lost { start: end, no_end: NoEnd { at: end, reject: Reject::CutOff } }
        })
    }
}

/// A member of an envelope: where it ends, or where the list begins that it holds.
fn member(bytes: &[u8], at: usize) -> Result<Taken, NoEnd> {
    if bytes.get(at) != Some(&b'"') {
        return Err(NoEnd::invalid(at));
    }
    let key_end = value_end(bytes, at, MAX_DEPTH)?;
    let key = Json::between(bytes, at, key_end);
    let cut_off = NoEnd::cut_off(bytes);
    let colon = skip_blank(bytes, key_end.at).ok_or(cut_off)?;
    if bytes.get(colon) != Some(&b':') {
        return Err(NoEnd::invalid(colon));
    }
    let value = skip_blank(bytes, colon + 1).ok_or(cut_off)?;
    if bytes.get(value) == Some(&b'[') && names_a_list(key) {
        return Ok(Taken::List(value));
    }
    Ok(Taken::Whole(value_end(bytes, value, MAX_DEPTH)?.at))
}

#[cfg(test)]
mod tests {
    use super::super::Members;
    use super::*;

    /// Takes every object as it is, cut out by its brackets.
    #[derive(Default)]
    struct Cut {
        values: Vec<String>,
        rejects: Vec<Reject>,
    }

    impl Take for Cut {
        fn object(&mut self, bytes: &[u8], start: usize, may_be_envelope: bool) -> Result<Taken, NoEnd> {
            let mut members = Members::of(bytes, start, MAX_DEPTH - 1);
            let mut valid = Ok(());
            loop {
                match members.next_key() {
                    Ok(Some((key, at))) if may_be_envelope && bytes.get(at) == Some(&b'[') && names_a_list(key) => {
                        return Ok(Taken::List(at));
                    }
                    Ok(Some((_, at))) => valid = members.value(at).map(drop),
                    Ok(None) => break,
                    Err(no_end) => valid = Err(no_end),
                }
                if valid.is_err() {
                    break;
                }
            }
            if let Err(no_end) = valid.as_ref()
                && (no_end.reject == Reject::CutOff || may_be_envelope)
            {
                return Err(*no_end);
            }
            let end = value_end(bytes, start, MAX_DEPTH)?;
            if end.too_deep {
                self.rejects.push(Reject::TooDeep);
            } else {
                self.values.push(String::from_utf8(bytes[start..end.at].to_vec()).unwrap());
            }
            Ok(Taken::Whole(end.at))
        }

        fn reject(&mut self, reject: Reject) {
            self.rejects.push(reject);
        }

        fn look_alike(&self, _bytes: &[u8], _start: usize) -> Option<Reject> {
            None
        }
    }

    /// A text that shows so many bytes more each time.
    struct Drip<'a> {
        text: &'a [u8],
        start: usize,
        end: usize,
        step: usize,
    }

    impl Text for Drip<'_> {
        fn visible(&self) -> &[u8] {
            &self.text[self.start..self.end]
        }

        fn more(&mut self, keep: usize) -> bool {
            self.start += keep;
            let before = self.end;
            self.end = (self.end + self.step).min(self.text.len());
            self.end > before
        }
    }

    /// The same, however much of the text is visible at a time.
    #[track_caller]
    fn check(text: &str, values: &[&str], rejects: &[Reject], whole: bool) {
        for step in [1, 2, 3, 7, 50, text.len()] {
            if text.len() / step.max(1) > 10_000 {
                continue;
            }
            let mut cut = Cut::default();
            let mut drip = Drip { text: text.as_bytes(), start: 0, end: step.max(4).min(text.len()), step };
            let result = split(&mut drip, &mut cut);
            let found: Vec<&str> = cut.values.iter().map(String::as_str).collect();
            assert_eq!(
                (found.as_slice(), cut.rejects.as_slice(), result.is_ok()),
                (values, rejects, whole),
                "{step}: {text:.300}"
            );
        }
    }

    #[test]
    fn elements_are_found_in_every_arrangement() {
        check(r#"{"Records":[{"a":1},{"b":"}]"}]}"#, &[r#"{"a":1}"#, r#"{"b":"}]"}"#], &[], true);
        check(r#"{"x":{"Records":1},"Records":[],"y":[1,{}]}"#, &[], &[], true);
        check(r#"[{"a":1},2,"x",[{}]]"#, &[r#"{"a":1}"#], &[Reject::NotAnObject; 3], true);
        check("{\"a\":1}{\"b\":2}\n{\"c\":[3]}\n", &[r#"{"a":1}"#, r#"{"b":2}"#, r#"{"c":[3]}"#], &[], true);
        check("\u{feff} {\"a\":\"\\\"\"}", &[r#"{"a":"\""}"#], &[], true);
        check(
            "2026-02-03T04:05:06.789Z {\"a\":1}\n2026-02-03T04:05:07Z {\"b\":1}",
            &[r#"{"a":1}"#, r#"{"b":1}"#],
            &[],
            true,
        );
        check(r#"{"R\u0065cords":[{"a":1}]}"#, &[r#"{"a":1}"#], &[], true);
        check("", &[], &[], true);
    }

    #[test]
    fn damage_ends_with_the_record_where_lines_allow_it() {
        check(
            "{\"a\":1}\n{\"b\":\n{\"c\":3}\n{\"d\":4}",
            &[r#"{"a":1}"#, r#"{"c":3}"#, r#"{"d":4}"#],
            &[Reject::InvalidJson],
            true,
        );
        check("{\"a\":1}\nnoise\n{\"c\":3}", &[r#"{"a":1}"#, r#"{"c":3}"#], &[Reject::NotAnObject], true);
        check(r#"{"Records":[{"a":1},{"b":2"#, &[r#"{"a":1}"#], &[Reject::CutOff], false);
        check(r#"{"Records":[{"a":1}}"#, &[r#"{"a":1}"#], &[Reject::InvalidJson], false);
        check(r#"{"a" 1}"#, &[], &[Reject::InvalidJson], false);
    }

    #[test]
    fn depth_is_capped_without_losing_the_next_record() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        let fine = format!("{{\"a\":{}1{}}}", "[".repeat(MAX_DEPTH - 1), "]".repeat(MAX_DEPTH - 1));
        check(&format!("{{\"Records\":[{deep},{fine}]}}"), &[&fine], &[Reject::TooDeep], true);
        let long = "[".repeat(1_000_000);
        check(&long, &[], &[Reject::CutOff], false);
    }
}
