//! Which events count. A filter that can never match is refused before anything is read: an empty
//! answer must mean that nothing happened.

use jiff::Timestamp;

use crate::archive::Wanted;
use crate::catalog;
use crate::event::{Event, Operation};
use crate::iam::{Principal, is_account_id, is_region, matches, matches_ignoring_case, service_label};

/// Which events count. Empty lists let everything through; several values in a list are alternatives.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Events at or after this time.
    pub from: Option<Timestamp>,
    /// Events before this time.
    pub to: Option<Timestamp>,
    /// Account ids.
    pub accounts: Vec<String>,
    /// Region names.
    pub regions: Vec<String>,
    /// Globs over the principal's ARN or short name.
    pub principals: Vec<String>,
    /// Event source labels, such as `monitoring`; see [`resolve_service`].
    pub services: Vec<String>,
    /// Globs over event names, in any case.
    pub events: Vec<String>,
}

/// A filter that cannot match.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FilterError {
    /// Twelve digits are needed.
    #[error("`{0}` is not an account id; one has twelve digits")]
    Account(String),
    /// The form of a region is needed.
    #[error("`{0}` is not a region; one looks like `eu-west-1`")]
    Region(String),
    /// Neither an IAM prefix nor an event source.
    #[error("`{given}` is no service the catalog knows{}", .near.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    Service {
        /// What was typed.
        given: String,
        /// A name that is close.
        near: Option<String>,
    },
    /// No event name looks so.
    #[error("`{0}` can match no event name; names hold letters, digits and `_`, globs `*` and `?`")]
    Event(String),
    /// Nothing lies between.
    #[error("--from {from} is not before --to {to}")]
    Time {
        /// Start.
        from: Timestamp,
        /// End.
        to: Timestamp,
    },
}

impl Filter {
    /// Refuses what cannot match.
    pub fn check(&self) -> Result<(), FilterError> {
        if let Some(account) = self.accounts.iter().find(|a| !is_account_id(a)) {
            return Err(FilterError::Account(account.clone()));
        }
        if let Some(region) = self.regions.iter().find(|r| !is_region(r)) {
            return Err(FilterError::Region(region.clone()));
        }
        let can_match = |glob: &String| {
            !glob.is_empty() && glob.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '*' | '?'))
        };
        if let Some(event) = self.events.iter().find(|e| !can_match(e)) {
            return Err(FilterError::Event(event.clone()));
        }
        match (self.from, self.to) {
            (Some(from), Some(to)) if from >= to => Err(FilterError::Time { from, to }),
            _ => Ok(()),
        }
    }

    /// What can be said before a file is opened.
    pub fn wanted(&self) -> Wanted {
        let day = |time: Timestamp| jiff::tz::Offset::UTC.to_datetime(time).date();
        Wanted {
            from: self.from.map(day),
            to: self.to.map(day),
            accounts: self.accounts.clone(),
            regions: self.regions.clone(),
            files: None,
        }
    }

    /// Whether an event passes.
    pub fn wants(&self, event: &Event<'_>) -> bool {
        self.from.is_none_or(|from| event.time >= from)
            && self.to.is_none_or(|to| event.time < to)
            && self.wants_operation(event.operation)
            && self.wants_principal(&event.identity.principal)
    }

    fn wants_operation(&self, operation: &Operation) -> bool {
        let any = |list: &[String], value: &str| list.is_empty() || list.iter().any(|wanted| wanted == value);
        any(&self.accounts, operation.account.as_deref().unwrap_or_default())
            && any(&self.regions, &operation.region)
            && (self.services.is_empty()
                || service_label(&operation.source)
                    .is_some_and(|label| self.services.iter().any(|s| s.eq_ignore_ascii_case(label))))
            && (self.events.is_empty()
                || self.events.iter().any(|glob| {
                    matches_ignoring_case(glob, &operation.name)
                        || matches_ignoring_case(glob, catalog::without_version(&operation.name))
                }))
    }

    /// Whether calls of a principal are wanted, whatever they are.
    pub fn wants_principal(&self, principal: &Principal) -> bool {
        self.principals.is_empty()
            || self.principals.iter().any(|glob| {
                matches(glob, &principal.name) || *glob == principal.name || matches(glob, principal.short_name())
            })
    }
}

/// The event source labels a service goes by: an IAM prefix (`cloudwatch`) or a label (`monitoring`).
pub fn resolve_service(given: &str) -> Result<Vec<String>, FilterError> {
    let label = service_label(given).unwrap_or(given).to_ascii_lowercase();
    let mut labels = catalog::labels_of(&label);
    if catalog::service(&label).is_some() || catalog::is_label(&label) {
        labels.push(label);
    }
    if labels.is_empty() {
        let near = catalog::services()
            .map(|service| (strsim::damerau_levenshtein(service.prefix, given), service.prefix))
            .min()
            .filter(|(distance, _)| *distance <= 2)
            .map(|(_, prefix)| prefix.to_owned());
        return Err(FilterError::Service { given: given.to_owned(), near });
    }
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_match_is_refused() {
        let filter = |change: fn(&mut Filter)| {
            let mut filter = Filter::default();
            change(&mut filter);
            filter.check()
        };
        assert_eq!(filter(|_| ()), Ok(()));
        assert!(filter(|f| f.accounts.push("1234".into())).is_err());
        assert!(filter(|f| f.regions.push("europe".into())).is_err());
        assert!(filter(|f| f.events.push("s3:Get".into())).is_err());
        let swapped = filter(|f| {
            f.from = "2026-02-03T00:00:00Z".parse().ok();
            f.to = "2026-02-02T00:00:00Z".parse().ok();
        });
        assert!(swapped.is_err());
    }

    #[test]
    fn a_service_goes_by_its_prefix_and_its_event_source() {
        assert!(resolve_service("s3").unwrap().contains(&"s3".to_owned()));
        assert!(resolve_service("cloudwatch").unwrap().contains(&"monitoring".to_owned()));
        assert_eq!(resolve_service("monitoring"), Ok(vec!["monitoring".to_owned()]));
        let unknown = resolve_service("s4").unwrap_err().to_string();
        assert!(unknown.contains("did you mean"), "{unknown}");
    }
}
