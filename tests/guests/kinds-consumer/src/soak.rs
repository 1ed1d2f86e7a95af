//! One call of each kind in turn: some finish at once, some later, some are cancelled.

use crate::t::t::api::{self, Rec, Thing};
use crate::{start, things, wit_future, wit_stream};
use wit_bindgen::spawn_local;

const THINGS: [&str; 5] = [
    "passed-on",
    "never-written",
    "come-back",
    "many-reads",
    "dropped",
];

/// What `call` does in round 0, 1, ..., and again from the beginning.
pub async fn call(round: u32) {
    match round % 12 {
        0 => api::nothing().await,
        1 => drop(Thing::new(round).work(1).await),
        2 => {
            let other = Thing::new(round);
            let merged = Thing::merge(Thing::new(1), &other).await;
            assert_eq!(merged.expect("it always works").plain(), round + 1);
        }
        3 => drop(crate::recs::check().await),
        4 => drop(things::check(THINGS[(round / 12) as usize % THINGS.len()]).await),
        // Cancelled while they wait.
        5 => start(Thing::new(round).work(1)).await,
        6 => {
            let other = Thing::new(round);
            start(Thing::merge(Thing::new(1), &other)).await
        }
        // Readers and writers that go with something in the pipe, or while they wait.
        7 => {
            let (mut writer, reader) = wit_stream::new();
            start(writer.write_all(vec![Thing::new(1), Thing::new(2)])).await;
            drop(reader);
        }
        8 => {
            let (writer, mut reader) = wit_stream::new::<Rec>();
            start(reader.next()).await;
            drop((reader, writer));
        }
        9 => {
            let (_recs, recs) = wit_stream::new();
            let (_units, units) = wit_stream::new();
            let (go, go_reader) = wit_future::new(|| ());
            let mut streams = api::recs(recs, units, go_reader).await;
            start(streams.next()).await;
            drop(go);
        }
        10 => drop(api::produce(vec![1, 2, 3]).await),
        // A task of our own, which is still at it when the call is over.
        _ => {
            spawn_local(async move {
                let thing = Thing::make("abc".into()).await;
                thing.work(round).await;
            });
        }
    }
}
