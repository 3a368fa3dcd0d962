//! One condition of a statement: how a key of the request is compared, and with what.

/// A condition: it holds if the key's value fits any of the values, or none of them where the comparison
/// is negated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// How.
    pub comparison: Comparison,
    /// For keys with several values; absent otherwise.
    pub qualifier: Option<Qualifier>,
    /// Whether it holds where the request has no such key (`…IfExists`).
    pub if_exists: bool,
    /// As written; keys are compared without case.
    pub key: String,
    /// Numbers and truth values as text.
    pub values: Vec<String>,
}

/// What stands before the colon of `ForAllValues:StringEquals`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qualifier {
    /// Every value of the request has to fit; also true where there is none.
    ForAllValues,
    /// One of them has to.
    ForAnyValue,
}

/// AWS's condition operators. Source: IAM user guide, "IAM JSON policy elements: Condition operators".
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are AWS's own")]
pub enum Comparison {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    ArnEquals,
    ArnLike,
    ArnNotEquals,
    ArnNotLike,
    Null,
    /// One that this reader does not know.
    Other(String),
}

const COMPARISONS: &[(&str, Comparison)] = &[
    ("StringEquals", Comparison::StringEquals),
    ("StringNotEquals", Comparison::StringNotEquals),
    ("StringEqualsIgnoreCase", Comparison::StringEqualsIgnoreCase),
    ("StringNotEqualsIgnoreCase", Comparison::StringNotEqualsIgnoreCase),
    ("StringLike", Comparison::StringLike),
    ("StringNotLike", Comparison::StringNotLike),
    ("NumericEquals", Comparison::NumericEquals),
    ("NumericNotEquals", Comparison::NumericNotEquals),
    ("NumericLessThan", Comparison::NumericLessThan),
    ("NumericLessThanEquals", Comparison::NumericLessThanEquals),
    ("NumericGreaterThan", Comparison::NumericGreaterThan),
    ("NumericGreaterThanEquals", Comparison::NumericGreaterThanEquals),
    ("DateEquals", Comparison::DateEquals),
    ("DateNotEquals", Comparison::DateNotEquals),
    ("DateLessThan", Comparison::DateLessThan),
    ("DateLessThanEquals", Comparison::DateLessThanEquals),
    ("DateGreaterThan", Comparison::DateGreaterThan),
    ("DateGreaterThanEquals", Comparison::DateGreaterThanEquals),
    ("Bool", Comparison::Bool),
    ("BinaryEquals", Comparison::BinaryEquals),
    ("IpAddress", Comparison::IpAddress),
    ("NotIpAddress", Comparison::NotIpAddress),
    ("ArnEquals", Comparison::ArnEquals),
    ("ArnLike", Comparison::ArnLike),
    ("ArnNotEquals", Comparison::ArnNotEquals),
    ("ArnNotLike", Comparison::ArnNotLike),
    ("Null", Comparison::Null),
];

impl Comparison {
    /// Whether it is one of those that hold where the values differ, and where the key is absent.
    pub fn is_negated(&self) -> bool {
        matches!(
            self,
            Self::StringNotEquals
                | Self::StringNotEqualsIgnoreCase
                | Self::StringNotLike
                | Self::NumericNotEquals
                | Self::DateNotEquals
                | Self::NotIpAddress
                | Self::ArnNotEquals
                | Self::ArnNotLike
        )
    }

    /// Whether `*` and `?` in its values are wildcards. Those of ARNs are in all their forms.
    pub fn takes_wildcards(&self) -> bool {
        matches!(
            self,
            Self::StringLike
                | Self::StringNotLike
                | Self::ArnEquals
                | Self::ArnLike
                | Self::ArnNotEquals
                | Self::ArnNotLike
        )
    }
}

impl Condition {
    /// By the operator as written, such as `ForAnyValue:StringLikeIfExists`. Names are compared without
    /// case: nothing else could be meant, and to miss a condition would be worse.
    pub(super) fn new(operator: &str, key: String, values: Vec<String>) -> Self {
        let (qualifier, name) = match operator.split_once(':') {
            Some((word, name)) if word.eq_ignore_ascii_case("ForAllValues") => (Some(Qualifier::ForAllValues), name),
            Some((word, name)) if word.eq_ignore_ascii_case("ForAnyValue") => (Some(Qualifier::ForAnyValue), name),
            _ => (None, operator),
        };
        let known = |name: &str| COMPARISONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let (stem, if_exists) = without_end(name, "IfExists").map_or((name, false), |stem| (stem, true));
        match known(stem) {
            Some((_, comparison)) => Self { comparison: comparison.clone(), qualifier, if_exists, key, values },
            None => {
                Self { comparison: Comparison::Other(operator.to_owned()), qualifier, if_exists: false, key, values }
            }
        }
    }

    /// Whether it can hold only where the request has the key. `…IfExists`, `ForAllValues` and negated
    /// comparisons hold without it.
    pub fn requires_its_key(&self) -> bool {
        match &self.comparison {
            Comparison::Other(_) => false,
            Comparison::Null => !self.values.is_empty() && self.values.iter().all(|v| v.eq_ignore_ascii_case("false")),
            other => !other.is_negated() && !self.if_exists && self.qualifier != Some(Qualifier::ForAllValues),
        }
    }

    /// The operator as AWS writes it, such as `ForAnyValue:StringLikeIfExists`.
    pub fn operator(&self) -> String {
        if let Comparison::Other(operator) = &self.comparison {
            return operator.clone();
        }
        let qualifier = match self.qualifier {
            Some(Qualifier::ForAllValues) => "ForAllValues:",
            Some(Qualifier::ForAnyValue) => "ForAnyValue:",
            None => "",
        };
        let name = COMPARISONS.iter().find(|(_, known)| *known == self.comparison).map_or("", |(name, _)| name);
        format!("{qualifier}{name}{}", if self.if_exists { "IfExists" } else { "" })
    }

    /// Whether it is about this key.
    pub fn is_on(&self, key: &str) -> bool {
        self.key.eq_ignore_ascii_case(key)
    }
}

fn without_end<'a>(text: &'a str, end: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(end.len())?;
    let (stem, found) = (text.get(..at)?, text.get(at..)?);
    found.eq_ignore_ascii_case(end).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_is_taken_apart() {
        for (operator, comparison, qualifier, if_exists) in [
            ("StringEquals", Comparison::StringEquals, None, false),
            ("ForAnyValue:StringLike", Comparison::StringLike, Some(Qualifier::ForAnyValue), false),
            ("forallvalues:arnlikeifexists", Comparison::ArnLike, Some(Qualifier::ForAllValues), true),
            ("IfExists", Comparison::Other("IfExists".into()), None, false),
            ("é", Comparison::Other("é".into()), None, false),
        ] {
            let read = Condition::new(operator, "k".into(), Vec::new());
            assert_eq!((read.comparison, read.qualifier, read.if_exists), (comparison, qualifier, if_exists));
        }
    }
}
