use super::{Content, Envelope, Json};

/// What a trail delivers, `{"Records":[record, …]}`, and every record that stands on its own.
pub(super) struct TrailFile;

impl Envelope for TrailFile {
    fn name(&self) -> &'static str {
        "trail file"
    }

    fn list(&self) -> Option<&'static str> {
        Some("Records")
    }

    fn unwrap<'a>(&self, element: Json<'a>) -> Option<Content<'a>> {
        // Any one of them will do: what else is missing is then said by name.
        let mark = |key| matches!(key, "eventVersion" | "userIdentity" | "eventSource" | "eventName");
        element.entries()?.any(|(key, _)| mark(key)).then_some(Content::Record(element))
    }
}
