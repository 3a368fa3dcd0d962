//! Where values begin and end. Follows quotes and brackets only; what is inside a value is checked
//! when it is parsed.
//!
//! A file is a sequence of values with or without space between them: one trail file, JSON Lines,
//! glued objects. Of a list, and of the list inside a known envelope, each element is handed over by
//! itself, so that memory and damage end with the element.

use memchr::{memchr, memchr2, memmem};

use super::{ALL, Broken, Reject};

/// Deepest nesting of a record. Real ones stay under 20; AWS's own limit for a policy is 2.
pub(super) const MAX_DEPTH: usize = 100;

/// One thing found.
pub(super) enum Frame<'a> {
    /// A JSON object, first brace to last.
    Value(&'a [u8]),
    /// Something that is no value to parse.
    Reject(Reject),
}

/// Where a value ends.
#[derive(Clone, Copy)]
struct End {
    at: usize,
    /// How many brackets stand inside each other; none for a scalar.
    depth: usize,
}

/// Why a value has no end.
#[derive(Clone, Copy)]
struct NoEnd {
    /// Where it stopped making sense; the end of the text if it was cut off.
    at: usize,
    reject: Reject,
}

/// Splits a text into frames. `Err` says where it broke off.
pub(super) fn split<'a>(bytes: &'a [u8], each: &mut dyn FnMut(Frame<'a>)) -> Result<(), Broken> {
    let mut splitter = Splitter { bytes, each };
    let mut at = bytes.len() - crate::archive::without_bom(bytes).len();
    // Once a line has turned out to be broken, a value may not go beyond its line: else the rest of
    // the file could be swallowed by one missing brace, again and again.
    let mut one_line_each = false;
    while let Some(start) = skip(bytes, at, b" \t\r\n,") {
        let line_end = || memchr(b'\n', bytes.get(start..).unwrap_or_default()).map_or(bytes.len(), |n| start + n);
        splitter.bytes = if one_line_each { bytes.get(..line_end()).unwrap_or(bytes) } else { bytes };
        let end = match bytes.get(start) {
            Some(b'{') => splitter.object(start),
            Some(b'[') => splitter.list(start),
            _ => {
                // A CloudWatch Logs export stamps each line: `2026-02-03T04:05:06.789Z {…}`.
                let line = bytes.get(start..line_end()).unwrap_or_default();
                match memmem::find(line, b"Z {").filter(|n| *n < 32) {
                    Some(stamp) => {
                        at = start + stamp + 2;
                        continue;
                    }
                    None => {
                        (splitter.each)(Frame::Reject(Reject::NotAnObject));
                        Ok(line_end())
                    }
                }
            }
        };
        at = match end {
            Ok(end) => end,
            Err(no_end) => {
                (splitter.each)(Frame::Reject(no_end.reject));
                let rest = bytes.get(start..).unwrap_or_default();
                match memmem::find(rest, b"\n{") {
                    Some(next) => {
                        one_line_each = true;
                        start + next + 1
                    }
                    None => return Err(Broken { at: no_end.at }),
                }
            }
        };
    }
    Ok(())
}

/// Whether brackets nest beyond the cap; for texts that come out of other values.
pub(super) fn too_deep(text: &[u8]) -> bool {
    match skip(text, 0, b" \t\r\n") {
        Some(start) => value_end(text, start).is_ok_and(|end| end.depth > MAX_DEPTH),
        None => false,
    }
}

struct Splitter<'a, 'f> {
    bytes: &'a [u8],
    each: &'f mut dyn FnMut(Frame<'a>),
}

impl Splitter<'_, '_> {
    /// An object: an envelope whose list is handed over piece by piece, or one value.
    fn object(&mut self, start: usize) -> Result<usize, NoEnd> {
        let (mut at, mut depth) = (start + 1, 0);
        let mut is_envelope = false;
        loop {
            at = self.next(at)?;
            match self.bytes.get(at) {
                Some(b'}') => break,
                Some(b',') => at += 1,
                Some(b'"') => {
                    let key_end = string_end(self.bytes, at)?;
                    let key = self.bytes.get(at..key_end).unwrap_or_default();
                    at = self.next(key_end)?;
                    if self.bytes.get(at) != Some(&b':') {
                        return Err(NoEnd { at, reject: Reject::InvalidJson });
                    }
                    at = self.next(at + 1)?;
                    at = if self.bytes.get(at) == Some(&b'[') && names_a_list(key) {
                        is_envelope = true;
                        self.list(at)?
                    } else {
                        let end = value_end(self.bytes, at)?;
                        depth = depth.max(end.depth);
                        end.at
                    };
                }
                _ => return Err(NoEnd { at, reject: Reject::InvalidJson }),
            }
        }
        if !is_envelope {
            self.element(start, End { at: at + 1, depth: depth + 1 });
        }
        Ok(at + 1)
    }

    /// A list: each element by itself.
    fn list(&mut self, start: usize) -> Result<usize, NoEnd> {
        let mut at = start + 1;
        loop {
            at = self.next(at)?;
            match self.bytes.get(at) {
                Some(b']') => return Ok(at + 1),
                Some(b',') => at += 1,
                Some(b'}' | b':') => return Err(NoEnd { at, reject: Reject::InvalidJson }),
                Some(first) => {
                    let end = value_end(self.bytes, at)?;
                    if *first == b'{' {
                        self.element(at, end);
                    } else {
                        (self.each)(Frame::Reject(Reject::NotAnObject));
                    }
                    at = end.at;
                }
                None => return Err(self.cut_off()),
            }
        }
    }

    fn element(&mut self, start: usize, end: End) {
        let text = self.bytes.get(start..end.at).unwrap_or_default();
        (self.each)(if end.depth > MAX_DEPTH { Frame::Reject(Reject::TooDeep) } else { Frame::Value(text) });
    }

    fn next(&self, at: usize) -> Result<usize, NoEnd> {
        skip(self.bytes, at, b" \t\r\n").ok_or_else(|| self.cut_off())
    }

    fn cut_off(&self) -> NoEnd {
        NoEnd { at: self.bytes.len(), reject: Reject::CutOff }
    }
}

/// Whether a key, in its quotes, is the list of some envelope.
fn names_a_list(key: &[u8]) -> bool {
    let is = |name: &str| ALL.iter().any(|envelope| envelope.list() == Some(name));
    match key {
        [b'"', inside @ .., b'"'] if !inside.contains(&b'\\') => std::str::from_utf8(inside).is_ok_and(is),
        // An escape in a key is legal and names the same key.
        _ => serde_json::from_slice::<String>(key).is_ok_and(|key| is(&key)),
    }
}

/// The end of the value that starts at `start`, and how deep it nests.
fn value_end(bytes: &[u8], start: usize) -> Result<End, NoEnd> {
    let (mut at, mut open, mut depth) = (start, 0_usize, 0_usize);
    loop {
        match bytes.get(at).ok_or(NoEnd { at: bytes.len(), reject: Reject::CutOff })? {
            b'"' => {
                at = string_end(bytes, at)?;
                if open == 0 {
                    return Ok(End { at, depth });
                }
                continue;
            }
            b'{' | b'[' => {
                open += 1;
                depth = depth.max(open);
            }
            b'}' | b']' if open == 0 => return Ok(End { at, depth }),
            b'}' | b']' => {
                open -= 1;
                if open == 0 {
                    return Ok(End { at: at + 1, depth });
                }
            }
            b',' | b' ' | b'\t' | b'\r' | b'\n' if open == 0 => return Ok(End { at, depth }),
            _ => {}
        }
        at += 1;
    }
}

/// The end of the string whose first quote is at `start`.
fn string_end(bytes: &[u8], start: usize) -> Result<usize, NoEnd> {
    let mut at = start + 1;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let cut_off = NoEnd { at: bytes.len(), reject: Reject::CutOff };
        let found = at + memchr2(b'"', b'\\', rest).ok_or(cut_off)?;
        if bytes.get(found) == Some(&b'"') {
            return Ok(found + 1);
        }
        at = found + 2;
    }
}

/// The first position from `at` on that holds none of `blank`.
fn skip(bytes: &[u8], at: usize, blank: &[u8]) -> Option<usize> {
    let rest = bytes.get(at..)?;
    rest.iter().position(|b| !blank.contains(b)).map(|n| at + n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, values: &[&str], rejects: &[Reject], whole: bool) {
        let (mut found, mut rejected) = (Vec::new(), Vec::new());
        let result = split(text.as_bytes(), &mut |frame| match frame {
            Frame::Value(text) => found.push(std::str::from_utf8(text).unwrap()),
            Frame::Reject(reject) => rejected.push(reject),
        });
        assert_eq!((found.as_slice(), rejected.as_slice(), result.is_ok()), (values, rejects, whole), "{text}");
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
