//! Migration of a code base from WASI 0.2 to WASI 0.3: finds what has to change in WIT, Rust and manifests, shows the changes,
//! and makes those that are mechanical. What is left to a human is reported with its place, the reason, and what to write.
//!
//! ```
//! use isyswasfa_migrate::{Options, Source, migrate};
//! use isyswasfa_migrate::edit::Safety;
//!
//! let source = Source::new("app.wit", "
//! package test:app;
//! world app {
//!   include wasi:http/proxy@0.2.0;
//! }
//! ").unwrap();
//! let migrated = migrate(vec![source], &Options::default(), Safety::Safe);
//! assert!(migrated.files[0].text.contains("include wasi:http/service@0.3.2;"));
//! assert!(migrated.reports[0].findings.is_empty());
//! ```
//!
//! How it works: [`engine`] gives each unit of sources (a folder of WIT, a Rust file, a manifest) to every rule of
//! [`rules`]; a rule returns findings, some with a [`edit::Fix`]. Fixes that overlap wait for the next round. Rounds
//! go on until nothing changes. [`moves`] is the data that says what moved where.

pub mod allow;
pub mod baseline;
pub mod compare;
pub mod component;
pub mod config;
pub mod edit;
pub mod engine;
pub mod facade;
pub mod finding;
pub mod hosts;
pub mod items;
pub mod load;
mod manifest;
pub mod moves;
pub mod patch;
pub mod place;
pub mod proposals;
pub mod report;
pub mod rules;
pub mod rust;
pub mod script;
pub mod source;
mod stack;
pub mod verify;
pub mod walk;
pub mod wit;
pub mod wrappers;
pub mod write;

pub use engine::{Migrated, Options, Report, Target, check, migrate, migrate_without};
pub use finding::Finding;
pub use source::{Kind, Source};
