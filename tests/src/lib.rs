//! What the end-to-end tests share: the server under test as a process of its own, a
//! client, upstream servers, guests in this process, and deadlines.

pub mod body;
mod cargo;
mod client;
pub mod command;
mod composition;
mod deadline;
mod deflate;
mod embed;
mod five;
mod guest;
mod lowered;
pub mod picture;
pub mod probe;
mod random;
pub mod raw;
mod server;
mod translated;
mod upstream;

pub use body::Body;
pub use cargo::cargo_build;
pub use client::{Answer, Connection, exchange};
pub use composition::{compose, compose_files};
pub use deadline::{DEADLINE, within};
pub use deflate::{deflate, deflate_raw, inflate};
pub use embed::{Embedded, Embedder, State};
pub use five::{compose_five, essence, hash, mirror, numbered};
pub use guest::{Abi, Backend, composable, guest, program, target};
pub use lowered::{exception, lower_bytes, lower_if};
pub use random::{Random, seeds};
pub use server::Server;
pub use upstream::Upstream;

/// Makes of an async function of a [`Backend`] one test for each.
#[macro_export]
macro_rules! on_every_backend {
    ($($(#[$attribute:meta])* async fn $name:ident($backend:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn run($backend: $crate::Backend) $body

            $crate::test_on!(isyswasfa, Isyswasfa, $(#[$attribute])*);
            $crate::test_on!(native, Native, $(#[$attribute])*);
            $crate::test_on!(lowered, Lowered, $(#[$attribute])*);
            $crate::test_on!(translated, Translated, $(#[$attribute])*);
            $crate::test_on!(translated_lowered, TranslatedLowered, $(#[$attribute])*);
        }
    )*};
}

/// Makes of an async function of a [`Backend`] one test for each that a guest is built for: what is lowered has no streams,
/// futures or resources to share with a host.
#[macro_export]
macro_rules! on_every_build {
    ($($(#[$attribute:meta])* async fn $name:ident($backend:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn run($backend: $crate::Backend) $body

            $crate::test_on!(isyswasfa, Isyswasfa, $(#[$attribute])*);
            $crate::test_on!(native, Native, $(#[$attribute])*);
            $crate::test_on!(translated, Translated, $(#[$attribute])*);
        }
    )*};
}

/// One of those tests.
#[doc(hidden)]
#[macro_export]
macro_rules! test_on {
    ($name:ident, $backend:ident, $(#[$attribute:meta])*) => {
        $(#[$attribute])*
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            let backend = $crate::Backend::$backend;
            match $crate::exception(backend, module_path!()) {
                Some(why) => eprintln!("left out: {why}"),
                None => run(backend).await,
            }
        }
    };
}
