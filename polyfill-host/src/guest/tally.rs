//! The memory that wasmtime's WASI resources hold: counted as it grows, and computed anew when the count is too high.

use wasmtime::Result;
use wasmtime::component::ResourceTable;
use wasmtime_wasi_http::p2::body::HostOutgoingBody;
use wasmtime_wasi_http::p2::types::{
    HostIncomingResponse, HostOutgoingRequest, HostOutgoingResponse,
};
use wasmtime_wasi_http::p3::{Request, Response};
use wasmtime_wasi_http::{FieldMap, p2, p3};

use crate::core::{Budget, Share, Weigh};
use crate::http::P2_BODY_CHUNK;

/// The approximate memory of wasmtime's resources in one store: an upper bound.
pub(crate) struct Tally {
    share: Share,
    budget: Budget,
    /// The count at which the real size is computed next: once for many additions.
    next_look: usize,
}

impl Tally {
    /// An empty tally.
    pub fn new(budget: &Budget) -> Self {
        Tally {
            share: budget.share(),
            budget: budget.clone(),
            next_look: budget.max(),
        }
    }

    /// Counts `bytes` that a guest is about to add to the resources in `table`.
    ///
    /// # Errors
    ///
    /// If the host then holds too much: a trap. `what` names the thing that is added.
    pub fn add(&mut self, table: &mut ResourceTable, bytes: usize, what: &str) -> Result<()> {
        self.share.set(self.share.held() + bytes);
        if self.budget.held() <= self.next_look {
            return Ok(());
        }
        self.share.set(held(table) + bytes);
        self.budget.check(what)?;
        let max = self.budget.max();
        self.next_look = max.max(self.budget.held() + max / 16);
        Ok(())
    }
}

/// The size of the resources in a table.
fn held(table: &mut ResourceTable) -> usize {
    let mut sum = 0;
    for resource in table.iter_mut() {
        let resource = &*resource;
        sum += if let Some(fields) = resource.downcast_ref::<FieldMap>() {
            fields.weight()
        } else if let Some(request) = resource.downcast_ref::<Request>() {
            request.method.weight()
                + request.scheme.weight()
                + request.authority.weight()
                + request.path_with_query.weight()
                + request.headers.weight()
        } else if let Some(response) = resource.downcast_ref::<Response>() {
            response.headers.weight()
        } else if let Some(request) = resource.downcast_ref::<HostOutgoingRequest>() {
            let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
            p2_method(&request.method)
                + request.scheme.as_ref().map_or(0, p2_scheme)
                + text(&request.authority)
                + text(&request.path_with_query)
                + request.headers.weight()
        } else if let Some(response) = resource.downcast_ref::<HostOutgoingResponse>() {
            response.headers.weight()
        } else if let Some(response) = resource.downcast_ref::<HostIncomingResponse>() {
            response.headers.weight()
        } else if resource.is::<HostOutgoingBody>() {
            BODY
        } else {
            0
        };
    }
    sum
}

pub(super) fn p2_method(method: &p2::bindings::http::types::Method) -> usize {
    match method {
        p2::bindings::http::types::Method::Other(text) => text.len(),
        _ => 0,
    }
}

pub(super) fn p2_scheme(scheme: &p2::bindings::http::types::Scheme) -> usize {
    match scheme {
        p2::bindings::http::types::Scheme::Other(text) => text.len(),
        _ => 0,
    }
}

pub(super) fn p3_method(method: &p3::bindings::http::types::Method) -> usize {
    match method {
        p3::bindings::http::types::Method::Other(text) => text.len(),
        _ => 0,
    }
}

pub(super) fn p3_scheme(scheme: &p3::bindings::http::types::Scheme) -> usize {
    match scheme {
        p3::bindings::http::types::Scheme::Other(text) => text.len(),
        _ => 0,
    }
}

/// The most that a body of WASI 0.2 that a guest has open can hold: one chunk in the channel, another one in front of it.
pub(super) const BODY: usize = 2 * P2_BODY_CHUNK;

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;

    const HEADERS: &str = "headers";

    fn fields(len: usize) -> FieldMap {
        let mut map = HeaderMap::new();
        map.insert("x", "v".repeat(len).parse().unwrap());
        FieldMap::new_immutable(&mut crate::http::HttpHooks::default(), map)
    }

    #[test]
    fn what_was_dropped_makes_room() {
        let budget = Budget::new(100_000);
        let (mut tally, mut table) = (Tally::new(&budget), ResourceTable::new());
        // Ten times the budget, but never more than a tenth of it at once.
        for _ in 0..100 {
            tally.add(&mut table, 10_000, HEADERS).unwrap();
            let fields = table.push(fields(10_000)).unwrap();
            table.delete(fields).unwrap();
        }
    }

    #[test]
    fn what_is_kept_does_not() {
        let budget = Budget::new(100_000);
        let (mut tally, mut table) = (Tally::new(&budget), ResourceTable::new());
        let failed = (0..100).find_map(|_| {
            let added = tally.add(&mut table, 10_000, HEADERS);
            table.push(fields(10_000)).unwrap();
            added.err()
        });
        assert!(failed.unwrap().to_string().contains(HEADERS));
        assert!(held(&mut table) < 120_000);
    }
}
