use std::borrow::Cow;

use super::{Form, Piece, Subject, pretty};
use crate::report::render::clean_json;

/// IAM's own JSON, a file per policy, as it is to be attached.
pub(super) struct Json;

impl Form for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn write<'s>(&self, subject: &'s Subject<'_>) -> Result<Vec<Piece<'s>>, String> {
        let is_one = subject.policies.len() == 1;
        let piece = |(at, policy): (usize, &'s [_])| {
            let text = policy.iter().map(|named: &super::Named<'_>| text(subject, named)).collect::<Result<_, _>>();
            let ending = if is_one { Cow::from(".json") } else { Cow::from(format!(".{}.json", at + 1)) };
            Ok(Piece { ending, text: text.map_err(|error| error.to_string())?, policies: policy })
        };
        subject.policies.chunks(1).enumerate().map(piece).collect()
    }
}

/// Indented for people and for Git, unless the white space would count, or be too much.
fn text(subject: &Subject<'_>, policy: &super::Named<'_>) -> serde_json::Result<String> {
    let document = &policy.row.document;
    let indented = pretty(document)?;
    let is_too_long = subject.target.raw_bytes().is_some_and(|most| indented.len() > most);
    if subject.target.counts_white_space() || is_too_long {
        return Ok(clean_json(&serde_json::to_string(document)?));
    }
    Ok(indented)
}
