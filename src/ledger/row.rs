//! A grant before it is checked: texts in our columns.

use serde_json::Value;

/// A column of our ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    GrantId,
    PrincipalKind,
    Principal,
    Person,
    AccountId,
    RegionList,
    Actions,
    Resources,
    NotBefore,
    NotAfter,
    SessionMaxSeconds,
    RequestedAt,
    ApprovedAt,
    Approver,
    Approver2,
    Ticket,
    Reason,
    Conditions,
    BreakGlass,
    RevokedAt,
    RevokedBy,
    Source,
}

const COLUMNS: usize = 22;

impl Column {
    /// Every one, in the order of the header.
    pub(super) const ALL: [Self; COLUMNS] = [
        Self::GrantId,
        Self::PrincipalKind,
        Self::Principal,
        Self::Person,
        Self::AccountId,
        Self::RegionList,
        Self::Actions,
        Self::Resources,
        Self::NotBefore,
        Self::NotAfter,
        Self::SessionMaxSeconds,
        Self::RequestedAt,
        Self::ApprovedAt,
        Self::Approver,
        Self::Approver2,
        Self::Ticket,
        Self::Reason,
        Self::Conditions,
        Self::BreakGlass,
        Self::RevokedAt,
        Self::RevokedBy,
        Self::Source,
    ];

    /// Its name in the header.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::GrantId => "grant_id",
            Self::PrincipalKind => "principal_kind",
            Self::Principal => "principal",
            Self::Person => "person",
            Self::AccountId => "account_id",
            Self::RegionList => "region_list",
            Self::Actions => "actions",
            Self::Resources => "resources",
            Self::NotBefore => "not_before",
            Self::NotAfter => "not_after",
            Self::SessionMaxSeconds => "session_max_seconds",
            Self::RequestedAt => "requested_at",
            Self::ApprovedAt => "approved_at",
            Self::Approver => "approver",
            Self::Approver2 => "approver2",
            Self::Ticket => "ticket",
            Self::Reason => "reason",
            Self::Conditions => "conditions",
            Self::BreakGlass => "break_glass",
            Self::RevokedAt => "revoked_at",
            Self::RevokedBy => "revoked_by",
            Self::Source => "source",
        }
    }

    /// The column of that name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.as_str() == name)
    }
}

/// What stands in a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Cell {
    #[default]
    Empty,
    /// Trimmed, never empty.
    Text(String),
    /// A list of JSON.
    List(Vec<Value>),
    /// An object of JSON.
    Object(Value),
}

impl Cell {
    pub(super) fn text(text: &str) -> Self {
        match text.trim() {
            "" => Self::Empty,
            text => Self::Text(text.to_owned()),
        }
    }
}

impl From<Value> for Cell {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Empty,
            Value::String(text) => Self::text(&text),
            Value::Array(items) => Self::List(items),
            Value::Object(_) => Self::Object(value),
            Value::Bool(_) | Value::Number(_) => Self::Text(value.to_string()),
        }
    }
}

/// How long a grant lasts, where no end is told.
#[derive(Clone, Debug)]
pub(super) struct Lasts {
    /// What the form calls it.
    pub(super) name: &'static str,
    pub(super) text: String,
    /// Seconds of one of what it counts.
    pub(super) unit: i64,
}

/// A grant as its record says it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) lasts: Option<Lasts>,
    /// What a form sees of it that is worth a warning.
    pub(super) remarks: Vec<String>,
    cells: [Cell; COLUMNS],
}

impl Row {
    pub(super) fn new(line: u64) -> Self {
        Self { line, lasts: None, remarks: Vec::new(), cells: std::array::from_fn(|_| Cell::Empty) }
    }

    pub(super) fn get(&self, column: Column) -> &Cell {
        self.cells.get(column as usize).unwrap_or(&Cell::Empty)
    }

    pub(super) fn set(&mut self, column: Column, cell: Cell) {
        if let Some(place) = self.cells.get_mut(column as usize) {
            *place = cell;
        }
    }

    /// Sets a text, if there is one.
    pub(super) fn fill(&mut self, column: Column, text: Option<&str>) {
        self.set(column, text.map_or(Cell::Empty, Cell::text));
    }
}
