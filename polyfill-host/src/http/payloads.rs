//! The pipes of WASI HTTP: for the outcome of a message, and for its trailers.

use wasmtime::component::Resource;
use wasmtime_wasi_http::FieldMap;
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;

use super::state::HttpState;
use crate::core::Core;
use crate::pipes::{Payload, Pipes, Weighed};
use crate::split::SplitCtx;

/// The payload of `future<result<_, error-code>>`.
pub struct HttpResultPipe;

impl HttpResultPipe {
    /// The name that the split gives the pipe.
    pub(crate) const NAME: &str = "future-result-x643fb67c302adb50";
}

impl Payload<SplitCtx> for HttpResultPipe {
    type Wire = Vec<Result<(), ErrorCode>>;
    type Items = Weighed<Result<(), ErrorCode>>;

    fn table(ctx: &mut SplitCtx) -> (&mut Core, &mut Pipes<Self::Items>) {
        let results = HttpState::of(ctx).results;
        (&mut ctx.core, ctx.pipes.get(results))
    }

    fn lift(_ctx: &mut SplitCtx, wire: Self::Wire) -> wasmtime::Result<Self::Items> {
        Ok(Weighed(wire))
    }

    fn lower(_ctx: &mut SplitCtx, items: Self::Items) -> wasmtime::Result<Self::Wire> {
        Ok(items.0)
    }
}

/// The payload of `future<result<option<trailers>, error-code>>`.
pub struct TrailersPipe;

impl TrailersPipe {
    /// The name that the split gives the pipe.
    pub(crate) const NAME: &str = "future-result-x71b95e511e2650ec";
}

impl Payload<SplitCtx> for TrailersPipe {
    type Wire = Vec<Result<Option<Resource<FieldMap>>, ErrorCode>>;
    // The fields themselves, not their handles, so that nothing stays behind when a pipe is dropped with them.
    type Items = Weighed<Result<Option<FieldMap>, ErrorCode>>;

    fn table(ctx: &mut SplitCtx) -> (&mut Core, &mut Pipes<Self::Items>) {
        let trailers = HttpState::of(ctx).trailers;
        (&mut ctx.core, ctx.pipes.get(trailers))
    }

    fn lift(ctx: &mut SplitCtx, wire: Self::Wire) -> wasmtime::Result<Self::Items> {
        let items = wire.into_iter().map(|item| match item {
            Ok(Some(fields)) => Ok(Ok(Some(HttpState::of(ctx).fields.take(fields)?))),
            Ok(None) => Ok(Ok(None)),
            Err(code) => Ok(Err(code)),
        });
        Ok(Weighed(items.collect::<wasmtime::Result<_>>()?))
    }

    fn lower(ctx: &mut SplitCtx, items: Self::Items) -> wasmtime::Result<Self::Wire> {
        items
            .0
            .into_iter()
            .map(|item| match item {
                Ok(Some(fields)) => Ok(Ok(Some(HttpState::of(ctx).fields.push(fields)?))),
                Ok(None) => Ok(Ok(None)),
                Err(code) => Ok(Err(code)),
            })
            .collect()
    }
}
