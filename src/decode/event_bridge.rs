use super::{Envelope, Json};

/// What EventBridge hands to its targets: the record under `detail`.
pub(super) struct EventBridge;

impl Envelope for EventBridge {
    fn name(&self) -> &'static str {
        "EventBridge event"
    }

    fn list(&self) -> Option<&'static str> {
        None
    }

    fn unwrap<'a>(&self, element: Json<'a>) -> Option<Json<'a>> {
        let kind = element.get("detail-type")?.as_str()?;
        kind.ends_with("via CloudTrail").then(|| element.get("detail"))?
    }
}
