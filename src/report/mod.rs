//! What commands answer, as rows of their own types with a schema version, so that everything below may
//! change freely. `rows` holds the shapes, `build` fills them, `render` writes them.

mod build;
pub mod render;
mod rows;

pub use build::{denied, jit, privileged, recommend, scan};
pub use rows::*;
