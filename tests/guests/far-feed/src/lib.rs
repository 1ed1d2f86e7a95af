//! Streams resources of another package.

use exports::far::away::feed::{Guest, Marked};
use shop::alone::desk::{Color, Pen};
use shop::alone::shelf::Thing;
use wit_bindgen::{FutureReader, StreamReader};

wit_bindgen::generate!({ path: "../wit-far", world: "feeder", generate_all });

struct Feeder;

export!(Feeder);

impl Guest for Feeder {
    async fn things() -> StreamReader<Thing> {
        let (mut tx, rx) = wit_stream::new();
        wit_bindgen::spawn_local(async move {
            tx.write_all((1..=5).map(Thing::new).collect()).await;
        });
        rx
    }

    async fn marked_things() -> StreamReader<Marked> {
        let (mut tx, rx) = wit_stream::new();
        wit_bindgen::spawn_local(async move {
            for n in 1..=4 {
                let marked = Marked {
                    thing: Thing::new(n),
                    at: u64::from(n) << 40,
                    note: (n % 2 == 0).then(|| format!("note {n}")),
                };
                if tx.write_one(marked).await.is_some() {
                    break;
                }
            }
        });
        rx
    }

    async fn pens() -> FutureReader<Result<Vec<(Color, Pen)>, String>> {
        let (tx, rx) = wit_future::new(|| Err("nothing came".to_owned()));
        wit_bindgen::spawn_local(async move {
            let pens = [Color::Red, Color::Blue].map(|color| (color, Pen::new(color)));
            let _ = tx.write(Ok(pens.into())).await;
        });
        rx
    }

    async fn keep(mut s: StreamReader<Thing>, max: u32) -> (u32, StreamReader<Thing>) {
        let mut kept = 0;
        while kept < max && s.next().await.is_some() {
            kept += 1;
        }
        (kept, s)
    }
}
