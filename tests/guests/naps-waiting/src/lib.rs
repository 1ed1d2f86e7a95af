//! Takes any number of naps at once.

use compat_api::clocks::monotonic_clock;
use exports::tests::naps::naps::{self, Nap, Refused};
use std::sync::atomic::{AtomicU32, Ordering};

wit_bindgen::generate!({ world: "waiting", path: "wit" });

struct Waiting;

export!(Waiting);

impl crate::Guest for Waiting {
    async fn doze(milliseconds: u32) -> u32 {
        <Self as naps::Guest>::rest(milliseconds / 2).await;
        milliseconds / 2
    }
}

static NAPS: AtomicU32 = AtomicU32::new(0);

const MILLISECOND: u64 = 1_000_000;

impl naps::Guest for Waiting {
    async fn take(nap: Nap) -> Result<u32, Refused> {
        match (nap.who.as_str(), nap.milliseconds) {
            ("", _) => Err(Refused::Nobody),
            (_, milliseconds @ 10_000..) => Err(Refused::TooLong(milliseconds)),
            (_, milliseconds) => {
                Self::rest(milliseconds).await;
                Ok(NAPS.fetch_add(1, Ordering::Relaxed))
            }
        }
    }

    async fn rest(milliseconds: u32) {
        monotonic_clock::wait_for(u64::from(milliseconds) * MILLISECOND).await;
    }

    fn count() -> u32 {
        NAPS.load(Ordering::Relaxed)
    }

    async fn oversleep() -> u32 {
        unreachable!("nobody woke it")
    }
}
