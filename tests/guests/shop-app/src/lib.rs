//! Takes what the others stream.

use exports::shop::lib::front::Guest;
use shop::lib::right::Parcel;
use shop::lib::{left, right, store};
use std::pin::pin;
use std::task::Poll;

wit_bindgen::generate!({ path: "../wit-shop", world: "app-w", generate_all });

struct App;

export!(App);

impl Guest for App {
    async fn run(what: String) -> String {
        match what.as_str() {
            "diamond" => {
                let all = left::wrap(store::Item::new(4)).await;
                let mut told = Vec::new();
                for item in &all {
                    let (peeked, label) = (left::peek(item), item.label());
                    told.push(format!("{peeked} {label} {}", item.price().await));
                }
                let (mut tx, rx) = wit_stream::new();
                let write = async move {
                    for item in all {
                        tx.write_one(item).await;
                    }
                };
                let (total, ()) = both(right::take(rx), write).await;
                format!("{told:?} {total} {}", store::count())
            }
            "feed" => {
                let mut stream = right::feed().await;
                let mut told = Vec::new();
                while let Some(item) = stream.next().await {
                    let wrapped = left::wrap(item).await;
                    told.extend(wrapped.iter().map(|item| item.label()));
                }
                format!("{told:?} {}", store::count())
            }
            "parcels" => {
                let mut stream = right::parcels().await;
                let mut told = Vec::new();
                for _ in 0..3 {
                    told.push(match stream.next().await {
                        None => "nothing".to_owned(),
                        Some(Parcel::Empty) => "empty".to_owned(),
                        Some(Parcel::Note(note)) => note,
                        Some(Parcel::Full(full)) => {
                            let more = full.more.iter();
                            let more = more.map(|(note, item)| format!("{note}: {}", item.label()));
                            let more = more.collect::<Vec<_>>().join(", ");
                            format!("{} {} ({more})", full.note, full.item.label())
                        }
                    });
                }
                drop(stream);
                // What was offered goes when its writer sees that nobody reads.
                for _ in 0..100 {
                    wit_bindgen::yield_async().await;
                }
                format!("{told:?} {}", store::count())
            }
            "all" => {
                let items = right::all().await.await;
                let labels: Vec<_> = items.iter().map(|item| item.label()).collect();
                drop(items);
                format!("{labels:?} {}", store::count())
            }
            "batches" => {
                let mut batches = right::batches().await;
                let mut told = Vec::new();
                while let Some(mut batch) = batches.next().await {
                    while let Some(item) = batch.next().await {
                        told.push(item.label());
                    }
                }
                format!("{told:?} {}", store::count())
            }
            other => format!("no `{other}`"),
        }
    }
}

async fn both<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut of_a, mut of_b) = (None, None);
    std::future::poll_fn(move |cx| {
        if of_a.is_none()
            && let Poll::Ready(value) = a.as_mut().poll(cx)
        {
            of_a = Some(value);
        }
        if of_b.is_none()
            && let Poll::Ready(value) = b.as_mut().poll(cx)
        {
            of_b = Some(value);
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
