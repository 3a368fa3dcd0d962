//! What commands answer, as rows of their own types with a schema version, so that everything below may
//! change freely. `rows` holds the shapes, `build` fills them, `sections` shows them
//! all alike, `render` writes them.

mod audit;
mod build;
mod denied;
mod differences;
mod elevation;
mod events;
mod explain;
pub mod files;
mod findings;
mod origins;
mod privileged;
pub mod render;
mod replay;
mod rows;
mod sections;
mod sequences;
mod templates;

pub use audit::{audit, unusable_rows};
pub use build::{condition_row, coverage_row, evidence, recommend, scan};
pub use denied::{By, View, denied};
pub use differences::differences;
pub use elevation::elevation;
pub use events::events;
pub use explain::explain;
pub use findings::{FindingView, Found};
pub use privileged::privileged;
pub use replay::{Change, Layers, replay, verify};
pub use rows::*;
pub use sections::{Answer, Row, Section};
pub use templates::{jit, template_files};
