use super::{Envelope, Json};

/// What `aws cloudtrail lookup-events` prints: the record as an escaped text in each element.
pub(super) struct LookupEvents;

impl Envelope for LookupEvents {
    fn name(&self) -> &'static str {
        "lookup-events output"
    }

    fn list(&self) -> Option<&'static str> {
        Some("Events")
    }

    fn unwrap<'a>(&self, element: Json<'a>) -> Option<Json<'a>> {
        element.get("CloudTrailEvent").filter(|record| record.is_string())
    }
}
