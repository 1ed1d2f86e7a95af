//! What WASI HTTP needs in a store.

use wasmtime_wasi_http::FieldMap;
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;

use super::client::Client;
use super::hooks::HttpHooks;
use super::options::Options;
use super::request::Request;
use super::response::Response;
use super::table::Table;
use crate::pipes::{PipeKind, Pipes, Weighed};
use crate::split::{Bounds, Layer, Layers, PipeTable, SplitCtx};

/// How much a `fields` may hold, roughly: names, values, and what it takes to keep them.
pub(crate) const FIELD_BYTES: usize = 128 * 1024;

/// The resources and pipes of WASI HTTP.
pub(crate) struct HttpState {
    pub fields: Table<FieldMap>,
    pub requests: Table<Request>,
    pub responses: Table<Response>,
    pub options: Table<Options>,
    pub results: Pipes<Weighed<Result<(), ErrorCode>>>,
    pub trailers: Pipes<Weighed<Result<Option<FieldMap>, ErrorCode>>>,
    pub hooks: HttpHooks,
    pub field_bytes: usize,
}

impl HttpState {
    /// That of a store.
    pub fn of(layers: &mut Layers) -> &mut HttpState {
        layers.get()
    }
}

impl Layer for HttpState {
    fn new(bounds: &Bounds) -> Self {
        let Bounds {
            limits,
            budget,
            resources,
        } = bounds;
        HttpState {
            fields: Table::new(resources, budget),
            requests: Table::new(resources, budget),
            responses: Table::new(resources, budget),
            options: Table::new(resources, budget),
            results: Pipes::new(PipeKind::HttpResults, limits.pipes, budget),
            trailers: Pipes::new(PipeKind::Trailers, limits.pipes, budget),
            hooks: HttpHooks::default(),
            field_bytes: FIELD_BYTES,
        }
    }

    fn resources(&self) -> usize {
        self.fields.len() + self.requests.len() + self.responses.len() + self.options.len()
    }

    fn tables(&self, see: &mut dyn FnMut(&dyn PipeTable)) {
        see(&self.results);
        see(&self.trailers);
    }

    fn table(&mut self, kind: PipeKind) -> Option<&mut dyn PipeTable> {
        match kind {
            PipeKind::HttpResults => Some(&mut self.results),
            PipeKind::Trailers => Some(&mut self.trailers),
            _ => None,
        }
    }
}

impl SplitCtx {
    /// Sets the client that sends guests' requests. Without one, they are denied (`HTTP-request-denied`).
    pub fn set_http_client(&mut self, client: Client) -> &mut Self {
        HttpState::of(&mut self.layers).hooks = HttpHooks::new(Some(client));
        self
    }

    /// The hooks with that client, for a store that has `wasmtime_wasi_http`'s WASI HTTP as well: both then behave alike.
    pub fn http_hooks(&mut self) -> &mut HttpHooks {
        &mut HttpState::of(&mut self.layers).hooks
    }

    /// Sets how many bytes one `fields` may hold, roughly.
    pub fn set_field_bytes(&mut self, bytes: usize) -> &mut Self {
        HttpState::of(&mut self.layers).field_bytes = bytes;
        self
    }
}
