//! Streams another component's resource, alone and inside of other values.

use exports::shop::lib::right::{Boxed, Guest, Item, Parcel};
use shop::lib::store;
use wit_bindgen::{FutureReader, StreamReader};

wit_bindgen::generate!({ path: "../wit-shop", world: "right-w", generate_all });

struct Right;

export!(Right);

impl Guest for Right {
    async fn feed() -> StreamReader<Item> {
        let (mut tx, rx) = wit_stream::new();
        wit_bindgen::spawn_local(async move {
            for n in 1..=3 {
                tx.write_one(store::make(n).await).await;
            }
        });
        rx
    }

    async fn take(mut s: StreamReader<Item>) -> u32 {
        let mut total = 0;
        while let Some(item) = s.next().await {
            total += item.price().await;
        }
        total
    }

    async fn parcels() -> StreamReader<Parcel> {
        let (mut tx, rx) = wit_stream::new();
        wit_bindgen::spawn_local(async move {
            let full = Boxed {
                item: Item::new(5),
                note: "five".to_owned(),
                more: vec![
                    ("six".to_owned(), Item::new(6)),
                    ("seven".to_owned(), Item::new(7)),
                ],
            };
            let lost = Boxed {
                item: Item::new(8),
                note: "nobody takes it".to_owned(),
                more: vec![("nor this".to_owned(), Item::new(9))],
            };
            let parcels = [
                Parcel::Note("first".to_owned()),
                Parcel::Full(full),
                Parcel::Empty,
                Parcel::Full(lost),
            ];
            tx.write_all(parcels.into()).await;
        });
        rx
    }

    async fn all() -> FutureReader<Vec<Item>> {
        let (tx, rx) = wit_future::new(Vec::new);
        wit_bindgen::spawn_local(async move {
            let items = (1..=4).map(Item::new).collect();
            let _ = tx.write(items).await;
        });
        rx
    }

    async fn batches() -> StreamReader<StreamReader<Item>> {
        let (mut tx, rx) = wit_stream::new();
        wit_bindgen::spawn_local(async move {
            for _ in 0..2 {
                tx.write_one(Self::feed().await).await;
            }
        });
        rx
    }
}
