//! All that is needed of the platform.

pub use wasip2 as sys;
pub use wasip2::exports::cli::run::Guest;

use self::sys::clocks::monotonic_clock as clock;
use wasip2::{
    clocks::{
        self,
        monotonic_clock::{Duration, Instant},
    },
    io::poll::Pollable,
};

/// What most modules use.
pub mod prelude {
    pub use wasip2::io::streams::{InputStream as In, OutputStream as Out, StreamError as E};

    pub type Fallible<T> = Result<T, E>;
}

pub fn elapsed(since: Instant) -> Duration {
    clock::now() - since
}

fn timer(milliseconds: u64) -> Pollable {
    clocks::monotonic_clock::subscribe_duration(milliseconds * 1_000_000)
}

/// Waits.
pub fn pause(milliseconds: u64) {
    if milliseconds == 0 {
        return;
    }
    Pollable::block(&timer(milliseconds));
}
