//! Terraform's language as far as policies need it: documents that mean the same there, and blocks around them.

use hcl::expr::{Heredoc, TemplateExpr, Traversal, Variable};
use hcl::{Block, Expression, Identifier};

/// JSON as it stands, in a heredoc.
pub fn document(json: &str) -> Expression {
    let mut text = literal(json);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    TemplateExpr::from(Heredoc::new(Identifier::sanitized("POLICY"), text)).into()
}

/// A block that asks for a text that nobody but the user knows.
pub fn variable(name: &str, about: &str) -> Block {
    variable_or(name, about, None)
}

/// The same, where something is most likely meant. It may hold nothing that begins a template.
pub fn variable_or(name: &str, about: &str, default: Option<&str>) -> Block {
    let string = Expression::from(Variable::sanitized("string"));
    let block = Block::builder("variable").add_label(name);
    let block = block.add_attribute(("type", string)).add_attribute(("description", about));
    block.add_attributes(default.map(|default| ("default", default))).build()
}

/// What a variable was given.
pub fn var(name: &str) -> Expression {
    Traversal::builder(Variable::sanitized("var")).attr(name).build().into()
}

/// An attribute of a resource.
pub fn attribute(kind: &str, label: &str, name: &str) -> Expression {
    Traversal::builder(Variable::sanitized(kind)).attr(label).attr(name).build().into()
}

/// A resource.
pub fn resource<const N: usize>(kind: &str, label: &str, attributes: [(&str, Expression); N]) -> Block {
    Block::builder("resource").add_label(kind).add_label(label).add_attributes(attributes).build()
}

/// JSON so that HCL takes nothing in it for a template: `${` as `$${`. Behind another such sign, readers of HCL do
/// not agree on what is doubled; there JSON's own escape stands.
fn literal(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let (mut before, mut chars) = (' ', json.chars().peekable());
    while let Some(c) = chars.next() {
        let begins = matches!(c, '$' | '%') && chars.peek() == Some(&'{');
        if begins && matches!(before, '$' | '%') {
            text.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            text.push(c);
            text.extend(begins.then_some(c));
        }
        before = c;
    }
    text
}
