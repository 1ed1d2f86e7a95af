//! Streams of records, of nothing, and of streams.

use crate::t::t::api::{self, Rec};
use crate::{both, wit_future, wit_stream};

pub async fn check() -> String {
    let (mut recs, recs_reader) = wit_stream::new();
    let (mut units, units_reader) = wit_stream::new();
    let (go, go_reader) = wit_future::new(|| ());
    let mut streams = api::recs(api::pass(recs_reader), units_reader, go_reader).await;

    let write = async {
        let went = go.write(()).await.is_ok();
        let units_left = units.write_all(vec![(); 3]).await.len();
        drop(units);
        let items = ["one", "", "three"].map(|b| Rec { a: 1, b: b.into() });
        let recs_left = recs.write_all(items.into()).await.len();
        drop(recs);
        format!("went {went}, left {units_left} and {recs_left}")
    };
    let read = async {
        let inner = streams.next().await.expect("there is one stream");
        let bytes = inner.collect().await;
        (bytes, streams.next().await.is_none())
    };
    let (written, (bytes, end)) = both(write, read).await;
    format!("{written}; read {}, end {end}", bytes.escape_ascii())
}
