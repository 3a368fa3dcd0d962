//! What holds for trailwright as a whole, seen from outside.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has said what it had to say, in its helpers too"
)]

mod architecture;
mod archive;
mod audit;
mod bounds;
mod conditions;
mod corpora;
mod denials;
mod dependencies;
mod documents;
mod evaluate;
mod exposures;
mod external;
mod fixtures;
mod formats;
mod granted;
mod ledger;
mod lint;
mod merge;
mod needs;
mod packing;
mod real_needs;
mod replay;
mod resources;
mod robustness;
mod rules;
mod runbook;
mod sarif;
mod search;
mod sequences;
mod shipped;
mod slow_decoder;
mod split;
mod support;
mod supported;
mod templates;
mod twin;
