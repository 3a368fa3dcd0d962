//! Logs Insights, over the log group of a trail: commands in a row. It knows no tables, so what a step asks of an earlier one
//! is asked behind that one's commands; and where values of another step are needed, the reader puts them in.

mod ask;
mod field;
mod pipe;
mod quote;

use super::asked::Asked;
use super::notes::Notes;
use super::{Engine, Written};
use crate::runbook::model::Step;

/// CloudWatch Logs Insights.
pub(super) struct LogsInsights;

impl Engine for LogsInsights {
    fn name(&self) -> &'static str {
        "logs-insights"
    }

    fn about(&self) -> &'static str {
        "Commands for CloudWatch Logs Insights, over the log group that the trail delivers to"
    }

    fn remarks(&self) -> &'static [&'static str] {
        &[
            "The time range is a parameter of the query, not a part of it: choose it in the console, or give --start-time and --end-time.",
            "Events beyond 256 KB are not in the log group, and of long events only the first 200 fields can be asked for.",
            "What stands as <name> inside of slashes is a pattern: put a backslash before dots and slashes of what you put in.",
            "At most 10,000 rows are given.",
        ]
    }

    fn comment(&self) -> &'static str {
        "#"
    }

    fn query(&self, step: &Step, asked: &Asked<'_>) -> Written {
        let mut notes = Notes::default();
        let query = match pipe::of(step, asked, &mut notes) {
            Ok(pipe) => Some(pipe.written()),
            Err(why) => {
                notes.add(format!("{why}."));
                None
            }
        };
        Written { query, notes }
    }

    fn window(&self) -> String {
        [
            "fields @timestamp, eventSource, eventName, errorCode, sourceIPAddress, eventID",
            "| filter userIdentity.principalId like /(?i):<person>$/",
            "| filter userIdentity.sessionContext.sessionIssuer.arn like /<role or permission set>/",
            "| filter recipientAccountId = \"<account>\"",
            "| sort @timestamp asc",
        ]
        .join("\n")
    }
}
