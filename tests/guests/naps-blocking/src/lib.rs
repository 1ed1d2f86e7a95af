//! Takes naps in which nothing else can happen: a component of WASI 0.2, all of whose functions are sync.

use exports::tests::naps::naps::{self, Nap, Refused};
use std::sync::atomic::{AtomicU32, Ordering};
use wasip2::cli::stderr;
use wasip2::clocks::monotonic_clock;

wit_bindgen::generate!({ world: "blocking", path: "wit" });

struct Blocking;

export!(Blocking);

impl crate::Guest for Blocking {
    fn doze(milliseconds: u32) -> u32 {
        <Self as naps::Guest>::rest(milliseconds / 2);
        milliseconds / 2
    }
}

static NAPS: AtomicU32 = AtomicU32::new(0);

const MILLISECOND: u64 = 1_000_000;

impl naps::Guest for Blocking {
    fn take(nap: Nap) -> Result<u32, Refused> {
        match (nap.who.as_str(), nap.milliseconds) {
            ("", _) => Err(Refused::Nobody),
            (_, milliseconds @ 10_000..) => Err(Refused::TooLong(milliseconds)),
            (who, milliseconds) => {
                let line = format!("{who} naps\n");
                // Only the log is at stake.
                let _ = stderr::get_stderr().blocking_write_and_flush(line.as_bytes());
                Self::rest(milliseconds);
                Ok(NAPS.fetch_add(1, Ordering::Relaxed))
            }
        }
    }

    fn rest(milliseconds: u32) {
        monotonic_clock::subscribe_duration(u64::from(milliseconds) * MILLISECOND).block();
    }

    fn count() -> u32 {
        NAPS.load(Ordering::Relaxed)
    }

    fn oversleep() -> u32 {
        unreachable!("nobody woke it")
    }
}
