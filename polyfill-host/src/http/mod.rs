//! WASI HTTP for split guests, on hyper: its types, the client, and calling a component's handler.

mod body;
mod client;
mod connect;
mod error;
mod fields;
mod handler;
mod hooks;
mod hop;
mod incoming;
mod options;
mod outbound;
mod outgoing;
mod payloads;
mod request;
mod response;
mod send;
mod state;
mod table;
mod timed;
pub(crate) mod weight;

pub use client::Client;
pub use error::{code_from_error, error_from_hyper};
pub use handler::{HandleError, Handler, HandlerInstance};
pub use hooks::HttpHooks;
pub use outbound::{Outbound, Target};
pub use outgoing::Body;
pub use payloads::{HttpResultPipe, TrailersPipe};

pub(crate) use hooks::P2_BODY_CHUNK;
pub(crate) use hop::{remove_nominated, unknown_coding};
pub(crate) use state::FIELD_BYTES;
pub(crate) use timed::TimedBody;

use isyswasfa_wit::names::POLL;
use wasmtime::Result;
use wasmtime::component::{Linker, LinkerInstance, ResourceType};

use crate::core::View;
use crate::pipes::{Names, add_pipe};
use crate::split::{SplitCtx, SplitView, add_poll, versions};

/// Defines `wasi:http/types` and `wasi:http/client` as split, in every version.
///
/// # Errors
///
/// If any of it is defined already.
pub fn add_to_linker<T: SplitView>(linker: &mut Linker<T>) -> Result<()> {
    for name in versions("wasi:http/types") {
        let mut types = linker.instance(&name)?;
        add_poll(&mut types, POLL)?;
        fields::add(&mut types)?;
        options::add(&mut types)?;
        request::add(&mut types)?;
        response::add(&mut types)?;
        add_pipe::<T, TrailersPipe>(&mut types, &Names::prefixed(TrailersPipe::NAME))?;
    }
    for name in versions("wasi:http/client") {
        send::add(linker, &name)?;
    }
    Ok(())
}

/// Defines the pipe of `wasi:http` that the split calls `name`, if the pipe has an interface of its own. `false`: `wasi:http` has no
/// such pipe.
pub(crate) fn add_typed_pipe<T: View<Ctx = SplitCtx>>(
    linker: &mut LinkerInstance<'_, T>,
    name: &str,
) -> Result<bool> {
    let known = name == HttpResultPipe::NAME;
    if known {
        add_pipe::<T, HttpResultPipe>(linker, &Names::plain())?;
    }
    Ok(known)
}

/// The host's own resource type for `X`.
fn resource<X: 'static>() -> ResourceType {
    ResourceType::host::<X>()
}
