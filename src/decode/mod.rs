//! Bytes to records: takes one inflated file, hands over every CloudTrail record in it, in file order.
//! Knows nothing of IAM, paths or threads. One file per envelope; [`ALL`] is the only list.
//!
//! A record is walked once, member by member, strictly; what stands inside a member is passed over by
//! its quotes and brackets and read only when somebody asks. So damage inside a value that nobody reads
//! goes unseen, unless the decoder is strict.

mod brackets;
mod cut;
mod event_bridge;
mod frame;
mod json;
mod lex;
mod log_events;
mod log_search;
mod lookup_events;
mod order;
mod record;
mod reject;
mod trail_file;

pub use cut::{Cut, Piece};
pub use json::{Invalid, Json};
pub use record::Record;
pub(crate) use record::moment;
pub use reject::{Broken, Reject};

use frame::{MAX_DEPTH, Take, Taken, split};
use json::Members;
use lex::{NoEnd, value_end};
use order::Order;
use record::{Field, Fields};

use crate::archive::{Text, Whole};

/// A way in which CloudTrail records are wrapped.
pub trait Envelope: Sync {
    /// What the wrapping is called in reports and docs.
    fn name(&self) -> &'static str;

    /// The member of the wrapping object that holds the list of elements, where there is one.
    fn list(&self) -> Option<&'static str>;

    /// Finds the record in one element: itself, or as a string that holds its text. `None` when the
    /// element is not of this envelope. Records that stand by themselves are known by their keys.
    fn unwrap<'a>(&self, _element: Json<'a>) -> Option<Json<'a>> {
        None
    }
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

/// Decodes one file after the other. One per thread.
#[derive(Default)]
pub struct Decoder {
    order: Order,
    strict: Option<Box<Strict>>,
}

/// What checking every record wholly needs, reused from record to record.
#[derive(Default)]
struct Strict {
    text: Vec<u8>,
    buffers: simd_json::Buffers,
}

impl Decoder {
    /// A decoder that refuses every record that is not wholly valid JSON, also where the damage is in a
    /// value that nobody reads.
    pub fn strict() -> Self {
        Self { strict: Some(Box::default()), ..Self::default() }
    }

    /// Calls `each` for every value that stands where a record should stand: with the record, or with
    /// why it is none. Answers with the place where the text broke off, if it did; what came before
    /// has been handed over by then.
    pub fn records(&mut self, bytes: &[u8], each: impl FnMut(Result<Record<'_>, Reject>)) -> Result<(), Broken> {
        self.records_of(&mut Whole(bytes), each)
    }

    /// As [`Self::records`], of a text that comes a window at a time.
    pub fn records_of<T: Text + ?Sized>(
        &mut self,
        text: &mut T,
        each: impl FnMut(Result<Record<'_>, Reject>),
    ) -> Result<(), Broken> {
        split(text, &mut Taking { order: &mut self.order, strict: self.strict.as_deref_mut(), each })
    }
}

struct Taking<'d, F> {
    order: &'d mut Order,
    strict: Option<&'d mut Strict>,
    each: F,
}

impl<F: FnMut(Result<Record<'_>, Reject>)> Take for Taking<'_, F> {
    #[inline]
    fn object(&mut self, bytes: &[u8], start: usize, may_be_envelope: bool) -> Result<Taken, NoEnd> {
        // The object is one level itself.
        let mut members = Members::of(bytes, start, MAX_DEPTH - 1);
        let mut fields = Fields::new();
        self.order.begin();
        let walked = loop {
            let (key, at) = match self.order.next_key(bytes, &mut members) {
                Ok(Some(found)) => found,
                Ok(None) => break Ok(()),
                Err(no_end) => break Err(no_end),
            };
            if may_be_envelope && key.is_list && bytes.get(at) == Some(&b'[') {
                return Ok(Taken::List(at));
            }
            match (members.value(at), key.field) {
                (Ok(value), Some(field)) => fields.take(field, value),
                (Ok(_), None) => {}
                (Err(no_end), _) => break Err(no_end),
            }
        };
        match walked {
            Ok(()) => {}
            // Where a list goes on behind it, a broken element costs itself only.
            Err(no_end) if no_end.reject == Reject::InvalidJson && !may_be_envelope => {
                let end = value_end(bytes, start, MAX_DEPTH)?;
                self.reject(if end.too_deep { Reject::TooDeep } else { Reject::InvalidJson });
                return Ok(Taken::Whole(end.at));
            }
            Err(no_end) => return Err(no_end),
        }
        let (end, too_deep) = (members.at(), members.too_deep);
        if too_deep {
            self.reject(Reject::TooDeep);
        } else if !self.strict.as_mut().is_none_or(|strict| strict.accepts(bytes.get(start..end).unwrap_or_default())) {
            self.reject(Reject::InvalidJson);
        } else if fields.is_record {
            (self.each)(fields.record(bytes.get(start..end).unwrap_or_default()));
        } else {
            self.wrapped(Json::between(bytes, start, lex::End { at: end, escaped: false, too_deep }));
        }
        Ok(Taken::Whole(end))
    }

    fn reject(&mut self, reject: Reject) {
        (self.each)(Err(reject));
    }

    fn look_alike(&self, bytes: &[u8], start: usize) -> Option<Reject> {
        look_alike(bytes, start)
    }
}

/// What an object without end is, if its first keys tell.
fn look_alike(bytes: &[u8], start: usize) -> Option<Reject> {
    let mut members = Members::of(bytes, start, MAX_DEPTH);
    while let Ok(Some((key, at))) = members.next_key() {
        let known = reject::known_look_alike(key);
        if known.is_some() || members.value(at).is_err() {
            return known;
        }
    }
    None
}

impl<F: FnMut(Result<Record<'_>, Reject>)> Taking<'_, F> {
    /// An element that is no record itself: one of an envelope, or something else.
    fn wrapped(&mut self, element: Json<'_>) {
        let Some(inside) = ALL.iter().find_map(|envelope| envelope.unwrap(element)) else {
            return self.reject(reject::look_alike(element));
        };
        match inside.text() {
            Ok(Some(text)) => (self.each)(embedded(&text, self.strict.as_deref_mut())),
            Ok(None) => (self.each)(read(inside)),
            Err(Invalid) => self.reject(Reject::InvalidJson),
        }
    }
}

/// The record in a text that stood in another value.
fn embedded<'t>(text: &'t str, strict: Option<&mut Strict>) -> Result<Record<'t>, Reject> {
    if !text.trim_ascii_start().starts_with('{') {
        let valid = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        return Err(if valid { Reject::NotAnObject } else { Reject::InvalidJson });
    }
    let (object, end) = Json::alone(text.as_bytes(), MAX_DEPTH).map_err(|_| Reject::InvalidJson)?;
    if end.too_deep {
        return Err(Reject::TooDeep);
    }
    if strict.is_some_and(|strict| !strict.accepts(object.raw())) {
        return Err(Reject::InvalidJson);
    }
    read(object)
}

/// The record that an object is.
fn read(object: Json<'_>) -> Result<Record<'_>, Reject> {
    if !object.is_object() {
        return Err(Reject::NotAnObject);
    }
    let mut members = Members::of(object.raw(), 0, MAX_DEPTH);
    let mut fields = Fields::new();
    while let Some((key, value)) = members.next().map_err(|_| Reject::InvalidJson)? {
        if let Some(field) = Field::of(key) {
            fields.take(field, value);
        }
    }
    fields.record(object.raw())
}

impl Strict {
    fn accepts(&mut self, text: &[u8]) -> bool {
        self.text.clear();
        self.text.extend_from_slice(text);
        let mut tape = simd_json::Tape(Vec::new());
        simd_json::fill_tape(&mut self.text, &mut self.buffers, &mut tape).is_ok()
    }
}
