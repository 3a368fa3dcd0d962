//! trailwright reads CloudTrail archives and turns them into least-privilege decisions, offline.
//!
//! ```text
//! archive ──▶ decode ──▶ event ──▶ classify ──▶ detect ──▶ aggregate ──▶ recommend ──▶ report
//! files       records    who,      IAM          findings   what each     policies,     rows,
//! and bytes              what,     actions,                principal     gaps,         text,
//!                        outcome   resources               did           grants        JSON
//! ```
//!
//! `iam` and `catalog` stand below all of it, `scan` drives the first six in parallel, `cli` and
//! `commands` are the surface. A module imports only what stands before it here.

pub mod intern;

pub mod iam;

pub mod catalog;

pub mod archive;

pub mod decode;

pub mod event;

pub mod classify;

pub mod condition;

pub mod detect;

pub mod replay;

pub mod ledger;

pub mod watch;

pub mod search;

pub mod aggregate;

pub mod correlate;

pub mod scan;

pub mod recommend;

pub mod audit;

pub mod report;

pub mod runbook;

pub mod cli;

pub mod commands;
