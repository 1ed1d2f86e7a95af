//! The state of WASI HTTP in a store.

use wasmtime_wasi_http::FieldMap;
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;

use super::client::Client;
use super::hooks::HttpHooks;
use super::options::Options;
use super::request::Request;
use super::response::Response;
use super::table::Table;
use crate::pipes::{PipeKind, TableId, Tables, Weighed};
use crate::split::{Bounds, Layer, SplitCtx};

/// The approximate size that a `fields` may have: names, values, and their overhead.
pub(crate) const FIELD_BYTES: usize = 128 * 1024;

/// The resources and pipes of WASI HTTP.
pub(crate) struct HttpState {
    pub fields: Table<FieldMap>,
    pub requests: Table<Request>,
    pub responses: Table<Response>,
    pub options: Table<Options>,
    pub results: TableId<Weighed<Result<(), ErrorCode>>>,
    pub trailers: TableId<Weighed<Result<Option<FieldMap>, ErrorCode>>>,
    pub hooks: HttpHooks,
    pub field_bytes: usize,
}

impl HttpState {
    /// The state in a store.
    pub fn of(ctx: &mut SplitCtx) -> &mut HttpState {
        ctx.layer()
    }
}

impl Layer for HttpState {
    fn new(bounds: &Bounds, pipes: &mut Tables) -> Self {
        let Bounds { budget, resources } = bounds;
        HttpState {
            fields: Table::new(resources, budget),
            requests: Table::new(resources, budget),
            responses: Table::new(resources, budget),
            options: Table::new(resources, budget),
            results: pipes.register(PipeKind {
                name: "result",
                what: "an error code in a future",
            }),
            trailers: pipes.register(PipeKind {
                name: "trailers",
                what: "trailers in a future",
            }),
            hooks: HttpHooks::default(),
            field_bytes: FIELD_BYTES,
        }
    }

    fn resources(&self) -> usize {
        self.fields.len() + self.requests.len() + self.responses.len() + self.options.len()
    }
}

impl SplitCtx {
    /// Sets the client that sends guests' requests. Without one, they are denied (`HTTP-request-denied`).
    pub fn set_http_client(&mut self, client: Client) -> &mut Self {
        HttpState::of(self).hooks = HttpHooks::new(Some(client));
        self
    }

    /// Hooks with the same client, for a store that has `wasmtime_wasi_http`'s WASI HTTP as well: both then behave alike.
    pub fn http_hooks(&mut self) -> &mut HttpHooks {
        &mut HttpState::of(self).hooks
    }

    /// Sets how many bytes one `fields` may hold, roughly.
    pub fn set_field_bytes(&mut self, bytes: usize) -> &mut Self {
        HttpState::of(self).field_bytes = bytes;
        self
    }
}
