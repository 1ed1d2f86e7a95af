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
mod language;
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
pub use deadline::{COMPILING, DEADLINE, within, within_time};
pub use deflate::{deflate, deflate_raw, inflate};
pub use embed::{Embedded, Embedder, State};
pub use five::{compose_five, essence, hash, mirror, numbered};
pub use guest::{Abi, Backend, composable, guest, program, target};
pub use language::{Language, Variant, start_once_compiled};
pub use lowered::{lower_bytes, lower_if};
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

            $crate::test_on!(Rust, isyswasfa, Isyswasfa, $(#[$attribute])*);
            $crate::test_on!(Rust, native, Native, $(#[$attribute])*);
            $crate::test_on!(Rust, lowered, Lowered, $(#[$attribute])*);
            $crate::test_on!(Rust, translated, Translated, $(#[$attribute])*);
            $crate::test_on!(Rust, translated_lowered, TranslatedLowered, $(#[$attribute])*);
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

            $crate::test_on!(Rust, isyswasfa, Isyswasfa, $(#[$attribute])*);
            $crate::test_on!(Rust, native, Native, $(#[$attribute])*);
            $crate::test_on!(Rust, translated, Translated, $(#[$attribute])*);
        }
    )*};
}

/// Makes of an async function of a [`Variant`] one test for each backend of a guest in Rust, and, in the languages that are named
/// first, for each that a native component is made ready for.
#[macro_export]
macro_rules! in_languages {
    ($languages:tt $(async fn $name:ident($variant:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn run($variant: $crate::Variant) $body

            $crate::test_on!(Rust, isyswasfa, Isyswasfa,);
            $crate::test_on!(Rust, native, Native,);
            $crate::test_on!(Rust, lowered, Lowered,);
            $crate::test_on!(Rust, translated, Translated,);
            $crate::test_on!(Rust, translated_lowered, TranslatedLowered,);

            $crate::tests_in!($languages);
        }
    )*};
}

/// The tests in the languages.
#[doc(hidden)]
#[macro_export]
macro_rules! tests_in {
    ([$($module:ident: $language:ident),*]) => {$(
        mod $module {
            use super::run;

            $crate::test_on!($language, native, Native,);
            $crate::test_on!($language, translated, Translated,);
            $crate::test_on!($language, translated_lowered, TranslatedLowered,);
        }
    )*};
}

/// One of those tests.
#[doc(hidden)]
#[macro_export]
macro_rules! test_on {
    ($language:ident, $name:ident, $backend:ident, $(#[$attribute:meta])*) => {
        $(#[$attribute])*
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            let variant = $crate::Variant {
                language: $crate::Language::$language,
                backend: $crate::Backend::$backend,
            };
            match variant.exception(module_path!()) {
                Some(why) => eprintln!("left out: {why}"),
                None => run(variant.into()).await,
            }
        }
    };
}
