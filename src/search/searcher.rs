use std::cell::OnceCell;
use std::convert::Infallible;
use std::sync::Arc;

use serde_json::{Value, json};

use super::cell::{cell, encode};
use super::gathered::{Gathered, Kept, Store};
use super::groups::{self, Place};
use super::rows::{At, Row};
use super::{Column, Search};
use crate::classify::{Classifier, Needs};
use crate::condition::{Answer, CallView, Condition, EventView, Field, RequestFacts};
use crate::decode::{Json, Record};
use crate::event::Event;
use crate::intern::{Interned, Memo};

/// Looks at events for searches, one after the other. One per thread.
pub struct Searcher {
    searches: Vec<Asked>,
    /// What is left to ask of calls of one source and name, of each search; none where no such call is meant.
    calls: Memo<Vec<Option<Condition>>>,
    /// Needs of a call where nobody asks for them.
    nothing: Interned<Needs>,
    /// What was found.
    pub gathered: Gathered,
    keeps_records: bool,
}

/// A search, and what it has to know of events.
struct Asked {
    search: Arc<Search>,
    /// What is asked of events that are put together.
    fields: Vec<Field>,
    condition_needs: bool,
    columns_need: bool,
}

/// Calls that are remembered: a busy organisation has some thousands.
const REMEMBERED: usize = 1 << 12;

impl Searcher {
    /// Nothing found yet. `ids` is how many event ids may be kept in memory, by which everything else is measured;
    /// `keeps_records` whether the records are kept that the first search finds.
    pub fn new(searches: &[Arc<Search>], ids: usize, keeps_records: bool) -> Self {
        let asked = |search: &Arc<Search>| {
            let of_condition = |condition: &Condition| condition.asks_for(Field::is_of_needs);
            let columns = Search { condition: None, ..Search::clone(search) };
            Asked {
                fields: groups::fields(search),
                condition_needs: search.condition.as_ref().is_some_and(of_condition),
                columns_need: columns.asks_for(Field::is_of_needs),
                search: Arc::clone(search),
            }
        };
        Self {
            searches: searches.iter().map(asked).collect(),
            calls: Memo::new(REMEMBERED),
            nothing: Interned::new(Needs::Unknown),
            gathered: Gathered::new(searches, ids, keeps_records),
            keeps_records,
        }
    }

    /// Whether a search may mean such a call, by its source and name.
    #[inline]
    pub fn wants(&mut self, record: &Record<'_>) -> bool {
        left(&self.searches, &mut self.calls, record).iter().any(Option::is_some)
    }

    /// Looks at the event that stands at `place` in a file. Whether a search means it.
    pub fn add(&mut self, event: &Event<'_>, file: &Arc<str>, place: u64, classifier: &mut Classifier) -> bool {
        let Self { searches, calls, nothing, gathered, keeps_records } = self;
        let lefts = left(searches, calls, event.record);
        let facts = RequestFacts::default();
        let needs: OnceCell<Interned<Needs>> = OnceCell::new();
        let mut is_meant = false;
        for (at, ((asked, left), store)) in searches.iter().zip(lefts).zip(&mut gathered.stores).enumerate() {
            let Some(condition) = left else { continue };
            let mut view_for = |is_needed: bool| {
                let needs = match is_needed {
                    true => needs.get_or_init(|| classifier.needs(event, || 0).clone()),
                    false => &*nothing,
                };
                EventView::new(event, needs, &facts).as_recorded()
            };
            if condition.ask(&view_for(asked.condition_needs)) != Answer::Yes {
                continue;
            }
            is_meant = true;
            let view = view_for(asked.columns_need);
            asked.keep(event, &view, file, place, (*keeps_records && at == 0, store));
        }
        is_meant
    }
}

/// What is left to ask of such a call.
fn left<'c>(
    searches: &[Asked],
    calls: &'c mut Memo<Vec<Option<Condition>>>,
    record: &Record<'_>,
) -> &'c [Option<Condition>] {
    let Ok(left) = calls.get(&[record.event_source.raw(), record.event_name.raw()], || {
        let (source, name) = (record.event_source.as_str(), record.event_name.as_str());
        let (source, name) = (source.unwrap_or_default(), name.unwrap_or_default());
        let view = CallView::named(&source, &name);
        let left = |asked: &Asked| match &asked.search.condition {
            None => Some(Condition::all([])),
            Some(condition) => (condition.ask(&view) != Answer::No).then(|| condition.given(&view)),
        };
        Ok::<_, Infallible>(searches.iter().map(left).collect::<Vec<_>>())
    });
    left
}

impl Asked {
    fn keep(
        &self,
        event: &Event<'_>,
        view: &EventView<'_, '_>,
        file: &Arc<str>,
        record: u64,
        (keeps_record, store): (bool, &mut Store),
    ) {
        let event_id: Box<str> = event.event_id.and_then(Json::as_str).unwrap_or_default().into();
        match &mut store.kept {
            Kept::Groups(groups) => {
                let values: Value = self.fields.iter().map(|field| cell(view, field)).collect();
                let place = Place { time: event.time, event_id, file: Arc::clone(file), record };
                groups.add(event.id, values.to_string().into_bytes().into(), place);
            }
            Kept::Rows(rows) => {
                let cells: Vec<Value> =
                    self.search.columns.iter().map(|column| of_event(column, event, view, (file, record))).collect();
                let mut key = Vec::new();
                for (at, is_descending) in &self.search.order {
                    encode(cells.get(*at).unwrap_or(&Value::Null), *is_descending, &mut key);
                }
                // Numbers of time compare as bytes once their sign is turned round.
                key.extend((event.time.as_nanosecond() ^ i128::MIN).to_be_bytes());
                let [high, low] = event.id.id;
                [high, low, event.id.account].iter().for_each(|half| key.extend(half.to_be_bytes()));
                rows.add(Row {
                    id: event.id,
                    at: At { key: key.into(), file: Arc::clone(file), record },
                    event_id,
                    cells: Value::from(cells).to_string().into_bytes().into(),
                    text: if keeps_record { event.record.text.into() } else { Box::default() },
                });
            }
        }
    }
}

/// The value of a column in the row of one event.
fn of_event(column: &Column, event: &Event<'_>, view: &EventView<'_, '_>, (file, record): (&str, u64)) -> Value {
    match column {
        Column::First | Column::Last => json!(event.time.to_string()),
        Column::Count => json!(1),
        Column::Distinct(field) => json!(super::cell::each(&cell(view, field)).len()),
        Column::Place => {
            let event_id = event.event_id.and_then(Json::as_str).unwrap_or_default();
            json!({"file": file, "record": record, "event_id": event_id})
        }
        Column::Field(_) | Column::Top(_) | Column::Session => {
            column.field().map_or(Value::Null, |field| cell(view, &field))
        }
    }
}
