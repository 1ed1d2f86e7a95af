//! Calls everything that `kinds` exports, and says what came of it.
// What wit-bindgen makes natively of payloads without a value.
#![allow(clippy::unnecessary_operation)]

mod recs;
mod soak;
mod things;

use exports::t::t::checks::Guest;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use t::t::api::{self, Big, Rec, Thing};
use wit_bindgen::yield_async;

wit_bindgen::generate!({ world: "consumer", path: "../kinds/wit" });

struct Consumer;

export!(Consumer);

impl Guest for Consumer {
    async fn check(name: String) -> String {
        match name.as_str() {
            "functions" => functions().await,
            "resources" => resources().await,
            "recs" => recs::check().await,
            name => match things::check(name).await {
                Some(found) => found,
                None => panic!("no check `{name}`"),
            },
        }
    }

    async fn soak(rounds: u32) -> u32 {
        for round in 0..rounds {
            soak::call(round).await;
        }
        api::alive()
    }

    async fn ready(x: u32) -> u32 {
        x + 1
    }

    async fn pending(x: u32) -> u32 {
        yield_async().await;
        x + 1
    }

    async fn never() {
        std::future::pending().await
    }

    async fn give_up(calls: u32) -> u32 {
        for _ in 0..calls {
            start(api::nothing()).await;
        }
        // Who was let down has its turn.
        yield_async().await;
        api::alive()
    }
}

async fn functions() -> String {
    let rec = Rec {
        a: 5,
        b: "six".into(),
    };
    let five = api::five(1, "two".into(), 3, 4.5, Some(rec)).await;
    let without = api::five(1, String::new(), 3, 4.5, None).await;
    let lots = api::lots(big()).await;
    api::nothing().await;

    let (mut writer, reader) = wit_stream::new();
    let write = async {
        let left = writer.write_all(vec![1, 2, 3]).await;
        drop(writer);
        left
    };
    let ((), left) = both(run(reader), write).await;
    format!("{five}, {without}, {left:?} left, {lots:?}")
}

async fn resources() -> String {
    let seven = Thing::new(7);
    let worked = both(seven.work(1), seven.work(2)).await;
    let three = Thing::make("abc".into()).await;
    let merged = Thing::merge(three, &seven).await.map(|thing| thing.plain());
    let alive = api::alive();
    format!(
        "{worked:?}, {merged:?}, {} stays, {alive} alive",
        seven.plain()
    )
}

fn big() -> Big {
    Big {
        a: 1,
        b: 2,
        c: 3,
        d: 4,
        e: 5,
        f: "six".into(),
        g: 7,
        h: 8,
        i: 9,
        j: 10,
        k: 11,
        l: 12,
        m: 13,
        n: 14,
        o: 15,
        p: 16,
        q: 17,
        r: u64::MAX,
    }
}

/// Both outputs, of futures that run at the same time.
async fn both<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    let mut a: Pin<Box<_>> = Box::pin(a);
    let mut b: Pin<Box<_>> = Box::pin(b);
    let (mut of_a, mut of_b) = (None, None);
    poll_fn(|cx| {
        if of_a.is_none()
            && let Poll::Ready(output) = a.as_mut().poll(cx)
        {
            of_a = Some(output);
        }
        if of_b.is_none()
            && let Poll::Ready(output) = b.as_mut().poll(cx)
        {
            of_b = Some(output);
        }
        match (of_a.take(), of_b.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            (a, b) => {
                (of_a, of_b) = (a, b);
                Poll::Pending
            }
        }
    })
    .await
}

/// Starts a future, and drops it if it is not done at once.
async fn start(future: impl Future) {
    let mut future = Box::pin(future);
    poll_fn(|cx| {
        let _ = future.as_mut().poll(cx);
        Poll::Ready(())
    })
    .await
}
