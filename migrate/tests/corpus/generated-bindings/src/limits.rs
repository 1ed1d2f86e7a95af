//! How much is read, for how long.

use crate::bindings::wasi::clocks::monotonic_clock::{now, subscribe_duration};
use crate::bindings::wasi::http::types as http;

pub struct Limits {
    pub most: usize,
    pub piece: u64,
    until: u64,
}

impl Limits {
    pub fn of(request: &http::IncomingRequest) -> Self {
        let headers: http::Fields = request.headers();
        let number = |name: &str| {
            let values = headers.get(name);
            let text = values.first().map(|value| String::from_utf8_lossy(value).into_owned());
            text.and_then(|text| text.parse::<u64>().ok())
        };
        Self {
            most: number("x-most").unwrap_or(1 << 20) as usize,
            piece: number("x-piece").unwrap_or(1 << 12),
            until: now() + number("x-seconds").unwrap_or(10) * 1_000_000_000,
        }
    }

    pub fn expired(&self) -> bool {
        now() > self.until
    }
}

/// Slows those down who ask for something else.
pub fn pause() {
    let pollable: crate::bindings::wasi::io::poll::Pollable = subscribe_duration(5_000_000);
    pollable.block();
}
