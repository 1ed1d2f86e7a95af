//! Exports functions, resources and pipes of many kinds, some of which it passes on to its imports.
// What wit-bindgen makes natively of payloads without a value.
#![allow(clippy::unnecessary_operation)]

wit_bindgen::generate!("w");

use exports::t::t::api::{Big, Guest as Api, GuestThing, Rec, Thing as OwnThing, ThingBorrow};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use wit_bindgen::{FutureReader, StreamReader};

struct Component;

struct Thing(u32);

/// How many things there are.
static ALIVE: AtomicU32 = AtomicU32::new(0);

impl Thing {
    fn numbered(number: u32) -> Thing {
        ALIVE.fetch_add(1, Relaxed);
        Thing(number)
    }
}

impl Drop for Thing {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Relaxed);
    }
}

impl Guest for Component {
    async fn run(mut bytes: StreamReader<u8>) {
        while let Some(byte) = bytes.next().await {
            top(byte.into()).await;
        }
    }
}

impl Api for Component {
    type Thing = Thing;

    async fn five(a: u32, b: String, c: u64, d: f32, e: Option<Rec>) -> u64 {
        let e = e.map(|e| t::t::api::Rec { a: e.a, b: e.b });
        t::t::api::five(a, b, c, d, e).await
    }

    async fn lots(b: Big) -> Big {
        b
    }

    async fn nothing() {
        // Dropped with the task, if that is cancelled.
        let _thing = Thing::numbered(0);
        t::t::api::nothing().await
    }

    async fn things(mut s: StreamReader<OwnThing>) -> FutureReader<Result<OwnThing, String>> {
        let (writer, reader) = wit_future::new(|| Err("nothing came".to_string()));
        wit_bindgen::spawn_local(async move {
            if let Some(thing) = s.next().await {
                let _ = writer.write(Ok(thing)).await;
            }
        });
        reader
    }

    async fn recs(
        s: StreamReader<Rec>,
        u: StreamReader<()>,
        f: FutureReader<()>,
    ) -> StreamReader<StreamReader<u8>> {
        let (mut writer, reader) = wit_stream::new();
        wit_bindgen::spawn_local(async move {
            f.await;
            let units = u.collect().await.len();
            let (mut bytes, inner) = wit_stream::new();
            writer.write_one(inner).await;
            for rec in s.collect().await {
                bytes.write_all(rec.b.into_bytes()).await;
            }
            bytes.write_one(units as u8).await;
        });
        reader
    }

    fn pass(s: StreamReader<Rec>) -> StreamReader<Rec> {
        s
    }

    async fn produce(numbers: Vec<u32>) -> StreamReader<OwnThing> {
        let (mut writer, reader) = wit_stream::new();
        wit_bindgen::spawn_local(async move {
            for number in numbers {
                let thing = OwnThing::new(Thing::numbered(number));
                if writer.write_one(thing).await.is_some() {
                    return; // The reader is gone.
                }
            }
        });
        reader
    }

    fn alive() -> u32 {
        ALIVE.load(Relaxed)
    }
}

impl GuestThing for Thing {
    fn new(x: u32) -> Self {
        Thing::numbered(x)
    }

    async fn work(&self, n: u32) -> String {
        wit_bindgen::yield_async().await;
        format!("{} and {n}", self.0)
    }

    fn plain(&self) -> u32 {
        self.0
    }

    async fn make(s: String) -> OwnThing {
        OwnThing::new(Thing::numbered(s.len() as u32))
    }

    async fn merge(a: OwnThing, b: ThingBorrow<'_>) -> Result<OwnThing, String> {
        let sum = a.get::<Thing>().0 + b.get::<Thing>().0;
        wit_bindgen::yield_async().await;
        Ok(OwnThing::new(Thing::numbered(sum)))
    }
}

export!(Component);
