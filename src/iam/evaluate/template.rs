//! Texts of policies with wildcards and policy variables in them.
//!
//! What a variable stands for is literal, whatever characters it has. One whose key the request does not
//! have, and that has no default, makes the text fit nothing. One whose value is not known may be anything.
//! Source: IAM user guide, "IAM policy elements: Variables and tags".

use super::asked::Parts;
use super::request::{Context, Known};
use crate::iam::pattern::{Part, parts};

/// A text of a policy.
#[derive(Debug, PartialEq)]
pub(super) enum Template {
    /// As it is; what reads it knows whether `*` and `?` are wildcards.
    Plain(Box<str>),
    /// With what has to be told apart or filled in.
    Mixed(Box<[Piece]>),
}

#[derive(Debug, PartialEq)]
pub(super) enum Piece {
    Literal(Box<str>),
    Any,
    One,
    Variable(Variable),
}

#[derive(Debug, PartialEq)]
pub(super) struct Variable {
    /// Lower case.
    pub(super) key: Box<str>,
    pub(super) default: Option<Box<str>>,
}

/// A template with its variables filled in.
pub(super) struct Filled {
    pub(super) parts: Parts,
    /// Whether all variables were known; one that was not is `*`.
    pub(super) is_certain: bool,
}

/// How a text is to be read.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    pub(super) variables: bool,
    pub(super) wildcards: bool,
}

impl Template {
    /// `None` where what looks like a variable is none.
    pub(super) fn new(text: &str, reading: Reading) -> Option<Self> {
        if !reading.variables || !text.contains("${") {
            return Some(Self::Plain(text.into()));
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            add(&mut pieces, before, reading);
            let (inside, after) = split_at_end(after)?;
            pieces.push(match inside {
                "*" | "?" | "$" => Piece::Literal(inside.into()),
                variable => Piece::Variable(Variable::new(variable)?),
            });
            rest = after;
        }
        add(&mut pieces, rest, reading);
        Some(Self::Mixed(pieces.into()))
    }

    /// Whether a variable stands before the fifth colon, where AWS knows none in ARNs of resources.
    pub(super) fn has_early_variable(&self) -> bool {
        let pieces: &[Piece] = if let Self::Mixed(pieces) = self { pieces } else { &[] };
        let Some(first) = pieces.iter().position(|piece| matches!(piece, Piece::Variable(_))) else { return false };
        let colons = |piece: &Piece| if let Piece::Literal(text) = piece { text.matches(':').count() } else { 0 };
        pieces.iter().take(first).map(colons).sum::<usize>() < 5
    }

    pub(super) fn variables(&self) -> impl Iterator<Item = &Variable> {
        let pieces: &[Piece] = if let Self::Mixed(pieces) = self { pieces } else { &[] };
        pieces.iter().filter_map(|piece| if let Piece::Variable(variable) = piece { Some(variable) } else { None })
    }

    /// The keys of variables that cannot be filled in.
    pub(super) fn missing<'t>(&'t self, context: &dyn Context) -> impl Iterator<Item = &'t str> {
        let is_missing = |key: &&str| match context.get(key) {
            Known::Unknown => true,
            // Only keys of one value can be variables.
            Known::Values(values) => values.len() > 1,
            Known::Absent => false,
        };
        self.variables().map(|variable| &*variable.key).filter(is_missing)
    }

    /// As a pattern. `None` where a variable has no value, so that nothing fits.
    pub(super) fn fill(&self, context: &dyn Context) -> Option<Filled> {
        let pieces = match self {
            Self::Plain(pattern) => return Some(Filled { parts: parts(pattern).collect(), is_certain: true }),
            Self::Mixed(pieces) => pieces,
        };
        let mut filled = Filled { parts: Parts::new(), is_certain: true };
        for piece in pieces {
            match piece {
                Piece::Any => filled.parts.push(Part::Any),
                Piece::One => filled.parts.push(Part::One),
                Piece::Literal(text) => filled.add(text),
                Piece::Variable(variable) => match (context.get(&variable.key), &variable.default) {
                    (Known::Values(values), default) => match (values.as_slice(), default) {
                        ([value], _) => filled.add(value),
                        ([], Some(default)) => filled.add(default),
                        ([], None) => return None,
                        _ => filled.add_unknown(),
                    },
                    (Known::Absent, Some(default)) => filled.add(default),
                    (Known::Absent, None) => return None,
                    (Known::Unknown, _) => filled.add_unknown(),
                },
            }
        }
        Some(filled)
    }
}

impl Filled {
    fn add(&mut self, literal: &str) {
        self.parts.extend(literal.bytes().map(Part::Is));
    }

    fn add_unknown(&mut self) {
        self.parts.push(Part::Any);
        self.is_certain = false;
    }
}

impl Variable {
    /// From `key` or `key, 'default'`.
    fn new(text: &str) -> Option<Self> {
        let (key, default) = match text.split_once(',') {
            None => (text, None),
            Some((key, default)) => (key, Some(default.trim().strip_prefix('\'')?.strip_suffix('\'')?)),
        };
        let key = key.trim();
        let is_key = !key.is_empty() && !key.contains(['$', '{', '*', '?']);
        is_key.then(|| Self { key: key.to_ascii_lowercase().into(), default: default.map(Into::into) })
    }
}

/// The inside of a variable and what follows it. A brace within quotes belongs to the default.
fn split_at_end(text: &str) -> Option<(&str, &str)> {
    let mut is_quoted = false;
    let end = text.find(|c| {
        is_quoted ^= c == '\'';
        c == '}' && !is_quoted
    })?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

/// Adds what stands between variables.
fn add(pieces: &mut Vec<Piece>, text: &str, reading: Reading) {
    if !reading.wildcards {
        return pieces.extend((!text.is_empty()).then(|| Piece::Literal(text.into())));
    }
    for run in text.split_inclusive(['*', '?']) {
        let (literal, wildcard) = match (run.strip_suffix('*'), run.strip_suffix('?')) {
            (Some(literal), _) => (literal, Some(Piece::Any)),
            (_, Some(literal)) => (literal, Some(Piece::One)),
            _ => (run, None),
        };
        pieces.extend((!literal.is_empty()).then(|| Piece::Literal(literal.into())));
        pieces.extend(wildcard);
    }
}
