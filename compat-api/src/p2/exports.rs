//! The traits that a guest implements, and how their functions are those of WASI 0.3.

/// `wasi:cli` of WASI 0.2.
pub mod cli {
    /// `wasi:cli/run`.
    pub mod run {
        /// A program for the command line.
        #[expect(async_fn_in_trait, reason = "the executor has one thread")]
        pub trait Guest {
            /// Runs it.
            async fn run() -> Result<(), ()>;
        }
    }
}

/// `wasi:http` of WASI 0.2.
pub mod http {
    /// `wasi:http/incoming-handler`.
    pub mod incoming_handler {
        pub use crate::p2::http::types::{IncomingRequest, ResponseOutparam};

        /// An HTTP service.
        #[expect(async_fn_in_trait, reason = "the executor has one thread")]
        pub trait Guest {
            /// Answers a request by [`ResponseOutparam::set`], after which it may go on, to write the body above all.
            async fn handle(request: IncomingRequest, response_out: ResponseOutparam);
        }
    }
}

/// `wasi:cli/run` of 0.3.
#[doc(hidden)]
pub async fn run<G: cli::run::Guest>() -> Result<(), ()> {
    let result = G::run().await;
    super::io::output::settled().await;
    result
}

/// `wasi:http/handler` of 0.3.
#[doc(hidden)]
pub async fn handle<G: http::incoming_handler::Guest + 'static>(
    request: crate::http::types::Request,
) -> Result<crate::http::types::Response, crate::http::types::ErrorCode> {
    super::http::serve(request, G::handle).await
}

/// The second form is that of bindings' own `export!`; the path is not needed.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_p2_command {
    ($ty:ident) => {
        const _: () = {
            struct Facade;

            impl $crate::exports::cli::run::Guest for Facade {
                async fn run() -> ::core::result::Result<(), ()> {
                    $crate::p2::exports::run::<$ty>().await
                }
            }

            $crate::cli::command::export!(Facade);
        };
    };
    ($ty:ident with_types_in $($root:tt)*) => {
        $crate::__export_p2_command!($ty);
    };
}

/// As `__export_p2_command`.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_p2_proxy {
    ($ty:ident) => {
        const _: () = {
            struct Facade;

            impl $crate::exports::http::handler::Guest for Facade {
                async fn handle(
                    request: $crate::http::types::Request,
                ) -> ::core::result::Result<
                    $crate::http::types::Response,
                    $crate::http::types::ErrorCode,
                > {
                    $crate::p2::exports::handle::<$ty>(request).await
                }
            }

            $crate::http::service::export!(Facade);
        };
    };
    ($ty:ident with_types_in $($root:tt)*) => {
        $crate::__export_p2_proxy!($ty);
    };
}
