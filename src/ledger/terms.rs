//! On which terms a grant was given.

use std::borrow::Cow;
use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

use super::cells::{Cells, flag, parts, quoted};
use super::record::text_of;
use super::row::Column;
use super::{GrantConditions, Subject};
use crate::condition::did_you_mean;
use crate::iam::is_region;

const TERMS: [&str; 4] = ["source_ip", "vpce", "mfa", "regions"];

/// The conditions, with the regions of the column of their own.
pub(super) fn conditions(cells: &mut Cells<'_>) -> GrantConditions {
    let mut conditions = GrantConditions::default();
    let column = cells.name(Column::RegionList);
    for name in cells.list(Column::RegionList) {
        region(cells, column, &name, &mut conditions);
    }
    if let Some(object) = cells.object(Column::Conditions) {
        for (name, value) in object.as_object().into_iter().flatten() {
            term(cells, name, value, &mut conditions);
        }
    }
    conditions.regions.sort_unstable();
    conditions.regions.dedup();
    conditions
}

fn term(cells: &mut Cells<'_>, name: &str, value: &Value, conditions: &mut GrantConditions) {
    match name {
        "mfa" => match text_of(value).map(|text| flag(&text)) {
            Some(Some(mfa)) => conditions.mfa = mfa,
            None if value.is_null() => {}
            _ => cells.fatal("`mfa` in `conditions` is neither `true` nor `false`; write one of them".to_owned()),
        },
        "source_ip" => {
            for text in values(cells, name, value) {
                match network(&text) {
                    Some(network) => conditions.source_ip.push(network),
                    None => cells.fatal(format!(
                        "{} in `source_ip` is no network; one looks like `203.0.113.0/24`",
                        quoted(&text)
                    )),
                }
            }
        }
        "vpce" => {
            for text in values(cells, name, value) {
                let id = text.strip_prefix("vpce-").unwrap_or_default();
                if id.is_empty() || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    let hint = "is no VPC endpoint; one looks like `vpce-0a1b2c3d4e5f60718`";
                    cells.fatal(format!("{} in `vpce` {hint}", quoted(&text)));
                } else {
                    conditions.vpce.push(text.into_owned());
                }
            }
        }
        "regions" => {
            for text in values(cells, name, value) {
                region(cells, name, &text, conditions);
            }
        }
        other => {
            let hint = did_you_mean(&other.to_ascii_lowercase(), TERMS.into_iter());
            cells.warn(format!("{} in `conditions` is not known and was not read{hint}", quoted(other)));
        }
    }
}

/// One text or a list of them.
fn values<'v>(cells: &mut Cells<'_>, name: &str, value: &'v Value) -> Vec<Cow<'v, str>> {
    let items = match value {
        Value::Null => return Vec::new(),
        Value::String(text) => return parts(text),
        Value::Array(items) => items.as_slice(),
        _ => std::slice::from_ref(value),
    };
    let texts: Vec<_> = items.iter().filter(|item| item.is_string()).filter_map(text_of).collect();
    if texts.len() < items.len() {
        cells.fatal(format!("`{name}` in `conditions` holds something that is no text; give a list of texts"));
    }
    texts
}

fn region(cells: &mut Cells<'_>, column: &str, name: &str, conditions: &mut GrantConditions) {
    if is_region(name) {
        conditions.regions.push(name.to_owned());
    } else {
        cells.fatal(format!("{} in `{column}` is no region; one looks like `eu-west-1`", quoted(name)));
    }
}

/// A network; an address is one of a single host.
fn network(text: &str) -> Option<IpNet> {
    let host = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse::<IpNet>().ok().map(|network| network.trunc()).or_else(host)
}

/// What of the terms cannot be kept or checked.
pub(super) fn doubts(subject: &Subject, conditions: &GrantConditions, cells: &mut Cells<'_>) {
    // Source: IAM user guide, "aws:MultiFactorAuthPresent".
    if conditions.mfa && matches!(subject, Subject::PermissionSet(_)) {
        let what = "asks for MFA, which sessions of Identity Center never carry; ask for it in Identity Center instead";
        cells.warn(what.to_owned());
    }
}
