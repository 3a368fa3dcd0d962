//! JSON text with `<slots>` in it, and what a slot can stand for. A template is taken apart once; filling
//! it is then copying and computing, with nothing to parse, allocate or escape.
//!
//! A slot's text is also what its value is drawn by, so the same slot twice in a record is the same value
//! (a bucket in the parameters and in the resources). `<id:i#2>` is another draw from the same things.

use anyhow::{Context, Result, bail};

use super::dice::named;
use super::words;

pub struct Template {
    pub pieces: Vec<Piece>,
}

pub enum Piece {
    Text(&'static str),
    Slot(Slot),
}

pub struct Slot {
    pub what: What,
    /// Which draw this is.
    pub draw: u64,
    /// Which things it draws from: the same for every tag.
    pub family: u64,
    /// Among repeated items, the same for all: `#all`.
    pub shared: bool,
}

pub enum What {
    Account,
    /// An account outside the organization.
    OtherAccount,
    /// The organization's management account.
    Management,
    Organization,
    Region,
    /// `<id:vpc>`: an EC2-style id of something that exists in this account and region.
    Id(&'static str),
    /// `<known:key>`: the UUID of something that exists in this account and region.
    Known,
    /// `<unique:AROA>`: the unique id of something in IAM.
    Unique(&'static str),
    /// A long-term access key nobody has used yet.
    AccessKey,
    Uuid,
    Number(u64),
    Hex(usize),
    Token(usize),
    Alphanumeric(usize),
    /// A name from one of the lists of `words`.
    Word(usize),
    /// The event's time: ISO, in words, in milliseconds, and an hour later in words.
    Time,
    Spoken,
    Millis,
    Expiry,
    Me(Part),
    /// Another role of the account, to assume or to pass.
    Role(Part),
    /// `,"invokedBy":"…"` where a service makes the call, else nothing.
    InvokedBy,
    /// The service a call is made by.
    Via,
    /// The call's IAM action, the resource it is decided on, and its service prefix.
    Action,
    Target,
    Prefix,
    /// The call's repeated items.
    Items,
}

#[derive(Clone, Copy)]
pub enum Part {
    Arn,
    Name,
    Path,
    Id,
    Session,
    Key,
    Created,
}

impl Template {
    pub fn new(text: &'static str) -> Result<Self> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('<') {
            let (inside, after) = after.split_once('>').with_context(|| format!("a slot without end in `{text}`"))?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before));
            }
            pieces.push(Piece::Slot(Slot::new(inside)?));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest));
        }
        Ok(Self { pieces })
    }

    pub fn all(texts: &[&'static str]) -> Result<Vec<Self>> {
        texts.iter().map(|text| Self::new(text)).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

impl Slot {
    fn new(text: &'static str) -> Result<Self> {
        let (untagged, tag) = text.split_once('#').unwrap_or((text, ""));
        Ok(Self {
            what: What::new(untagged).with_context(|| format!("in slot `<{text}>`"))?,
            draw: named(text),
            family: named(untagged),
            shared: tag == "all",
        })
    }
}

impl What {
    fn new(text: &'static str) -> Result<Self> {
        let (kind, argument) = text.split_once(':').unwrap_or((text, ""));
        let count = || argument.parse().with_context(|| format!("`{argument}` is not a count"));
        Ok(match kind {
            "account" => Self::Account,
            "other-account" => Self::OtherAccount,
            "management" => Self::Management,
            "organization" => Self::Organization,
            "region" => Self::Region,
            "id" => Self::Id(argument),
            "known" => Self::Known,
            "unique" => Self::Unique(argument),
            "access-key" => Self::AccessKey,
            "uuid" => Self::Uuid,
            "number" => Self::Number(argument.parse().context("not a number")?),
            "hex" => Self::Hex(count()?),
            "token" => Self::Token(count()?),
            "alphanumeric" => Self::Alphanumeric(count()?),
            "time" => Self::Time,
            "spoken" => Self::Spoken,
            "millis" => Self::Millis,
            "expiry" => Self::Expiry,
            "me" => Self::Me(Part::new(argument)?),
            "role" => Self::Role(Part::new(argument)?),
            "invoked-by" => Self::InvokedBy,
            "via" => Self::Via,
            "action" => Self::Action,
            "target" => Self::Target,
            "prefix" => Self::Prefix,
            "items" => Self::Items,
            _ => Self::Word(words::list(kind).context("neither a kind nor a list of words")?),
        })
    }
}

impl Part {
    fn new(text: &str) -> Result<Self> {
        Ok(match text {
            "arn" => Self::Arn,
            "name" => Self::Name,
            "path" => Self::Path,
            "id" => Self::Id,
            "session" => Self::Session,
            "key" => Self::Key,
            "created" => Self::Created,
            _ => bail!("a principal has no `{text}`"),
        })
    }
}
