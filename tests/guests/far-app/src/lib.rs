//! Takes what another component streams of a third one's resources.

use exports::far::away::front::Guest;
use far::away::feed;
use shop::alone::{desk, shelf};

wit_bindgen::generate!({ path: "../wit-far", world: "app", generate_all });

struct App;

export!(App);

impl Guest for App {
    async fn run(what: String) -> String {
        match what.as_str() {
            "things" => {
                let mut things = feed::things().await;
                let mut told = Vec::new();
                while let Some(thing) = things.next().await {
                    told.push(thing.label());
                }
                format!("{told:?} {}", shelf::count())
            }
            "kept" => {
                let (kept, mut rest) = feed::keep(feed::things().await, 2).await;
                let mut told = Vec::new();
                while let Some(thing) = rest.next().await {
                    told.push(thing.label());
                }
                format!("{kept} {told:?} {}", shelf::count())
            }
            "marked" => {
                let mut things = feed::marked_things().await;
                let mut told = Vec::new();
                for _ in 0..2 {
                    let Some(marked) = things.next().await else {
                        break;
                    };
                    told.push(format!(
                        "{} {} {:?}",
                        marked.thing.label(),
                        marked.at,
                        marked.note
                    ));
                }
                drop(things);
                for _ in 0..100 {
                    wit_bindgen::yield_async().await;
                }
                format!("{told:?} {}", shelf::count())
            }
            "pens" => {
                let pens = feed::pens().await.await;
                let mut told = Vec::new();
                for (color, pen) in pens.as_ref().map(Vec::as_slice).unwrap_or_default() {
                    told.push(format!("{color:?} {}", pen.write().await));
                }
                drop(pens);
                format!("{told:?} {}", desk::count())
            }
            other => format!("no `{other}`"),
        }
    }
}
