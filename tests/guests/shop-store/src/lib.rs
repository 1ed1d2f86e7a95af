//! Provides a resource that others of its package stream, and knows nothing of it.

use exports::shop::lib::store::{Guest, GuestItem, Item};
use std::cell::Cell;

wit_bindgen::generate!({ path: "../wit-shop", world: "store-w" });

thread_local! {
    static ALIVE: Cell<u32> = const { Cell::new(0) };
}

struct Store;

export!(Store);

struct Stored(u32);

impl Stored {
    fn make(n: u32) -> Self {
        ALIVE.set(ALIVE.get() + 1);
        Stored(n)
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        ALIVE.set(ALIVE.get() - 1);
    }
}

impl Guest for Store {
    type Item = Stored;

    async fn make(n: u32) -> Item {
        wit_bindgen::yield_async().await;
        Item::new(Stored::make(n))
    }

    fn count() -> u32 {
        ALIVE.get()
    }
}

impl GuestItem for Stored {
    fn new(n: u32) -> Self {
        Stored::make(n)
    }

    async fn price(&self) -> u32 {
        wit_bindgen::yield_async().await;
        self.0 * 10
    }

    fn label(&self) -> String {
        format!("item {}", self.0)
    }
}
