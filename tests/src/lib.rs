//! What the end-to-end tests and the demo share: the server under test as a process of its own, a
//! client, upstream servers, guests in this process, and deadlines.

pub mod body;
mod client;
pub mod command;
mod composition;
mod deadline;
mod deflate;
mod embed;
mod guest;
mod lowered;
mod server;
mod upstream;

pub use body::Body;
pub use client::{Answer, Connection, exchange};
pub use composition::{compose, compose_files};
pub use deadline::{DEADLINE, within};
pub use deflate::{deflate, deflate_raw, inflate};
pub use embed::{Embedded, Embedder, State};
pub use guest::{Backend, composable, guest, program, target};
pub use lowered::{exception, lower_bytes, lower_if, lowered};
pub use server::Server;
pub use upstream::Upstream;

/// Makes of an async function of a [`Backend`] one test for each.
#[macro_export]
macro_rules! on_every_backend {
    ($($(#[$attribute:meta])* async fn $name:ident($backend:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn run($backend: $crate::Backend) $body

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread")]
            async fn isyswasfa() {
                run($crate::Backend::Isyswasfa).await
            }

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread")]
            async fn native() {
                run($crate::Backend::Native).await
            }

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread")]
            async fn lowered() {
                match $crate::exception(module_path!()) {
                    Some(why) => eprintln!("left out: {why}"),
                    None => run($crate::Backend::Lowered).await,
                }
            }
        }
    )*};
}
