//! What holds for trailwright as a whole, seen from outside.

mod architecture;
mod archive;
mod corpora;
mod dependencies;
mod fixtures;
mod merge;
mod robustness;
mod slow_decoder;
mod support;
