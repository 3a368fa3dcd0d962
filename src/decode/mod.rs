//! Bytes to records: takes one inflated file, hands over every CloudTrail record in it, in file order.
//! Knows nothing of IAM, paths or threads. One file per envelope; [`ALL`] is the only list.
//!
//! Two steps. `frame` finds where values begin and end, without looking inside, so that one bad record
//! does not cost its neighbours and a file may end anywhere. Each value is then parsed by simd-json,
//! whole and strictly, and read into a [`Record`] that borrows from it.

mod event_bridge;
mod frame;
mod json;
mod log_events;
mod log_search;
mod lookup_events;
mod record;
mod reject;
mod trail_file;

pub use json::Json;
pub use record::{Record, UserIdentity};
pub use reject::{Broken, Reject};

use frame::Frame;
use json::Parser;

/// A way in which CloudTrail records are wrapped.
pub trait Envelope: Sync {
    /// What the wrapping is called in reports and docs.
    fn name(&self) -> &'static str;

    /// The member of the wrapping object that holds the list of elements, where there is one.
    fn list(&self) -> Option<&'static str>;

    /// Finds the record in one element; `None` when the element is not of this envelope.
    fn unwrap<'a>(&self, element: Json<'a>) -> Option<Content<'a>>;
}

/// What an element of an envelope holds.
pub enum Content<'a> {
    /// The record itself.
    Record(Json<'a>),
    /// The record as a JSON text.
    Text(&'a str),
}

/// Every envelope, the most common first. Arrays, JSON Lines and concatenated values need none: any
/// element may stand on its own.
pub const ALL: &[&dyn Envelope] = &[
    &trail_file::TrailFile,
    &lookup_events::LookupEvents,
    &event_bridge::EventBridge,
    &log_events::LogEvents,
    &log_search::LogSearch,
];

/// Decodes one file after the other in buffers that are reused. One per thread.
#[derive(Default)]
pub struct Decoder {
    element: Parser,
    embedded: Parser,
}

impl Decoder {
    /// Calls `each` for every value that stands where a record should stand: with the record, or with
    /// why it is none. Answers with the place where the text broke off, if it did; what came before
    /// has been handed over by then.
    pub fn records(&mut self, bytes: &[u8], each: &mut dyn FnMut(Result<Record<'_>, Reject>)) -> Result<(), Broken> {
        frame::split(bytes, &mut |frame| match frame {
            Frame::Value(text) => self.value(text, each),
            Frame::Reject(reject) => each(Err(reject)),
        })
    }

    fn value(&mut self, text: &[u8], each: &mut dyn FnMut(Result<Record<'_>, Reject>)) {
        let embedded = &mut self.embedded;
        let parsed =
            self.element.parse(text, |element| match ALL.iter().find_map(|envelope| envelope.unwrap(element)) {
                Some(Content::Record(record)) => each(Record::read(record)),
                Some(Content::Text(text)) if frame::too_deep(text.as_bytes()) => each(Err(Reject::TooDeep)),
                Some(Content::Text(text)) => {
                    let parsed = embedded.parse(text.as_bytes(), |record| each(Record::read(record)));
                    if parsed.is_err() {
                        each(Err(Reject::InvalidJson));
                    }
                }
                None => each(Err(reject::look_alike(element))),
            });
        if parsed.is_err() {
            each(Err(Reject::InvalidJson));
        }
    }
}
