//! What the catalog holds, and where it is from.

use std::io::Write;

use super::output;
use super::status::Status;
use crate::catalog;
use crate::cli::Color;

pub(super) fn run() -> anyhow::Result<Status> {
    let (mut actions, mut retired, mut without_resource, mut types) = (0, 0, 0, 0);
    let mut services = 0;
    for service in catalog::services() {
        services += 1;
        types += service.resource_types().len();
        for facts in service.actions() {
            actions += 1;
            retired += usize::from(facts.retired);
            without_resource += usize::from(facts.resources.is_empty());
        }
    }
    let mut out = output::stdout(Color::Auto);
    writeln!(out, "AWS's Service Authorization Reference as of {}", catalog::date())?;
    writeln!(out, "  {services} services")?;
    writeln!(out, "  {actions} actions, {retired} of them retired, {without_resource} that take no resource")?;
    writeln!(out, "  {types} resource types")?;
    writeln!(out, "Sources")?;
    for (source, what) in catalog::SOURCES {
        writeln!(out, "  {source}: {what}")?;
    }
    Ok(Status::Done)
}
