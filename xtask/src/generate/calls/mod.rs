//! What is called: one row for each API call, with who makes it, how often and what its record says. A
//! file for each family of services; `ALL` is the only list.

mod compute;
mod identity;
mod operations;
mod storage;

use anyhow::Result;

use super::faults::{Class, FAULTS};
use super::principal::Persona;
use super::template::Template;
use super::world::repeated;

const ALL: &[&[Call]] = &[compute::CALLS, identity::CALLS, operations::CALLS, storage::CALLS];

/// Sets of personas, for the column that says who makes a call.
const WORKLOAD: u16 = 1 << Persona::Workload as u16;
const PIPELINE: u16 = 1 << Persona::Pipeline as u16;
const PERSON: u16 = 1 << Persona::Person as u16;
const AUDITOR: u16 = 1 << Persona::Auditor as u16;
const LINKED: u16 = 1 << Persona::Linked as u16;
const SERVICE: u16 = 1 << Persona::Service as u16;
const FOREIGN: u16 = 1 << Persona::Foreign as u16;
const FEDERATED: u16 = 1 << Persona::Federated as u16;
const ROOT: u16 = 1 << Persona::Root as u16;
const READERS: u16 = PIPELINE | PERSON | AUDITOR;
const BUILDERS: u16 = PIPELINE | PERSON;

/// Services whose calls are logged in us-east-1 only.
const GLOBAL: &[&str] = &["iam", "organizations", "cloudfront", "route53", "signin"];

#[derive(Clone, Copy)]
pub struct Call {
    pub prefix: &'static str,
    pub name: &'static str,
    pub weight: u16,
    personas: u16,
    pub read_only: bool,
    /// A data event.
    pub data: bool,
    /// Logged for the caller's and the owner's account.
    pub shared: bool,
    /// The service that makes the call for somebody or for itself.
    pub via: &'static str,
    /// `service:Action`, where the event is called differently.
    action: &'static str,
    parameters: &'static str,
    response: &'static str,
    /// What `<items>` repeats, and how often.
    item: &'static str,
    pub item_counts: (u64, u64),
    additional: &'static str,
    resources: &'static str,
    target: &'static str,
}

const fn call(prefix: &'static str, name: &'static str, weight: u16, personas: u16) -> Call {
    Call {
        prefix,
        name,
        weight,
        personas,
        read_only: true,
        data: false,
        shared: false,
        via: "",
        action: "",
        parameters: "null",
        response: "null",
        item: "",
        item_counts: (0, 0),
        additional: "",
        resources: "",
        target: "*",
    }
}

const fn read(prefix: &'static str, name: &'static str, weight: u16, personas: u16) -> Call {
    call(prefix, name, weight, personas)
}

const fn write(prefix: &'static str, name: &'static str, weight: u16, personas: u16) -> Call {
    Call { read_only: false, ..call(prefix, name, weight, personas) }
}

impl Call {
    const fn asking(self, parameters: &'static str) -> Self {
        Self { parameters, ..self }
    }

    const fn answered(self, response: &'static str) -> Self {
        Self { response, ..self }
    }

    const fn repeating(self, item: &'static str, fewest: u64, most: u64) -> Self {
        Self { item, item_counts: (fewest, most), ..self }
    }

    /// The resource it is decided on.
    const fn on(self, target: &'static str) -> Self {
        Self { target, ..self }
    }

    const fn adding(self, additional: &'static str) -> Self {
        Self { additional, ..self }
    }

    const fn naming(self, resources: &'static str) -> Self {
        Self { resources, ..self }
    }

    const fn via(self, via: &'static str) -> Self {
        Self { via, ..self }
    }

    const fn as_action(self, action: &'static str) -> Self {
        Self { action, ..self }
    }

    const fn data(self) -> Self {
        Self { data: true, ..self }
    }

    const fn shared(self) -> Self {
        Self { shared: true, ..self }
    }

    pub fn made_by(&self, persona: Persona) -> bool {
        self.personas & (1 << persona as u16) != 0
    }

    pub fn global(&self) -> bool {
        GLOBAL.contains(&self.prefix)
    }
}

/// A call whose texts are ready to be filled.
pub struct Casting {
    pub call: &'static Call,
    pub action: String,
    pub parameters: Template,
    pub response: Template,
    pub item: Template,
    pub additional: Template,
    pub resources: Template,
    pub target: Template,
    pub host: Template,
    /// Places in `FAULTS` of what can go wrong, each as often as its weight.
    pub denials: Vec<usize>,
    pub failures: Vec<usize>,
}

pub fn all() -> Result<Vec<Casting>> {
    ALL.iter().copied().flatten().map(Casting::new).collect()
}

impl Casting {
    fn new(call: &'static Call) -> Result<Self> {
        let strikes = |class: Class| {
            repeated(FAULTS.iter().map(|fault| {
                let strikes = fault.class == class && fault.strikes(call.prefix, call.name);
                if strikes { u64::from(fault.weight) } else { 0 }
            }))
        };
        let host = match call.prefix {
            "s3" if call.parameters.contains("<bucket>") => "<bucket>.s3.<region>.amazonaws.com",
            "iam" | "organizations" | "cloudfront" | "route53" => "<prefix>.amazonaws.com",
            "ecr" => "api.ecr.<region>.amazonaws.com",
            _ => "<prefix>.<region>.amazonaws.com",
        };
        let action = match call.action {
            "" => format!("{}:{}", call.prefix, call.name),
            action => action.to_owned(),
        };
        Ok(Self {
            call,
            action,
            parameters: Template::new(call.parameters)?,
            response: Template::new(call.response)?,
            item: Template::new(call.item)?,
            additional: Template::new(call.additional)?,
            resources: Template::new(call.resources)?,
            target: Template::new(call.target)?,
            host: Template::new(host)?,
            denials: strikes(Class::Denied),
            failures: strikes(Class::Other),
        })
    }
}
