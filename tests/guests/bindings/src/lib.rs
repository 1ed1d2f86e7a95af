//! Calls all that a host implements with `bindgen!`, and exports what such a host calls.
// What wit-bindgen makes natively of payloads without a value.
#![allow(clippy::unnecessary_operation)]

mod account;
mod checks;

use compat_api::clocks::monotonic_clock;

wit_bindgen::generate!({ world: "bindings", path: "wit" });

use account::Account;
use exports::outer::Guest as Outer;
use exports::test::bindings::app::{Guest as App, Problem};
use test::bindings::services::Counter;
use test::bindings::shapes::{Everything, Point};
use wit_bindgen::{FutureReader, StreamReader};

struct Bindings;

export!(Bindings);

const MILLISECOND: u64 = 1_000_000;

impl Guest for Bindings {
    async fn greet(name: String) -> String {
        let lines = log(format!("greets {name}")).await;
        note(&name);
        format!("hello {name} ({lines})")
    }

    fn plain(x: u32) -> u32 {
        x + 1
    }
}

impl Outer for Bindings {
    async fn answer(question: String) -> String {
        let asked = inner::ask(format!("{question}?")).await;
        format!("{asked}!")
    }
}

impl App for Bindings {
    type Account = Account;

    fn accounts() -> u32 {
        account::alive()
    }

    async fn check(name: String) -> String {
        checks::check(&name).await
    }

    fn double(x: u32) -> u32 {
        2 * x
    }

    fn echo(value: Everything) -> Everything {
        value
    }

    async fn echo_later(value: Everything) -> Everything {
        monotonic_clock::wait_for(MILLISECOND).await;
        value
    }

    async fn reverse(mut text: StreamReader<u8>) -> StreamReader<u8> {
        let (mut writer, reader) = wit_stream::new();
        wit_bindgen::spawn_local(async move {
            // Piece by piece, so that neither side has all of it.
            loop {
                let (result, mut piece) = text.read(Vec::with_capacity(64 << 10)).await;
                piece.reverse();
                if !writer.write_all(piece).await.is_empty() {
                    return;
                }
                if !matches!(result, wit_bindgen::StreamResult::Complete(_)) {
                    return;
                }
            }
        });
        reader
    }

    async fn mirror(mut points: StreamReader<Point>) -> (StreamReader<Point>, FutureReader<u32>) {
        let (mut writer, reader) = wit_stream::new();
        let (count_writer, count) = wit_future::new(|| 0);
        wit_bindgen::spawn_local(async move {
            let mut count = 0;
            while let Some(Point { x, y }) = points.next().await {
                count += 1;
                if writer.write_one(Point { x: y, y: x }).await.is_some() {
                    break; // Nobody reads any more.
                }
            }
            drop(writer);
            let _ = count_writer.write(count).await;
        });
        (reader, count)
    }

    async fn each(
        mut streams: StreamReader<StreamReader<u8>>,
    ) -> StreamReader<FutureReader<String>> {
        let (mut writer, reader) = wit_stream::new();
        wit_bindgen::spawn_local(async move {
            while let Some(stream) = streams.next().await {
                let (text_writer, text) = wit_future::new(String::new);
                if writer.write_one(text).await.is_some() {
                    return;
                }
                let bytes = stream.collect().await;
                let _ = text_writer
                    .write(String::from_utf8(bytes).unwrap_or_default())
                    .await;
            }
        });
        reader
    }

    fn repeat(s: StreamReader<Everything>) -> StreamReader<Everything> {
        s
    }

    async fn with_counter(c: Counter, add: u32) -> Counter {
        c.add(add).await;
        c
    }

    async fn refuse() -> Result<u32, Problem> {
        Err(Problem::Lost)
    }

    async fn never() {
        test::bindings::services::hang().await;
    }

    async fn trap() {
        monotonic_clock::wait_for(MILLISECOND).await;
        panic!("as was asked for");
    }
}
