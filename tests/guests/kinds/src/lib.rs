wit_bindgen::generate!("w");

use exports::t::t::api::{Big, Guest as Api, GuestThing, Rec, Thing as OwnThing, ThingBorrow};
use wit_bindgen::{FutureReader, StreamReader};

struct Component;

struct Thing(u32);

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

    fn recs(
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
}

impl GuestThing for Thing {
    fn new(x: u32) -> Self {
        Thing(x)
    }

    async fn work(&self, n: u32) -> String {
        wit_bindgen::yield_async().await;
        format!("{} and {n}", self.0)
    }

    fn plain(&self) -> u32 {
        self.0
    }

    async fn make(s: String) -> OwnThing {
        OwnThing::new(Thing(s.len() as u32))
    }

    async fn merge(a: OwnThing, b: ThingBorrow<'_>) -> Result<OwnThing, String> {
        let sum = a.get::<Thing>().0 + b.get::<Thing>().0;
        wit_bindgen::yield_async().await;
        Ok(OwnThing::new(Thing(sum)))
    }
}

export!(Component);
