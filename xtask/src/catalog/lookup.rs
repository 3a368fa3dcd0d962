//! From an operation of a model to its actions, by the same rules and tables as the program uses for
//! events, so that what is derived here fits what is looked up there.

use std::collections::BTreeMap;

use anyhow::Result;

use super::botocore::{Model, Operation};
use super::handmade::rows;
use super::iamdata::{Action, Catalog};

pub struct Lookup<'a> {
    pub catalog: &'a Catalog,
    sources: BTreeMap<&'a str, Vec<&'a str>>,
    events: BTreeMap<(&'a str, String), &'a str>,
}

/// What the tables say of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// It needs these, as prefix and name.
    Actions(Vec<(&'a str, &'a str)>),
    /// It needs no permission.
    None,
}

impl<'a> Lookup<'a> {
    pub fn new(catalog: &'a Catalog, sources: &'a str, events: &'a str) -> Result<Self> {
        let sources = rows(sources)?.into_iter().map(|[label, prefixes]| (label, prefixes.split(' ').collect()));
        let sources = sources.collect();
        let events = rows(events)?.into_iter();
        let events = events.map(|[label, event, actions]| ((label, event.to_ascii_lowercase()), actions)).collect();
        Ok(Self { catalog, sources, events })
    }

    /// By the table of events, then by name under the prefixes of the label.
    pub fn event(&self, label: &'a str, name: &str) -> Option<Found<'a>> {
        let own = [label];
        let prefixes = self.sources.get(label).map_or(own.as_slice(), Vec::as_slice);
        let folded = name.to_ascii_lowercase();
        let labels = [label].into_iter().chain(prefixes.iter().copied());
        let row = labels.filter_map(|label| self.events.get(&(label, folded.clone()))).next();
        if let Some(row) = row {
            let actions: Vec<_> = row.split(' ').filter_map(|action| action.split_once(':')).collect();
            return Some(if actions.is_empty() { Found::None } else { Found::Actions(actions) });
        }
        prefixes.iter().find_map(|prefix| {
            let (prefix, service) = self.catalog.services.get_key_value(*prefix)?;
            let (name, _) = service.find(name)?;
            Some(Found::Actions(vec![(prefix, name)]))
        })
    }

    /// An operation under the endpoint of its model, else under the name it is signed for.
    pub fn operation(&self, model: &'a Model, name: &str) -> Option<Found<'a>> {
        self.event(&model.endpoint, name).or_else(|| self.event(&model.signing, name))
    }

    /// The actions of every operation of the newest models, with what the catalog says of the first.
    pub fn mapped<'m>(&self, models: &'m [Model]) -> Vec<Mapped<'m>>
    where
        'a: 'm,
        'm: 'a,
    {
        let mut all = Vec::new();
        for model in models.iter().filter(|model| model.newest) {
            for (event, operation) in &model.operations {
                let Some(Found::Actions(actions)) = self.operation(model, event) else { continue };
                for (prefix, name) in actions {
                    if let Some(action) = self.catalog.action(prefix, name) {
                        all.push(Mapped { model, event, operation, prefix, name, action });
                    }
                }
            }
        }
        all
    }
}

/// An operation with one of its actions.
#[derive(Clone, Copy)]
pub struct Mapped<'a> {
    pub model: &'a Model,
    pub event: &'a str,
    pub operation: &'a Operation,
    pub prefix: &'a str,
    pub name: &'a str,
    pub action: &'a Action,
}
