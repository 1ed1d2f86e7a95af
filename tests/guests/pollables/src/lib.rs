//! Calls interfaces of WASI 0.2 directly, and awaits their pollables beside what WASI 0.3 has.

use compat_api::clocks::monotonic_clock as clock3;
use compat_api::pollable;
use exports::tests::pollables::waits::Guest;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use wasip2::cli::stdin::get_stdin;
use wasip2::clocks::monotonic_clock as clock2;
use wasip2::io::streams::StreamError;

wit_bindgen::generate!({ world: "pollables", path: "wit" });

struct Pollables;

export!(Pollables);

const FOR_EVER: u64 = u64::MAX / 2;

impl Guest for Pollables {
    async fn together(count: u32, nanoseconds: u64) -> u64 {
        let begin = clock2::now();
        let mut waits: Vec<Pin<Box<dyn Future<Output = ()>>>> = Vec::new();
        for _ in 0..count {
            waits.push(Box::pin(pollable!(clock2::subscribe_duration(nanoseconds))));
            waits.push(Box::pin(clock3::wait_for(nanoseconds)));
        }
        poll_fn(|cx| {
            waits.retain_mut(|wait| wait.as_mut().poll(cx).is_pending());
            if waits.is_empty() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        clock2::now() - begin
    }

    async fn ready() {
        pollable!(clock2::subscribe_duration(0)).await;
    }

    async fn race(nanoseconds: u64, timer_wins: bool) {
        let (on_pollable, on_timer) = if timer_wins {
            (FOR_EVER, nanoseconds)
        } else {
            (nanoseconds, FOR_EVER)
        };
        let mut pollable = pin!(pollable!(clock2::subscribe_duration(on_pollable)));
        let mut timer = pin!(clock3::wait_for(on_timer));
        poll_fn(|cx| {
            let pollable = pollable.as_mut().poll(cx).is_ready();
            let timer = timer.as_mut().poll(cx).is_ready();
            assert!(!pollable || !timer_wins);
            assert!(!timer || timer_wins);
            if pollable || timer {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    async fn stdin() -> Vec<u8> {
        let stream = get_stdin();
        let mut bytes = Vec::new();
        loop {
            pollable!(stream.subscribe()).await;
            match stream.read(4096) {
                Ok(read) => bytes.extend(read),
                Err(StreamError::Closed) => return bytes,
                Err(StreamError::LastOperationFailed(error)) => {
                    panic!("{}", error.to_debug_string())
                }
            }
        }
    }

    async fn never() {
        pollable!(clock2::subscribe_duration(FOR_EVER)).await;
    }
}
