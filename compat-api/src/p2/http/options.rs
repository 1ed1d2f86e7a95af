//! Time limits of a request.

use crate::http::types as p3;
use crate::p2::clocks::monotonic_clock::Duration;

/// Time limits of a request.
#[derive(Debug)]
pub struct RequestOptions(p3::RequestOptions);

impl RequestOptions {
    /// No limits but the host's.
    #[expect(clippy::new_without_default, reason = "as in `wasip2`")]
    pub fn new() -> Self {
        RequestOptions(p3::RequestOptions::new())
    }

    /// How long connecting may take.
    pub fn connect_timeout(&self) -> Option<Duration> {
        self.0.get_connect_timeout()
    }

    /// Sets how long connecting may take.
    #[expect(clippy::result_unit_err, reason = "as in `wasip2`")]
    pub fn set_connect_timeout(&self, duration: Option<Duration>) -> Result<(), ()> {
        self.0.set_connect_timeout(duration).map_err(drop)
    }

    /// How long the first byte of the response may take.
    pub fn first_byte_timeout(&self) -> Option<Duration> {
        self.0.get_first_byte_timeout()
    }

    /// Sets how long the first byte of the response may take.
    #[expect(clippy::result_unit_err, reason = "as in `wasip2`")]
    pub fn set_first_byte_timeout(&self, duration: Option<Duration>) -> Result<(), ()> {
        self.0.set_first_byte_timeout(duration).map_err(drop)
    }

    /// How long it may be between two bytes of the response.
    pub fn between_bytes_timeout(&self) -> Option<Duration> {
        self.0.get_between_bytes_timeout()
    }

    /// Sets how long it may be between two bytes of the response.
    #[expect(clippy::result_unit_err, reason = "as in `wasip2`")]
    pub fn set_between_bytes_timeout(&self, duration: Option<Duration>) -> Result<(), ()> {
        self.0.set_between_bytes_timeout(duration).map_err(drop)
    }
}

impl From<p3::RequestOptions> for RequestOptions {
    fn from(options: p3::RequestOptions) -> Self {
        RequestOptions(options)
    }
}

impl From<RequestOptions> for p3::RequestOptions {
    fn from(options: RequestOptions) -> Self {
        options.0
    }
}
