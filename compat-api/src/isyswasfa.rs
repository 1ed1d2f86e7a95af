//! The backend `isyswasfa`: the items of `wasip3`, on the split ABI.

#[allow(
    unused_imports,
    reason = "the generator makes them for worlds of any shape"
)]
mod command;
#[allow(rustdoc::bare_urls, reason = "the texts are WASI's")]
mod imports;
#[allow(
    unused_imports,
    reason = "the generator makes them for worlds of any shape"
)]
mod service;

pub use imports::wasi::*;
pub use imports::{wit_future, wit_stream};
pub use polyfill_guest as wit_bindgen;
pub use polyfill_guest::pollable;
#[cfg(feature = "async-spawn")]
pub use polyfill_guest::spawn_local;

#[cfg(feature = "http-compat")]
pub mod http_compat;

/// `wit_future::new` also makes the futures whose payloads only `wasi:http` has.
impl<T: service::wit_future::FuturePayload> wit_future::FuturePayload for T {
    const VTABLE: &'static wit_bindgen::rt::async_support::FutureVtable<Self> = T::VTABLE;
}

/// `wasi:cli`.
pub mod cli {
    pub use super::imports::wasi::cli::*;

    /// The world `wasi:cli/command`.
    pub mod command {
        /// Exports a type that implements [`Guest`](crate::exports::cli::run::Guest) as
        /// `wasi:cli/run`, from a `cdylib`.
        ///
        /// ```
        /// struct Hello;
        ///
        /// impl compat_api::exports::cli::run::Guest for Hello {
        ///     async fn run() -> Result<(), ()> {
        ///         Ok(())
        ///     }
        /// }
        ///
        /// compat_api::cli::command::export!(Hello);
        /// ```
        #[doc(inline)]
        pub use crate::isyswasfa::command::_export_command as export;
    }
}

/// `wasi:http`.
pub mod http {
    pub use super::service::wasi::http::*;

    /// The world `wasi:http/service`.
    pub mod service {
        /// Exports a type that implements [`Guest`](crate::exports::http::handler::Guest) as
        /// `wasi:http/handler`, from a `cdylib`.
        ///
        /// ```
        /// use compat_api::http::types::{ErrorCode, Request, Response};
        ///
        /// struct Refuse;
        ///
        /// impl compat_api::exports::http::handler::Guest for Refuse {
        ///     async fn handle(_request: Request) -> Result<Response, ErrorCode> {
        ///         Err(ErrorCode::HttpRequestDenied)
        ///     }
        /// }
        ///
        /// compat_api::http::service::export!(Refuse);
        /// ```
        #[doc(inline)]
        pub use crate::isyswasfa::service::_export_service as export;
    }
}

/// The traits that a guest implements.
pub mod exports {
    pub use super::command::exports::wasi::cli;
    pub use super::service::exports::wasi::http;

    /// The place where the `export!` macros look for the trait.
    #[doc(hidden)]
    pub mod wasi {
        pub use crate::isyswasfa::command::exports::wasi::*;
        pub use crate::isyswasfa::service::exports::wasi::*;
    }
}

// The `export!` macros call each other by these names.
#[doc(hidden)]
pub use command::_export_command;
#[doc(hidden)]
pub use service::_export_service;
