use super::{Envelope, Json};

/// What `aws logs filter-log-events` and `get-log-events` print. Its elements are those of
/// [`super::log_events`].
pub(super) struct LogSearch;

impl Envelope for LogSearch {
    fn name(&self) -> &'static str {
        "filter-log-events output"
    }

    fn list(&self) -> Option<&'static str> {
        Some("events")
    }

    fn unwrap<'a>(&self, element: Json<'a>) -> Option<Json<'a>> {
        super::log_events::LogEvents.unwrap(element)
    }
}
