//! The component that calls.

use bench::calls::calls;
use exports::bench::calls::measure::Guest;
use polyfill_guest::{StreamReader, StreamResult, StreamWriter, spawn_local, yield_async};
use std::cell::RefCell;
use std::hint::black_box;

polyfill_guest::generate!({ world: "caller", path: "../wit" });

thread_local! {
    /// What the calls of `park` wait for.
    static PARKED: RefCell<Vec<StreamWriter<u8>>> = const { RefCell::new(Vec::new()) };
}

struct Caller;

export!(Caller);

impl Guest for Caller {
    async fn call_sync(n: u64) {
        for i in 0..n {
            black_box(calls::add(i as u32, 1));
        }
    }

    async fn call_ready(n: u64) {
        for i in 0..n {
            black_box(calls::ready(i as u32).await);
        }
    }

    async fn call_pending(n: u64) {
        for i in 0..n {
            black_box(calls::pending(i as u32).await);
        }
    }

    async fn park(waiting: u32) {
        for _ in 0..waiting {
            let (writer, reader) = wit_stream::new();
            PARKED.with_borrow_mut(|parked| parked.push(writer));
            spawn_local(calls::parked(reader));
        }
        // Lets them begin.
        yield_async().await;
    }

    async fn stream_bytes(total: u64, chunk: u32) -> u64 {
        read(calls::bytes(total, chunk).await, chunk).await
    }

    async fn stream_write(total: u32, chunk: u32) -> u64 {
        read(calls::bytes(total.into(), total).await, chunk).await
    }

    async fn stream_records(count: u32, at_once: u32) -> u64 {
        let mut reader = calls::samples(count, at_once).await;
        let mut buffer = Vec::with_capacity(at_once as usize);
        let mut came = 0;
        loop {
            let (result, read) = reader.read(buffer).await;
            came += read.len() as u64;
            buffer = black_box(read);
            buffer.clear();
            if let StreamResult::Dropped = result {
                return came;
            }
        }
    }

    async fn stream_items(count: u32) -> u64 {
        let mut reader = calls::numbers(count).await;
        let mut came = 0;
        while let Some(number) = reader.next().await {
            black_box(number);
            came += 1;
        }
        came
    }
}

/// Reads at most `chunk` bytes at a time.
async fn read(mut reader: StreamReader<u8>, chunk: u32) -> u64 {
    let mut buffer = Vec::with_capacity(chunk as usize);
    let mut count = 0;
    loop {
        let (result, read) = reader.read(buffer).await;
        count += read.len() as u64;
        buffer = black_box(read);
        buffer.clear();
        if let StreamResult::Dropped = result {
            return count;
        }
    }
}
