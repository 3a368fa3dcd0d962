use super::{Invalid, Json};

/// Why a value that stood where a record should stand was not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Reject {
    /// It does not parse.
    #[error("not valid JSON")]
    InvalidJson,
    /// The text ended inside it.
    #[error("cut off before its end")]
    CutOff,
    /// Nested beyond 100 levels.
    #[error("nested too deeply")]
    TooDeep,
    /// Longer than any record.
    #[error("longer than 16 MiB")]
    TooLong,
    /// A number, a string, a list or a line of text.
    #[error("not a JSON object")]
    NotAnObject,
    /// A field without which an event says nothing.
    #[error("no usable {0}")]
    Missing(&'static str),
    /// An Insights record.
    #[error("Insights record: an anomaly, not a call")]
    Insight,
    /// An aggregated record.
    #[error("aggregated record: a summary, not a call")]
    Aggregated,
    /// Something else AWS writes as JSON.
    #[error("{0}, not a CloudTrail record")]
    LookAlike(&'static str),
    /// An object without any of a record's fields.
    #[error("JSON without the fields of a CloudTrail record")]
    NotCloudTrail,
}

impl Reject {
    /// Whether the value was never meant to be a record of a call. A file that holds nothing else is
    /// not a CloudTrail file.
    pub fn is_foreign(self) -> bool {
        match self {
            Self::Insight | Self::Aggregated | Self::LookAlike(_) | Self::NotCloudTrail => true,
            Self::InvalidJson | Self::CutOff | Self::TooDeep | Self::TooLong | Self::NotAnObject | Self::Missing(_) => {
                false
            }
        }
    }

    /// The reason for excluding a file that holds nothing else.
    pub fn as_static(self) -> &'static str {
        match self {
            Self::Insight => "Insights records: anomalies, not calls",
            Self::Aggregated => "aggregated events: summaries without single calls",
            Self::LookAlike(what) => what,
            _ => "JSON without CloudTrail records",
        }
    }
}

/// The text of a file stopped making sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("JSON breaks off at byte {at}")]
pub struct Broken {
    /// Offset into the inflated bytes.
    pub at: usize,
}

impl From<Invalid> for Reject {
    fn from(_: Invalid) -> Self {
        Self::InvalidJson
    }
}

/// Names what an object is that no envelope knows.
pub(super) fn look_alike(value: Json<'_>) -> Reject {
    match value.entries() {
        None => Reject::NotAnObject,
        Some(entries) => entries
            .fold(None, |known, (key, _)| known.or_else(|| known_look_alike(key)))
            .unwrap_or(Reject::NotCloudTrail),
    }
}

/// What an object with such a key is, if it is something else that AWS writes.
pub(super) fn known_look_alike(key: Json<'_>) -> Option<Reject> {
    const KNOWN: &[(&str, &str)] = &[
        ("digestS3Object", "CloudTrail digest"),
        ("configurationItems", "AWS Config snapshot"),
        ("configurationItem", "AWS Config change"),
        ("s3ObjectKey", "delivery notification"),
        ("awslogs", "Lambda test event"),
        ("webaclId", "AWS WAF log"),
        ("detector-id", "GuardDuty finding"),
    ];
    KNOWN.iter().find(|(name, _)| key.is(name)).map(|(_, what)| Reject::LookAlike(what))
}
