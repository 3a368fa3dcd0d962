//! Any text is taken apart without a panic, and everything that is found stands in it: a message never makes
//! anything up. What is found is no more than what was there before an encoded part.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailwright::event::Message;

/// Whether `part` points into `text`, rather than being equal to a part of it.
fn is_inside(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes().as_ptr_range(), part.as_bytes().as_ptr_range());
    text.start <= part.start && part.end <= text.end
}

fuzz_target!(|text: &str| {
    let message = Message::parse(text);
    for part in [message.action, message.resource, message.policy_arn].into_iter().flatten() {
        assert!(!part.is_empty() && is_inside(text, part), "{part:?}");
    }
    assert!(message.action.is_none_or(|action| action.contains(':')), "{:?}", message.action);
    assert!(message.is_denial() || message.action.is_none());
    assert_eq!(Message::parse(&text.to_owned()), message);

    // What EC2 encodes is opaque, whatever it looks like.
    const ENCODED: &str = "Encoded authorization failure message:";
    assert_eq!(message.has_encoded_part, text.contains(ENCODED));
    if let Some((plain, _)) = text.split_once(ENCODED) {
        assert_eq!(Message { has_encoded_part: true, ..Message::parse(plain) }, message);
    }
});
