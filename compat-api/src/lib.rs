//! The WASI 0.3 API for guests, as the crate `wasip3` has it, on one of two backends.
//!
//! - Feature `isyswasfa` (default): the split ABI, a component that is valid WASI 0.2.
//! - Feature `native`: WASI 0.3 itself, which is `wasip3`. If both are on, `native` wins.
//!
//! Beside what `wasip3` has:
//!
//! - [`pollable`](mod@pollable) awaits the pollables of WASI 0.2, for guests that still call 0.2 interfaces directly.
//! - The module `p2`, with the feature of that name, is the API of WASI 0.2 in terms of 0.3, for code that is on its way.
//!
//! ```
//! use compat_api::http::types::{ErrorCode, Fields, Request, Response};
//! use compat_api::{wit_bindgen, wit_future, wit_stream};
//!
//! struct Hello;
//!
//! compat_api::http::service::export!(Hello);
//!
//! impl compat_api::exports::http::handler::Guest for Hello {
//!     async fn handle(_request: Request) -> Result<Response, ErrorCode> {
//!         let (mut body, contents) = wit_stream::new();
//!         let (_, trailers) = wit_future::new(|| Ok(None));
//!         let (response, _sent) = Response::new(Fields::new(), Some(contents), trailers);
//!         wit_bindgen::spawn_local(async move {
//!             body.write_all(b"hello\n".to_vec()).await;
//!         });
//!         Ok(response)
//!     }
//! }
//! ```

#[cfg(not(any(feature = "isyswasfa", feature = "native")))]
compile_error!("compat-api needs a backend: the feature `isyswasfa` or `native`");

#[cfg(feature = "native")]
mod native;
#[cfg(feature = "native")]
pub use native::*;

#[cfg(all(feature = "isyswasfa", not(feature = "native")))]
mod isyswasfa;
#[cfg(all(feature = "isyswasfa", not(feature = "native")))]
pub use isyswasfa::*;

#[cfg(feature = "p2")]
pub mod p2;
