use std::io;

use super::value::CleanJson;
use super::{Renderer, Report};

/// One JSON object, indented, keys in a fixed order.
pub(super) struct Json;

impl Renderer for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn render(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(CleanJson(out), report)?;
        writeln!(out)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use anstream::StripStream;
    use proptest::prelude::*;

    use super::super::hostile;
    use super::*;

    proptest! {
        #[test]
        fn nothing_is_lost_where_styles_are_taken_away(text in hostile::text()) {
            let report = hostile::overview(&text);
            let mut out = Vec::new();
            Json.render(&report, &mut StripStream::new(&mut out as &mut dyn Write)).unwrap();
            let read: serde_json::Value = serde_json::from_slice(&out).unwrap();
            prop_assert_eq!(read, serde_json::to_value(&report).unwrap());
        }
    }
}
