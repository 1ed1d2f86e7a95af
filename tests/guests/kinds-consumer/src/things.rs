//! Streams and futures of resources, whose pipes the other component implements.

use crate::t::t::api::{self, Thing};
use crate::wit_stream;

pub async fn check(name: &str) -> Option<String> {
    Some(match name {
        "passed-on" => passed_on().await,
        "never-written" => never_written().await,
        "come-back" => come_back().await,
        "many-reads" => many_reads().await,
        "dropped" => dropped().await,
        "both-ends-here" => both_ends_here().await,
        _ => return None,
    })
}

/// Through their stream and back through their future.
async fn passed_on() -> String {
    let (mut writer, reader) = wit_stream::new();
    let result = api::things(reader).await;
    let left = writer.write_one(Thing::new(7)).await;
    let thing = result.await.map(|thing| thing.plain());
    format!("{thing:?}, left {}", left.is_some())
}

/// The future's default.
async fn never_written() -> String {
    let (writer, reader) = wit_stream::new();
    let result = api::things(reader).await;
    drop(writer);
    let result = result.await.map(|thing| thing.plain());
    format!("{result:?}")
}

/// They read one of many: the others are still ours, and usable.
async fn come_back() -> String {
    let (mut writer, reader) = wit_stream::new();
    let result = api::things(reader).await;
    let write = writer.write_all((1..=4).map(Thing::new).collect());
    // They keep their reader until we have taken what came of the first.
    let (left, thing) = crate::both(write, result.into_future()).await;
    let left: Vec<_> = left.iter().map(Thing::plain).collect();
    let thing = thing.map(|thing| thing.plain());
    format!("{thing:?}, left {left:?}")
}

/// Written by them, read in pieces of two.
async fn many_reads() -> String {
    let mut reader = api::produce(vec![1, 2, 3, 4, 5]).await;
    let mut numbers = Vec::new();
    loop {
        let (result, things) = reader.read(Vec::with_capacity(2)).await;
        numbers.extend(things.iter().map(Thing::plain));
        if let wit_bindgen::StreamResult::Dropped = result {
            return format!("{numbers:?}");
        }
    }
}

/// The reader goes when some have come.
async fn dropped() -> String {
    let mut reader = api::produce(vec![1, 2, 3]).await;
    let first = reader.next().await.map(|thing| thing.plain());
    drop(reader);
    // Their writer hears of it when it is its turn.
    for _ in 0..10 {
        wit_bindgen::yield_async().await;
    }
    format!("{first:?}, alive {}", api::alive())
}

/// Both ends are ours; only the pipe is theirs.
async fn both_ends_here() -> String {
    let (mut writer, reader) = wit_stream::new();
    let write = async {
        let left = writer.write_all((1..=3).map(Thing::new).collect()).await;
        drop(writer);
        left.len()
    };
    let (left, things) = crate::both(write, reader.collect()).await;
    let numbers: Vec<_> = things.iter().map(Thing::plain).collect();
    format!("{numbers:?}, left {left}")
}
