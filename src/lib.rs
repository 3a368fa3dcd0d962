//! trailwright reads CloudTrail archives and turns them into least-privilege decisions, offline.
pub mod iam;
pub mod catalog;
pub mod archive;
pub mod decode;
pub mod event;
pub mod classify;
pub mod detect;
pub mod aggregate;
pub mod scan;
