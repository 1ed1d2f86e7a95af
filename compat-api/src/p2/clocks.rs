//! `wasi:clocks` of WASI 0.2.

/// `wasi:clocks/monotonic-clock`: a clock that never goes back.
pub mod monotonic_clock {
    pub use crate::p2::io::poll::Pollable;

    use crate::clocks::monotonic_clock;
    use crate::p2::io::poll::Readiness;
    use crate::p2::shared::Shared;
    use std::rc::Rc;
    use std::task::{Context, Poll};

    /// A moment, in nanoseconds since some beginning.
    pub type Instant = u64;

    /// A time span, in nanoseconds.
    pub type Duration = u64;

    /// What it is now.
    pub fn now() -> Instant {
        monotonic_clock::now()
    }

    /// The length of a tick.
    pub fn resolution() -> Duration {
        monotonic_clock::get_resolution()
    }

    /// Ready at that moment, and after it.
    pub fn subscribe_instant(when: Instant) -> Pollable {
        Pollable::new(Rc::new(Timer {
            when,
            wait: Shared::new(monotonic_clock::wait_until(when)),
        }))
    }

    /// Ready when the time span is over, which begins now.
    pub fn subscribe_duration(when: Duration) -> Pollable {
        subscribe_instant(now().saturating_add(when))
    }

    struct Timer {
        when: Instant,
        wait: Shared<()>,
    }

    impl Readiness for Timer {
        fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
            // The clock is asked too: `ready` in a loop must come to an end.
            if now() >= self.when {
                Poll::Ready(())
            } else {
                self.wait.poll_ready(cx)
            }
        }
    }
}

/// `wasi:clocks/wall-clock`: the date and time.
pub mod wall_clock {
    use crate::clocks::system_clock;
    use crate::clocks::system_clock::Instant;

    const NANOSECONDS: u64 = 1_000_000_000;

    /// A moment, or a time span.
    #[derive(Clone, Copy, Debug)]
    pub struct Datetime {
        /// Seconds since 1970.
        pub seconds: u64,
        /// The rest, in nanoseconds.
        pub nanoseconds: u32,
    }

    /// What it is now.
    pub fn now() -> Datetime {
        system_clock::now().into()
    }

    /// The length of a tick.
    pub fn resolution() -> Datetime {
        let resolution = system_clock::get_resolution();
        Datetime {
            seconds: resolution / NANOSECONDS,
            nanoseconds: (resolution % NANOSECONDS) as u32,
        }
    }

    /// 0.2 has no time before 1970: that becomes 1970.
    impl From<Instant> for Datetime {
        fn from(instant: Instant) -> Self {
            match u64::try_from(instant.seconds) {
                Ok(seconds) => Datetime {
                    seconds,
                    nanoseconds: instant.nanoseconds,
                },
                Err(_) => Datetime {
                    seconds: 0,
                    nanoseconds: 0,
                },
            }
        }
    }

    /// 0.3 counts seconds to half as far: what is beyond becomes its last second.
    impl From<Datetime> for Instant {
        fn from(datetime: Datetime) -> Self {
            Instant {
                seconds: i64::try_from(datetime.seconds).unwrap_or(i64::MAX),
                nanoseconds: datetime.nanoseconds,
            }
        }
    }
}
