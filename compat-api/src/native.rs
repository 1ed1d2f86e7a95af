//! The backend `native`: the crate `wasip3`, and what that lacks: messages of panics, and pollables of WASI 0.2.

#[doc(hidden)]
pub mod panic;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod stderr;

pub use polyfill_guest as wit_bindgen;
pub use polyfill_guest::pollable;
pub use wasip3::*;

// The `export!` macros below name it.
#[doc(hidden)]
pub use wasip3 as __wasip3;

/// `wasi:cli`.
pub mod cli {
    pub use wasip3::cli::*;

    /// The world `wasi:cli/command`.
    pub mod command {
        /// Exports a type that implements [`Guest`](crate::exports::cli::run::Guest) as
        /// `wasi:cli/run`, from a `cdylib`.
        #[doc(inline)]
        pub use crate::__export_native_command as export;
    }
}

/// `wasi:http`.
pub mod http {
    pub use wasip3::http::*;

    /// The world `wasi:http/service`.
    pub mod service {
        /// Exports a type that implements [`Guest`](crate::exports::http::handler::Guest) as
        /// `wasi:http/handler`, from a `cdylib`.
        #[doc(inline)]
        pub use crate::__export_native_service as export;
    }
}

/// `wasip3`'s macro for a wrapper of the guest's type, which installs the panic hook before it calls the guest.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_native_command {
    ($ty:ident) => {
        $crate::__export_native_command!($ty with_types_in $crate::__wasip3);
    };
    ($ty:ident with_types_in $($root:tt)*) => {
        const _: () = {
            struct Heard;

            impl $($root)*::exports::wasi::cli::run::Guest for Heard {
                async fn run() -> ::core::result::Result<(), ()> {
                    $crate::panic::install();
                    <$ty as $($root)*::exports::wasi::cli::run::Guest>::run().await
                }
            }

            $crate::__wasip3::cli::command::export!(Heard with_types_in $($root)*);
        };
    };
}

/// As `__export_native_command`.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_native_service {
    ($ty:ident) => {
        $crate::__export_native_service!($ty with_types_in $crate::__wasip3);
    };
    ($ty:ident with_types_in $($root:tt)*) => {
        const _: () = {
            struct Heard;

            impl $($root)*::exports::wasi::http::handler::Guest for Heard {
                async fn handle(
                    request: $crate::http::types::Request,
                ) -> ::core::result::Result<
                    $crate::http::types::Response,
                    $crate::http::types::ErrorCode,
                > {
                    $crate::panic::install();
                    <$ty as $($root)*::exports::wasi::http::handler::Guest>::handle(request).await
                }
            }

            $crate::__wasip3::http::service::export!(Heard with_types_in $($root)*);
        };
    };
}
