//! Programs of WASI 0.2, on the facade of `compat-api`.

// Only where there are no threads do the facade's types go into statics, as those of `wasip2` do.
#![cfg(target_family = "wasm")]

use compat_api::p2;

/// What waits in 0.2 is awaited.
macro_rules! wait {
    ($call:expr) => {
        $call.await
    };
}

/// Functions that wait are `async`.
macro_rules! waiting {
    ($($(#[$attribute:meta])* $visible:vis fn $name:ident($($parameters:tt)*) $(-> $result:ty)? $body:block)+) => {
        $($(#[$attribute])* $visible async fn $name($($parameters)*) $(-> $result)? $body)+
    };
}

mod programs;
mod send;
