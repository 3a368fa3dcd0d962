//! The grammar of access-denied messages, after the IAM user guide's "Troubleshoot access denied error
//! messages", the S3 user guide's "Troubleshoot access denied (403 Forbidden) errors", and what was seen in
//! logs. A caller chooses names of sessions and objects, so a reason counts only where it explains the text
//! to its end: what looks like one inside a name does not.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use smallvec::SmallVec;
use winnow::ascii::Caseless;
use winnow::combinator::{alt, delimited, eof, opt, preceded, repeat, separated_pair, terminated};
use winnow::error::EmptyError;
use winnow::prelude::*;
use winnow::token::{rest, take_until, take_while};

use super::message::*;
use crate::iam::Arn;

type Parsed<T> = Result<T, EmptyError>;

/// A text that is looked for, ready to be found quickly.
type Marker = LazyLock<Finder<'static>>;

static FIND_CORE: Marker = LazyLock::new(|| Finder::new(CORE));
static FIND_BECAUSE: Marker = LazyLock::new(|| Finder::new(BECAUSE));
static FIND_EXPLICIT: Marker = LazyLock::new(|| Finder::new(EXPLICIT));
static FIND_ENCODED: Marker = LazyLock::new(|| Finder::new(ENCODED));

/// What stands before and behind a marker.
fn split_once<'a>(text: &'a str, marker: &Finder<'_>) -> Option<(&'a str, &'a str)> {
    let at = marker.find(text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + marker.needle().len()..)?))
}

/// Takes a text apart.
pub(super) fn parse(text: &str) -> Message<'_> {
    let text = text.trim();
    let (body, encoded, cut_behind) = match split_once(text, &FIND_ENCODED) {
        // The encoded part comes last and is opaque, whatever it looks like.
        Some((body, blob)) => {
            let blob = blob.trim();
            let first = blob.split_whitespace().next().unwrap_or(blob).trim_end_matches('.');
            (without_dots(body), Some(Encoded(first)), Some(blob.ends_with(CUT)))
        }
        None => (without_request(text), None, None),
    };
    let found = match cut_behind {
        Some(is_cut) => not_authorized(encoded, false, is_cut).parse(body).ok(),
        None => match body.strip_suffix(CUT) {
            Some(body) => not_authorized(None, true, true).parse(body).ok(),
            None => not_authorized(None, false, false).parse(body).ok(),
        },
    };
    if let Some(said) = found {
        return Message::NotAuthorized(said);
    }
    if without_dots(body) == without_dots(PREFIX) {
        return Message::EncodedOnly { encoded, is_cut: cut_behind == Some(true) };
    }
    match encoded {
        Some(_) => Message::Unread(text),
        None => terminated(other, end).parse(body).unwrap_or(Message::Unread(body)),
    }
}

/// SDKs add what they know of the request, in parentheses: behind what was not authorized, not in the name of
/// who was not.
fn without_request(text: &str) -> &str {
    let said = FIND_CORE.find(text.as_bytes()).map_or(0, |at| at + CORE.len());
    let mut end = text.len();
    while let Some(tail) = text.get(said..end).filter(|tail| tail.ends_with(')'))
        && let Some((before, _)) = tail.rsplit_once(" (Service: ")
    {
        end = said + before.trim_end().len();
    }
    text.get(..end).unwrap_or(text)
}

fn without_dots(text: &str) -> &str {
    text.trim().trim_end_matches('.')
}

/// What may follow when everything was said.
fn end<'a>(input: &mut &'a str) -> Parsed<&'a str> {
    (take_while(0.., '.'), eof).take().parse_next(input)
}

/// Everything but "is not authorized to perform".
fn other<'a>(input: &mut &'a str) -> Parsed<Message<'a>> {
    let execute = separated_pair(preceded("Principal [", take_until(1.., EXECUTE)), EXECUTE, action);
    alt((
        terminated(execute, ("]", rest)).map(|(subject, action)| Message::NotAllowedToExecute { subject, action }),
        delimited("User: ", take_until(1.., ACCESS), ACCESS).map(Message::NotAuthorizedToAccess),
        delimited(RESOURCE_DENIED, take_until(1.., " is denied"), " is denied").map(Message::ResourceDenied),
        delimited(IMAGES, take_until(1.., "]"), ("]", rest)).map(Message::ImagesNotShared),
        alt((Caseless("access denied"), Caseless("accessdenied"), Caseless("forbidden"), Caseless("unauthorized")))
            .value(Message::AccessDenied),
        fixed,
    ))
    .parse_next(input)
}

/// Sentences without anything that varies, but for what may follow.
fn fixed<'a>(input: &mut &'a str) -> Parsed<Message<'a>> {
    const SENTENCES: &[(&str, Message<'static>)] = &[
        (KEY_UNKNOWN, Message::KeyUnknown),
        (CROSS_ACCOUNT, Message::CrossAccountPassRole),
        (UNKNOWN_ERROR, Message::UnknownError),
        (ENDPOINT_POLICY, Message::VpcEndpointPolicy),
        (NOT_ACTIVATED, Message::BillingNotActivated),
        (INCORRECT, Message::BadCredentials),
        ("User does not exist", Message::BadCredentials),
        ("User is disabled", Message::BadCredentials),
        ("AWS was not able to validate the provided access credentials", Message::BadCredentials),
        ("The security token included in the request is", Message::BadCredentials),
        ("The provided token has expired", Message::BadCredentials),
    ];
    let begins = |text: &'a str| SENTENCES.iter().find(|(words, _)| text.starts_with(words));
    rest.verify_map(begins).map(|(_, message)| *message).parse_next(input)
}

/// "User: … is not authorized to perform: …". `in_text` says whether the text was cut within this part of it,
/// `is_cut` whether it was cut anywhere.
fn not_authorized<'a>(
    encoded: Option<Encoded<'a>>,
    in_text: bool,
    is_cut: bool,
) -> impl Parser<&'a str, NotAuthorized<'a>, EmptyError> {
    move |input: &mut &'a str| {
        let (lead, said) = split_once(input, &FIND_CORE).ok_or(EmptyError)?;
        *input = said;
        let has_prefix = lead.trim_start().starts_with(PREFIX);
        let subject = match lead.rsplit_once("User:") {
            Some((_, subject)) => subject,
            None => lead.trim_start().trim_start_matches(PREFIX),
        };
        let subject = Some(subject.trim()).filter(|subject| !subject.is_empty());
        let action = opt(preceded(take_while(0.., ' '), action)).parse_next(input)?;
        // Of an action that is cut off nobody knows how it goes on.
        let action = action.filter(|_| !(in_text && input.is_empty()));
        let (target, reason) = target_and_reason(in_text).parse_next(input)?;
        Ok(NotAuthorized { has_prefix, subject, action, target, reason, encoded, is_cut })
    }
}

/// `service:Name`.
fn action<'a>(input: &mut &'a str) -> Parsed<&'a str> {
    let service = take_while(1.., |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let name = take_while(1.., |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*'));
    (service, ':', name).take().parse_next(input)
}

/// On what, and why. Takes the rest of the text.
fn target_and_reason<'a>(is_cut: bool) -> impl Parser<&'a str, (Target<'a>, Reason<'a>), EmptyError> {
    move |input: &mut &'a str| {
        let target = opt(alt((
            ON_RESOURCE.value(Target::Named("")),
            ON_SPECIFIED.value(Target::Specified),
            ON_CIPHERTEXT.value(Target::Ciphertext),
        )))
        .parse_next(input)?;
        let rest = rest.parse_next(input)?;
        let found = match target {
            Some(Target::Named(_)) => named(rest, is_cut),
            target => (target.unwrap_or(Target::None), reason_of(rest, is_cut)),
        };
        // Nothing behind the action: what stood there is cut off.
        Ok(if is_cut && found == (Target::None, Reason::None) { (Target::Cut, Reason::None) } else { found })
    }
}

/// The reason that a text without a resource ends with.
fn reason_of(text: &str, is_cut: bool) -> Reason<'_> {
    match ending.parse(text) {
        Ok(reason) => reason.unless_cut(is_cut),
        Err(_) if is_cut && text.starts_with(EXPLICIT) => Reason::Explicit { layer: None, policy_arn: None },
        Err(_) if is_cut => Reason::None,
        Err(_) => Reason::Other(text),
    }
}

/// A resource, and the reason behind it.
fn named(text: &str, is_cut: bool) -> (Target<'_>, Reason<'_>) {
    let mut stops: SmallVec<[usize; 4]> = SmallVec::new();
    [&*FIND_BECAUSE, &*FIND_EXPLICIT].iter().for_each(|stop| stops.extend(stop.find_iter(text.as_bytes())));
    stops.sort_unstable();
    // The last one that explains the text to its end: what comes before it is part of the name.
    for at in stops.iter().rev().filter(|_| !is_cut) {
        if let Some((name, Ok(reason))) = text.split_at_checked(*at).map(|(name, why)| (name, ending.parse(why))) {
            return (target(name), reason);
        }
    }
    // Where the end is cut off, a quoted name ends with its quote.
    let is_quoted = is_cut && text.trim_start().starts_with('"');
    let first = stops.iter().copied().find(|at| !is_quoted || text.get(..*at).is_some_and(|name| name.ends_with('"')));
    match first.and_then(|at| text.split_at_checked(at)) {
        Some((name, why)) => (target(name), reason_of(why, is_cut)),
        None if is_cut => (Target::Cut, Reason::None),
        None => (target(text), Reason::None),
    }
}

/// A resource by the name it is given.
fn target(name: &str) -> Target<'_> {
    let name = name.trim();
    let name = if name.ends_with('"') { name } else { name.trim_end_matches('.') };
    match name.trim_matches(|c: char| c == '"' || c.is_whitespace()) {
        "" => Target::None,
        name => Target::Named(name),
    }
}

impl Reason<'_> {
    /// What is left of it where the text was cut right behind it. A policy's ARN may have gone on; what seems
    /// to say that nothing allowed the call may stand within a name.
    fn unless_cut(self, is_cut: bool) -> Self {
        match self {
            Self::Explicit { layer, .. } if is_cut => Self::Explicit { layer, policy_arn: None },
            Self::Implicit { .. } if is_cut => Self::None,
            reason => reason,
        }
    }
}

/// A reason to the end of the text, or nothing.
fn ending<'a>(input: &mut &'a str) -> Parsed<Reason<'a>> {
    terminated(opt(reason).map(|reason| reason.unwrap_or(Reason::None)), end).parse_next(input)
}

fn reason<'a>(input: &mut &'a str) -> Parsed<Reason<'a>> {
    alt((
        separated_pair(preceded(IMPLICIT, layer), ALLOWS, terminated(action, " action"))
            .map(|(layer, action)| Reason::Implicit { layer, action }),
        // Where one policy refuses for another, the other one is the reason.
        (preceded(EXPLICIT, opt(in_layer)), opt(in_layer), opt(preceded((':', take_while(0.., ' ')), policy_arn)))
            .map(|(layer, behind, policy_arn)| Reason::Explicit { layer: behind.or(layer), policy_arn }),
        (KEY_OR_POLICY).value(Reason::KeyOrPolicy),
        (CUSTOMER_KEYS, rest).value(Reason::CustomerKeysBlocked),
    ))
    .parse_next(input)
}

fn in_layer<'a>(input: &mut &'a str) -> Parsed<Layer<'a>> {
    let article = opt(alt(("a ", "an ", "the ")));
    preceded((alt((" transitively through", " in")), take_while(1.., ' '), article), layer).parse_next(input)
}

/// A layer that is known, or else a few words.
fn layer<'a>(input: &mut &'a str) -> Parsed<Layer<'a>> {
    let word = || take_while(1..=30, |c: char| c.is_ascii_alphanumeric() || c == '-');
    let is_of_a_name = |word: &&str| !matches!(*word, "allows" | "transitively");
    let more = repeat::<_, _, (), _, _>(0..=5, (' ', word().verify(is_of_a_name)));
    let known = |words: &'a str| LAYERS.iter().find(|(known, _)| *known == words).map(|(_, layer)| *layer);
    (word(), more).take().map(|words| known(words).map_or(Layer::Other(words), Layer::Known)).parse_next(input)
}

fn policy_arn<'a>(input: &mut &'a str) -> Parsed<&'a str> {
    let word = take_while(1.., |c: char| !c.is_whitespace());
    word.map(|word: &str| word.trim_end_matches('.')).verify(|arn: &str| Arn::parse(arn).is_ok()).parse_next(input)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn said(text: &str) -> NotAuthorized<'_> {
        match parse(text) {
            Message::NotAuthorized(said) => said,
            other => panic!("{text}: {other:?}"),
        }
    }

    const WHO: &str = "User: arn:aws:sts::111122223333:assumed-role/App/s is not authorized to perform: s3:GetObject";

    #[test]
    fn a_name_cannot_pass_for_a_reason() {
        // Whoever uploads chooses the key, and may choose one that reads like another answer.
        for name in [
            "x\" because no identity-based policy allows the s3:GetObject action",
            "x because no identity-based policy allows the s3:GetObject action (",
            "x\" because no identity-based policy allows the s3:GetObject action. Encoded",
            "x with an explicit deny in an identity-based policy",
        ] {
            let text = format!(
                "{WHO} on resource: \"arn:aws:s3:::b/{name}\" with an explicit deny in a service control policy"
            );
            let found = parse(&text);
            assert_eq!(
                (found.kind(), found.policy_type()),
                (crate::iam::DenyKind::Explicit, crate::iam::PolicyType::Scp),
                "{text}"
            );
            assert_eq!(found.resource(), Some(&*format!("arn:aws:s3:::b/{name}")));
            let cut = format!("{WHO} on resource: \"arn:aws:s3:::b/{name}...");
            assert_ne!(parse(&cut).kind(), crate::iam::DenyKind::Implicit, "{cut}");
        }
    }

    #[test]
    fn a_text_cut_off_anywhere_never_invents() {
        for reason in [
            " because no identity-based policy allows the s3:GetObject action",
            " with an explicit deny in a service control policy: arn:aws:organizations::999988887777:policy/o-exampleorg/service_control_policy/p-examplepol",
            " because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access",
        ] {
            let text = format!("{WHO} on resource: \"arn:aws:s3:::b/Müller\"{reason}");
            let whole = said(&text);
            for (end, _) in text.char_indices() {
                let cut = format!("{}...", &text[..end]);
                let found = parse(&cut);
                assert!(found.resource().is_none_or(|found| Some(found) == parse(&text).resource()), "{cut}");
                assert!(found.action().is_none_or(|found| Some(found) == whole.action), "{cut}");
                assert!(found.policy_arn().is_none(), "{cut}");
                assert_ne!(found.kind(), crate::iam::DenyKind::Implicit, "{cut}");
            }
        }
    }

    /// Texts from the pieces that messages are made of, in any order, and from anything.
    fn texts() -> impl Strategy<Value = String> {
        let words = LAYERS.iter().map(|(words, _)| *words);
        let pieces: Vec<&'static str> = words
            .chain([
                PREFIX,
                CORE,
                ON_RESOURCE,
                ON_SPECIFIED,
                ON_CIPHERTEXT,
                IMPLICIT,
                ALLOWS,
                EXPLICIT,
                KEY_OR_POLICY,
                CUSTOMER_KEYS,
                ENCODED,
                EXECUTE,
                ACCESS,
                RESOURCE_DENIED,
                KEY_UNKNOWN,
                CROSS_ACCOUNT,
                UNKNOWN_ERROR,
                ENDPOINT_POLICY,
                IMAGES,
                NOT_ACTIVATED,
                INCORRECT,
                CUT,
                "User: ",
                "Principal [",
                "s3:GetObject",
                " ",
                " in ",
                " in a ",
                " transitively through the ",
                ": ",
                ".",
                "\"",
                "]",
                " is denied",
                " action",
                "é",
                "arn:aws:s3:::b/k",
                "arn:aws:iam::111122223333:policy/P",
                " (Service: x)",
                "Access Denied",
                "declarative policy",
            ])
            .collect();
        let piece = prop_oneof![6 => prop::sample::select(pieces).prop_map(str::to_owned), 1 => "\\PC{0,6}"];
        prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]
        #[test]
        fn written_out_and_read_again_a_message_is_the_same(text in texts()) {
            let message = parse(&text);
            let written = message.to_string();
            prop_assert_eq!(parse(&written), message, "{} -> {}", text, written);
        }
    }
}
