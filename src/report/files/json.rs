use std::borrow::Cow;

use super::{Form, Named, Piece, Subject};

/// IAM's own JSON, a file per policy, as it is to be attached.
pub(super) struct Json;

impl Form for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn write<'s>(&self, subject: &'s Subject<'_>) -> Result<Vec<Piece<'s>>, String> {
        let is_one = subject.policies.len() == 1;
        let piece = |(at, policies): (usize, &'s [Named<'s>])| {
            let text = policies.iter().map(|policy| subject.document(policy)).collect::<Result<_, _>>()?;
            let ending = if is_one { Cow::from(".json") } else { Cow::from(format!(".{}.json", at + 1)) };
            Ok(Piece { ending, text, policies })
        };
        subject.policies.chunks(1).enumerate().map(piece).collect()
    }
}
