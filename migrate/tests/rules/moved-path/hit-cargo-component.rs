#[allow(warnings)]
mod bindings;

use bindings::wasi::clocks::wall_clock;
use crate::bindings::wasi::http::types::{Fields, IncomingRequest};

fn f(request: IncomingRequest, fields: Fields) -> u64 {
    wall_clock::now().seconds
}
