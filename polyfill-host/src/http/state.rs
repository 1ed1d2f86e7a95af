//! What WASI HTTP needs in a store.

use slab::Slab;
use wasmtime::component::Resource;
use wasmtime::{Result, bail};
use wasmtime_wasi_http::FieldMap;
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;

use super::client::Client;
use super::hooks::HttpHooks;
use super::options::Options;
use super::request::Request;
use super::response::Response;
use crate::core::Limits;
use crate::pipes::{Budget, PipeKind, Pipes};
use crate::split::SplitCtx;

/// How much a `fields` may hold, roughly: names, values, and what it takes to keep them.
const FIELD_BYTES: usize = 128 * 1024;

/// The resources and pipes of WASI HTTP.
pub(crate) struct HttpState {
    pub fields: Table<FieldMap>,
    pub requests: Table<Request>,
    pub responses: Table<Response>,
    pub options: Table<Options>,
    pub results: Pipes<Vec<Result<(), ErrorCode>>>,
    pub trailers: Pipes<Vec<Result<Option<FieldMap>, ErrorCode>>>,
    pub hooks: HttpHooks,
    pub field_bytes: usize,
}

impl HttpState {
    pub fn new(limits: &Limits, budget: &Budget) -> Self {
        HttpState {
            fields: Table::new(limits.resources),
            requests: Table::new(limits.resources),
            responses: Table::new(limits.resources),
            options: Table::new(limits.resources),
            results: Pipes::new(PipeKind::HttpResults, limits.pipes, budget),
            trailers: Pipes::new(PipeKind::Trailers, limits.pipes, budget),
            hooks: HttpHooks::default(),
            field_bytes: FIELD_BYTES,
        }
    }

    pub fn handles(&self) -> usize {
        self.fields.len()
            + self.requests.len()
            + self.responses.len()
            + self.options.len()
            + self.results.len()
            + self.trailers.len()
    }
}

impl SplitCtx {
    /// Sets the client that sends guests' requests. Without one, they are denied (`HTTP-request-denied`).
    pub fn set_http_client(&mut self, client: Client) -> &mut Self {
        self.http.hooks = HttpHooks::new(Some(client));
        self
    }

    /// The hooks with that client, for a store that has `wasmtime_wasi_http`'s WASI HTTP as well: both then behave alike.
    pub fn http_hooks(&mut self) -> &mut HttpHooks {
        &mut self.http.hooks
    }

    /// Sets how many bytes one `fields` may hold, roughly.
    pub fn set_field_bytes(&mut self, bytes: usize) -> &mut Self {
        self.http.field_bytes = bytes;
        self
    }
}

/// The resources of one type. wasmtime has checked a guest's handle before its representation gets here.
pub(crate) struct Table<X> {
    slab: Slab<X>,
    max: usize,
}

impl<X: 'static> Table<X> {
    fn new(max: usize) -> Self {
        Table {
            slab: Slab::new(),
            max,
        }
    }

    pub fn len(&self) -> usize {
        self.slab.len()
    }

    pub fn push(&mut self, x: X) -> Result<Resource<X>> {
        if self.slab.len() >= self.max {
            bail!("more than {} resources of one type", self.max);
        }
        Ok(Resource::new_own(self.slab.insert(x) as u32))
    }

    pub fn get(&self, of: &Resource<X>) -> Result<&X> {
        match self.slab.get(of.rep() as usize) {
            Some(x) => Ok(x),
            None => bail!("no resource {}", of.rep()),
        }
    }

    pub fn get_mut(&mut self, of: &Resource<X>) -> Result<&mut X> {
        match self.slab.get_mut(of.rep() as usize) {
            Some(x) => Ok(x),
            None => bail!("no resource {}", of.rep()),
        }
    }

    pub fn take(&mut self, of: Resource<X>) -> Result<X> {
        match self.slab.try_remove(of.rep() as usize) {
            Some(x) => Ok(x),
            None => bail!("no resource {}", of.rep()),
        }
    }
}
