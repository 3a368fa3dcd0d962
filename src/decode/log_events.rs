use super::{Envelope, Json};

/// What a CloudWatch Logs subscription delivers: the record as the text of each log event.
pub(super) struct LogEvents;

impl Envelope for LogEvents {
    fn name(&self) -> &'static str {
        "CloudWatch Logs subscription"
    }

    fn list(&self) -> Option<&'static str> {
        Some("logEvents")
    }

    fn unwrap<'a>(&self, element: Json<'a>) -> Option<Json<'a>> {
        element.get("timestamp")?;
        element.get("message").filter(|message| message.is_string())
    }
}
