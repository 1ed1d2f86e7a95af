//! Passes items on, and streams none.

use exports::shop::lib::left::{Guest, Item};
use shop::lib::store;

wit_bindgen::generate!({ path: "../wit-shop", world: "left-w", generate_all });

struct Left;

export!(Left);

impl Guest for Left {
    async fn wrap(i: Item) -> Vec<Item> {
        let price = i.price().await;
        vec![i, store::make(price).await]
    }

    fn peek(i: &Item) -> String {
        format!("<{}>", i.label())
    }
}
