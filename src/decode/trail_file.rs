use super::Envelope;

/// What a trail delivers, `{"Records":[record, …]}`.
pub(super) struct TrailFile;

impl Envelope for TrailFile {
    fn name(&self) -> &'static str {
        "trail file"
    }

    fn list(&self) -> Option<&'static str> {
        Some("Records")
    }
}
