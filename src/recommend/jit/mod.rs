//! Just-in-time elevation: what was denied, is needed and can be fixed by an identity policy, as a grant that ends by
//! itself. [`elevations`] decides what is granted on which terms; a [`Target`] writes that down in some form, and says
//! what has to be known of it there. One file per target; [`ALL`] is the only list.

mod card;
mod elevation;
mod glide_access_rule;
mod iam_policy;
mod permission_set;
mod permission_set_cloudformation;
mod permission_set_terraform;
mod request;
mod revoke;
mod session_policy;
mod shell;
mod team_eligibility;
mod ticket;

use serde_json::Value;

pub use card::{Card, Part};
pub use elevation::{CONDITIONS, Elevation, Terms, Window, elevations, refusal};
pub use shell::quoted;
pub use ticket::{Ticket, TicketError};

use super::ConditionKind;
use crate::iam::PrincipalKind;

/// A form that a grant can be written in.
pub trait Target: Sync {
    /// The word users type.
    fn name(&self) -> &'static str;
    /// One line for `--help`.
    fn about(&self) -> &'static str;
    /// How files of it end, from the first dot on.
    fn ending(&self) -> &'static str;
    /// Conditions that history may support and that would block whoever uses what it makes.
    fn leaves_out(&self, _kind: PrincipalKind) -> &'static [ConditionKind] {
        &[]
    }
    /// Writes the grant; or says why it cannot be given in this form, and what to do instead. `stem` is how its files
    /// begin, and nobody else's.
    fn write(&self, grant: &Elevation<'_>, stem: &str) -> Result<Template, String>;
}

/// Every target.
pub const ALL: &[&dyn Target] = &[
    &iam_policy::IamPolicy,
    &session_policy::SessionPolicy,
    &permission_set_cloudformation::PermissionSetCloudFormation,
    &permission_set_terraform::PermissionSetTerraform,
    &team_eligibility::TeamEligibility,
    &glide_access_rule::GlideAccessRule,
    &revoke::Revoke,
    &request::Request,
];

/// The target of that name.
pub fn by_name(name: &str) -> Option<&'static dyn Target> {
    ALL.iter().copied().find(|target| target.name() == name)
}

/// What a principal is usually given: nobody can edit the role of a permission set.
pub fn usual_for(kind: PrincipalKind) -> &'static dyn Target {
    if kind == PrincipalKind::PermissionSet {
        &permission_set_cloudformation::PermissionSetCloudFormation
    } else {
        &iam_policy::IamPolicy
    }
}

/// A grant in some form.
#[derive(Clone, Debug)]
pub struct Template {
    /// The form itself.
    pub body: Body,
    /// What has to be known of it.
    pub notes: Vec<String>,
    /// How it is put to use and taken back, as lines for a shell.
    pub commands: Vec<String>,
}

/// What a template is made of.
#[derive(Clone, Debug)]
pub enum Body {
    /// JSON, indented for people.
    Json(Value),
    /// JSON in which white space would count.
    Compact(Value),
    /// Terraform.
    Terraform(hcl::Body),
    /// A page for people.
    Card(Card),
}
