//! The same JSON, spelt otherwise: escaped, as some producers write it, or indented, as tools leave it.
//! Both work on finished JSON and change no value.

/// Writes everything outside ASCII as `\u` and every slash as `\/`. In JSON both stand in strings only.
pub fn escaped(json: &str, out: &mut Vec<u8>) {
    for character in json.chars() {
        match character {
            '/' => out.extend_from_slice(b"\\/"),
            _ if character.is_ascii() => out.push(character as u8),
            _ => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
        }
    }
}

/// Indents compact JSON that arrives in pieces.
#[derive(Default)]
pub struct Indent {
    depth: usize,
    in_string: bool,
    after_backslash: bool,
    just_opened: bool,
}

impl Indent {
    pub fn feed(&mut self, json: &[u8], out: &mut Vec<u8>) {
        for &byte in json {
            self.byte(byte, out);
        }
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<u8>) {
        if self.in_string {
            self.in_string = self.after_backslash || byte != b'"';
            self.after_backslash = !self.after_backslash && byte == b'\\';
            out.push(byte);
            return;
        }
        let closing = matches!(byte, b'}' | b']');
        self.depth -= usize::from(closing && self.depth > 0);
        // `{}` stays as it is; anything else begins a line after what opened it.
        if closing != self.just_opened {
            self.line(out);
        }
        self.just_opened = matches!(byte, b'{' | b'[');
        self.depth += usize::from(self.just_opened);
        self.in_string = byte == b'"';
        out.push(byte);
        match byte {
            b',' => self.line(out),
            b':' => out.push(b' '),
            _ => {}
        }
    }

    fn line(&self, out: &mut Vec<u8>) {
        out.push(b'\n');
        out.extend(std::iter::repeat_n(b' ', 2 * self.depth));
    }
}
