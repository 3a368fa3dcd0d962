//! Any text is decoded without a panic, and comes to the same answers
//!
//! - by a decoder that has met the text before and expects its keys,
//! - through a window that shows a few bytes more each time (how many, the first byte of the input says),
//! - cut into pieces first and read then,
//! - by the slow twin of the tests, as far as the text is JSON,
//! - by a strict decoder, but for what that one calls invalid.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailwright::archive::{Text, Whole};
use trailwright::decode::{Broken, Decoder, Json, Record, Reject};

#[path = "../../tests/it/twin.rs"]
mod twin;

/// A text that shows so many bytes more each time.
struct Drip<'a> {
    text: &'a [u8],
    start: usize,
    end: usize,
    step: usize,
}

impl<'a> Drip<'a> {
    fn new(text: &'a [u8], step: usize) -> Self {
        // A byte order mark is looked for in what is visible first.
        Self { text, start: 0, end: step.max(4).min(text.len()), step }
    }
}

impl Text for Drip<'_> {
    fn visible(&self) -> &[u8] {
        &self.text[self.start..self.end]
    }

    fn more(&mut self, keep: usize) -> bool {
        self.start = (self.start + keep).min(self.end);
        let before = self.end;
        self.end = (self.end + self.step).min(self.text.len());
        self.end > before
    }
}

/// A record as it stands in the text.
#[derive(Clone, Debug, PartialEq)]
struct Kept {
    time: i128,
    fields: Vec<Option<String>>,
}

impl Kept {
    fn of(record: &Record<'_>) -> Self {
        let fields = [
            Some(record.event_source),
            Some(record.event_name),
            record.aws_region,
            record.source_ip_address,
            record.user_agent,
            record.error_code,
            record.error_message,
            record.request_id,
            record.event_id,
            record.event_type,
            record.event_category,
            record.recipient_account_id,
            record.vpc_endpoint_id,
            record.read_only,
            record.user_identity,
            record.request_parameters,
            record.response_elements,
            record.additional_event_data,
            record.resources,
        ];
        let raw = |json: Json<'_>| json.raw().escape_ascii().to_string();
        Self { time: record.event_time.as_nanosecond(), fields: fields.map(|field| field.map(raw)).to_vec() }
    }
}

type Answers = (Vec<Result<Kept, Reject>>, Result<(), Broken>);

fn answers(decoder: &mut Decoder, text: &mut dyn Text) -> Answers {
    let mut answers = Vec::new();
    let end = decoder.records_of(text, |answer| answers.push(answer.map(|record| Kept::of(&record))));
    (answers, end)
}

fuzz_target!(|input: &[u8]| {
    let Some((step, text)) = input.split_first() else { return };
    let mut decoder = Decoder::default();
    let whole = answers(&mut decoder, &mut Whole(text));
    assert_eq!(answers(&mut decoder, &mut Whole(text)), whole, "read again");

    // Each step may begin an element again, so a long text is not shown byte by byte.
    let step = usize::from(*step).max(1).max(text.len() / 1000);
    assert_eq!(answers(&mut Decoder::default(), &mut Drip::new(text, step)), whole, "{step} bytes at a time");

    let strict = answers(&mut Decoder::strict(), &mut Whole(text));
    assert_eq!((strict.0.len(), strict.1), (whole.0.len(), whole.1));
    for (strict, usual) in strict.0.iter().zip(&whole.0) {
        assert!(strict == usual || *strict == Err(Reject::InvalidJson), "{strict:?} is not {usual:?}");
    }

    twin::check("the text", text);
});
