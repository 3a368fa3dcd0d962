use std::fmt;

use super::names::{Derived, Member, NOT_READ};

/// What a condition may ask for: a field of a record by CloudTrail's name, with dots to what is inside, or one of
/// our own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// A member of the record, and the way to a value inside. Lists on the way are gone through.
    Recorded(Member, Box<[Box<str>]>),
    /// What follows from the record.
    Derived(Derived),
    /// A column of a table, or what is inside of one.
    Column(Box<str>),
    /// Every text in the record, or in the row.
    Anything,
}

/// A field that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// Nobody knows it.
    #[error("there is no field `{name}`{}", hint(.meant))]
    Unknown {
        /// As written.
        name: String,
        /// What is called nearly so.
        meant: Option<String>,
    },
    /// CloudTrail knows it and conditions do not.
    #[error("the field `{0}` is CloudTrail's, but conditions cannot ask for it")]
    NotRead(String),
    /// It goes on behind a value that has no parts.
    #[error("there is no field `{name}`: `{member}` has no parts")]
    NoParts {
        /// As written.
        name: String,
        /// The member of the record.
        member: &'static str,
    },
    /// The table has none that is called so.
    #[error("there is no column `{name}`{hint}")]
    NoColumn {
        /// As written.
        name: String,
        /// What may have been meant.
        hint: String,
    },
    /// It is no way to anything.
    #[error("`{0}` is no field; one looks like requestParameters.tagSet.items.key, and goes through lists")]
    NoPath(String),
}

fn hint(meant: &Option<String>) -> String {
    meant.as_ref().map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"))
}

impl Field {
    /// A field by its name.
    pub fn parse(name: &str) -> Result<Self, FieldError> {
        if let Some(derived) = Derived::ALL.iter().find(|derived| derived.as_str() == name) {
            return Ok(Self::Derived(*derived));
        }
        // The parser puts backslashes before brackets.
        if name.contains(['[', ']']) || name.split('.').any(|step| step.trim().is_empty()) {
            return Err(FieldError::NoPath(name.replace('\\', "")));
        }
        let mut steps = name.split('.');
        let first = steps.next().unwrap_or_default();
        if let Some(member) = Member::ALL.iter().find(|member| member.as_str() == first) {
            let steps: Box<[Box<str>]> = steps.map(Box::from).collect();
            if !steps.is_empty() && !member.has_parts() {
                return Err(FieldError::NoParts { name: name.to_owned(), member: member.as_str() });
            }
            return Ok(Self::Recorded(*member, steps));
        }
        if NOT_READ.contains(&first) {
            return Err(FieldError::NotRead(name.to_owned()));
        }
        Err(FieldError::Unknown { name: name.to_owned(), meant: nearest(name, first) })
    }

    /// Whether it is a part of the request, or follows from it.
    pub fn is_of_request(&self) -> bool {
        match self {
            Self::Recorded(member, _) => *member == Member::RequestParameters,
            Self::Derived(derived) => matches!(
                derived,
                Derived::TargetIsCaller
                    | Derived::PolicyAllows
                    | Derived::PolicyOpensTo
                    | Derived::PolicyDeniesOwner
                    | Derived::SharedWith
                    | Derived::Ingress
                    | Derived::RolePassed
            ),
            Self::Column(_) | Self::Anything => false,
        }
    }

    /// Whether it follows from what the call needs, which has to be worked out.
    pub fn is_of_needs(&self) -> bool {
        use Derived::{AccessLevel, Action, Privilege, Resource, RolePassed};
        matches!(self, Self::Derived(Action | AccessLevel | Privilege | Resource | RolePassed))
    }

    /// Whether a value of it can be an address.
    pub(super) fn has_addresses(&self) -> bool {
        self.is_open() || matches!(self, Self::Recorded(Member::SourceIpAddress, _))
    }

    /// Whether a value of it can be a number or a time.
    pub(super) fn has_order(&self) -> bool {
        self.is_open() || matches!(self, Self::Recorded(Member::EventTime, _))
    }

    /// Whether its values can be anything.
    fn is_open(&self) -> bool {
        match self {
            Self::Recorded(member, _) => member.has_parts(),
            Self::Column(_) | Self::Anything => true,
            Self::Derived(_) => false,
        }
    }

    /// Whether it follows from a policy document in the request.
    pub fn is_of_policy_document(&self) -> bool {
        use Derived::{PolicyAllows, PolicyDeniesOwner, PolicyOpensTo};
        matches!(self, Self::Derived(PolicyAllows | PolicyOpensTo | PolicyDeniesOwner))
    }

    /// The words that it can be, where that is a closed list.
    pub(super) fn words(&self) -> Option<&'static [&'static str]> {
        match self {
            Self::Derived(derived) => derived.words(),
            _ => None,
        }
    }
}

/// The one of some names that may have been meant, as the end of a sentence.
pub fn did_you_mean<'n>(written: &str, names: impl Iterator<Item = &'n str>) -> String {
    let near = names.map(|name| (strsim::jaro_winkler(name, written), name)).max_by(|a, b| a.0.total_cmp(&b.0));
    near.filter(|(likeness, _)| *likeness > 0.8)
        .map_or_else(String::new, |(_, name)| format!("; did you mean `{name}`?"))
}

/// What somebody may have meant: the whole name of ours, or the first step of CloudTrail's.
fn nearest(name: &str, first: &str) -> Option<String> {
    let derived = Derived::ALL.iter().map(|derived| (derived.as_str(), name, ""));
    let rest = name.get(first.len()..).unwrap_or_default();
    let members = Member::ALL.iter().map(|member| (member.as_str(), first, rest));
    let close = derived.chain(members).map(|(known, written, rest)| {
        let same = known.eq_ignore_ascii_case(written);
        (if same { 1.0 } else { strsim::jaro_winkler(known, written) }, known, rest)
    });
    let best = close.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > 0.85).then(|| format!("{}{}", best.1, best.2))
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recorded(member, steps) => {
                f.write_str(member.as_str())?;
                steps.iter().try_for_each(|step| write!(f, ".{step}"))
            }
            Self::Derived(derived) => f.write_str(derived.as_str()),
            Self::Column(name) => f.write_str(name),
            Self::Anything => f.write_str("any text"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_known_by_its_name_or_something_near_it_is_told() {
        #[track_caller]
        fn check(name: &str, expected: &str) {
            let told = match Field::parse(name) {
                Ok(field) => field.to_string(),
                Err(error) => format!("! {error}"),
            };
            assert_eq!(told, expected);
        }
        check("userIdentity.sessionContext.sessionIssuer.arn", "userIdentity.sessionContext.sessionIssuer.arn");
        check("policy_document.allows", "policy_document.allows");
        check(
            "requestparameters.bucketName",
            "! there is no field `requestparameters.bucketName`; did you mean `requestParameters.bucketName`?",
        );
        check("outcom", "! there is no field `outcom`; did you mean `outcome`?");
        check("xyzzy", "! there is no field `xyzzy`");
        check("eventName.x", "! there is no field `eventName.x`: `eventName` has no parts");
        check(
            "requestParameters.items[0].a",
            "! `requestParameters.items[0].a` is no field; one looks like requestParameters.tagSet.items.key, and goes through lists",
        );
        check(
            "requestParameters..a",
            "! `requestParameters..a` is no field; one looks like requestParameters.tagSet.items.key, and goes through lists",
        );
        check(
            "eventContext.timestamp",
            "! the field `eventContext.timestamp` is CloudTrail's, but conditions cannot ask for it",
        );
    }
}
