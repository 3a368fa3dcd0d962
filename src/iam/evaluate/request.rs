use std::borrow::Cow;

use smallvec::SmallVec;

use crate::iam::Action;

/// One permission that is asked for.
#[derive(Clone, Copy)]
pub struct Request<'r> {
    /// The action.
    pub action: &'r Action,
    /// The ARN of what it is done to, as a policy writes it ([`escape`](crate::iam::escape)); `*` where the action
    /// takes no resource. With `*` or `?` inside it stands for all ARNs that fit it, as where only a common
    /// prefix is known.
    pub resource: &'r str,
    /// What is known beside.
    pub context: &'r dyn Context,
}

/// What is known of a condition key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known<'c> {
    /// It has these values; one for keys with a single value, none is as good as absent.
    Values(SmallVec<[Cow<'c, str>; 1]>),
    /// It is certainly not in the request.
    Absent,
    /// The record does not tell.
    Unknown,
}

/// What is known of a request's condition keys.
pub trait Context {
    /// `key` is lower case, such as `aws:principaltag/team`.
    fn get(&self, key: &str) -> Known<'_>;
}

impl<'c> Known<'c> {
    /// A key with a single value.
    pub fn value(value: impl Into<Cow<'c, str>>) -> Self {
        Self::Values(SmallVec::from_buf([value.into()]))
    }
}
