//! The component that is called.

use exports::bench::calls::calls::{Guest, Sample};
use polyfill_guest::{StreamReader, spawn_local, yield_async};

polyfill_guest::generate!({ world: "callee", path: "../wit" });

struct Callee;

export!(Callee);

impl Guest for Callee {
    fn add(a: u32, b: u32) -> u32 {
        a.wrapping_add(b)
    }

    async fn ready(a: u32) -> u32 {
        a.wrapping_add(1)
    }

    async fn pending(a: u32) -> u32 {
        yield_async().await;
        a.wrapping_add(1)
    }

    async fn bytes(total: u64, chunk: u32) -> StreamReader<u8> {
        let (mut writer, reader) = wit_stream::new();
        spawn_local(async move {
            let mut left = total;
            let mut buffer = vec![b'x'; chunk as usize];
            while left > 0 {
                buffer.resize(left.min(chunk.into()) as usize, b'x');
                let size = buffer.len() as u64;
                buffer = writer.write_all(buffer).await;
                if !buffer.is_empty() {
                    return; // The reader is gone.
                }
                left -= size;
            }
        });
        reader
    }

    async fn numbers(count: u32) -> StreamReader<u32> {
        let (mut writer, reader) = wit_stream::new();
        spawn_local(async move {
            // What comes back was not wanted.
            drop(writer.write_all((0..count).collect()).await);
        });
        reader
    }

    async fn samples(count: u32, at_once: u32) -> StreamReader<Sample> {
        let (mut writer, reader) = wit_stream::new();
        spawn_local(async move {
            let sample = |at: u32| Sample {
                at: at.into(),
                low: 1.0,
                high: 2.0,
                sum: u64::from(at) + 3,
            };
            let mut sent = 0;
            while sent < count {
                let next = count.min(sent + at_once);
                if !writer
                    .write_all((sent..next).map(sample).collect())
                    .await
                    .is_empty()
                {
                    return; // The reader is gone.
                }
                sent = next;
            }
        });
        reader
    }

    async fn parked(until: StreamReader<u8>) {
        until.collect().await;
    }
}
