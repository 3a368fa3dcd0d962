//! Any text is taken apart without a panic, everything that is found stands in it, and a message that is
//! written out and read again is the same: a message never makes anything up.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailwright::event::{Encoded, Message, Shape};

/// Whether `part` points into `text`, rather than being equal to a part of it.
fn is_inside(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes().as_ptr_range(), part.as_bytes().as_ptr_range());
    text.start <= part.start && part.end <= text.end
}

fuzz_target!(|text: &str| {
    let message = Message::parse(text);
    let encoded = message.encoded().map(|Encoded(blob)| blob);
    for part in [message.action(), message.resource(), message.policy_arn(), encoded].into_iter().flatten() {
        assert!(is_inside(text, part), "{part:?}");
    }
    assert!(message.action().is_none_or(|action| action.contains(':')), "{:?}", message.action());
    assert_eq!(message.shape() == Shape::Unread, matches!(message, Message::Unread(_)));
    let written = message.to_string();
    assert_eq!(Message::parse(&written), message, "{written:?}");

    // What EC2 encodes is opaque, whatever it looks like.
    const ENCODED: &str = "Encoded authorization failure message:";
    if let Some((plain, _)) = text.split_once(ENCODED) {
        let alone = Message::parse(plain);
        let is_read = !matches!(message, Message::Unread(_));
        assert!(!is_read || alone.action() == message.action() || plain.trim_end().ends_with("..."), "{plain:?}");
    }
});
