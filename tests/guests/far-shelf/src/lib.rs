//! Provides resources, and was built with nothing but the WIT of its own package, which streams none.

use exports::shop::alone::desk::{self, Color, GuestPen};
use exports::shop::alone::shelf::{self, GuestThing};
use std::cell::Cell;

wit_bindgen::generate!({ path: "../wit-far/deps/alone", world: "alone" });

thread_local! {
    static THINGS: Cell<u32> = const { Cell::new(0) };
    static PENS: Cell<u32> = const { Cell::new(0) };
}

struct Alone;

export!(Alone);

struct Thing(u32);

impl shelf::Guest for Alone {
    type Thing = Thing;

    fn count() -> u32 {
        THINGS.get()
    }
}

impl GuestThing for Thing {
    fn new(n: u32) -> Self {
        THINGS.set(THINGS.get() + 1);
        Thing(n)
    }

    fn label(&self) -> String {
        format!("thing {}", self.0)
    }
}

impl Drop for Thing {
    fn drop(&mut self) {
        THINGS.set(THINGS.get() - 1);
    }
}

struct Pen(Color);

impl desk::Guest for Alone {
    type Pen = Pen;

    fn count() -> u32 {
        PENS.get()
    }
}

impl GuestPen for Pen {
    fn new(c: Color) -> Self {
        PENS.set(PENS.get() + 1);
        Pen(c)
    }

    async fn write(&self) -> String {
        wit_bindgen::yield_async().await;
        match self.0 {
            Color::Blue => "blue".to_owned(),
            Color::Red => "red".to_owned(),
        }
    }
}

impl Drop for Pen {
    fn drop(&mut self) {
        PENS.set(PENS.get() - 1);
    }
}
