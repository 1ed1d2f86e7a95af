//! One end of pipes of each kind of payload, which does what a script says. It has the resource, so that in the split ABI it
//! implements the pipes of those.
// What wit-bindgen makes natively of payloads without a value.
#![allow(clippy::unnecessary_operation)]

mod script;

use exports::t::rules::peer::{Guest, GuestThing, Thing as OwnThing};
use script::{Payload, Steps};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};
use wit_bindgen::{FutureReader, StreamReader, spawn_local};

wit_bindgen::generate!("rules");

struct Rules;

export!(Rules);

struct Thing(u32);

impl GuestThing for Thing {
    fn new(number: u32) -> Thing {
        Thing(number)
    }

    fn number(&self) -> u32 {
        self.0
    }
}

impl Payload for OwnThing {
    fn numbered(number: u32) -> OwnThing {
        OwnThing::new(Thing(number))
    }

    fn number(&self) -> Option<u32> {
        Some(self.get::<Thing>().0)
    }
}

thread_local! {
    static STEP: Cell<u32> = const { Cell::new(0) };
    static WAITING: RefCell<Vec<Waker>> = const { RefCell::new(Vec::new()) };
    static LOG: RefCell<Option<String>> = const { RefCell::new(None) };
}

fn wake() {
    WAITING.take().into_iter().for_each(Waker::wake);
}

struct Own;

impl Steps for Own {
    fn step(&self) {
        STEP.set(STEP.get() + 1);
        wake();
    }

    async fn reach(&self, step: u32) {
        wait_until(|| (STEP.get() >= step).then_some(())).await
    }
}

async fn wait_until<T>(mut there: impl FnMut() -> Option<T>) -> T {
    poll_fn(|cx| match there() {
        Some(found) => Poll::Ready(found),
        None => {
            WAITING.with_borrow_mut(|waiting| waiting.push(cx.waker().clone()));
            Poll::Pending
        }
    })
    .await
}

/// Runs a script on after the call, and leaves what came of it to `log`.
fn go_on(script: impl Future<Output = String> + 'static) {
    spawn_local(async move {
        let said = script.await;
        LOG.set(Some(said));
        wake();
    });
}

/// The functions of a kind of streams.
macro_rules! streams {
    ($($payload:ty: $read:ident $write:ident $pass:ident)*) => {$(
        async fn $read(source: StreamReader<$payload>, script: String) -> String {
            script::read(source, &script, &Own).await
        }

        async fn $write(script: String) -> StreamReader<$payload> {
            let (writer, reader) = wit_stream::new();
            go_on(async move { script::write::<$payload>(writer, &script, &Own).await });
            reader
        }

        fn $pass(source: StreamReader<$payload>) -> StreamReader<$payload> {
            source
        }
    )*};
}

macro_rules! futures {
    ($($payload:ty: $read:ident $write:ident $pass:ident)*) => {$(
        async fn $read(source: FutureReader<$payload>, script: String) -> String {
            script::read_future(source, &script, &Own).await
        }

        async fn $write(script: String) -> FutureReader<$payload> {
            let (writer, reader) = wit_future::new(|| <$payload>::numbered(99));
            go_on(async move { script::write_future::<$payload>(writer, &script, &Own).await });
            reader
        }

        fn $pass(source: FutureReader<$payload>) -> FutureReader<$payload> {
            source
        }
    )*};
}

impl Guest for Rules {
    type Thing = Thing;

    fn step() {
        Own.step();
    }

    async fn reach(step: u32) {
        Own.reach(step).await
    }

    fn reset() {
        STEP.set(0);
        LOG.set(None);
    }

    async fn log() -> String {
        wait_until(|| LOG.take()).await
    }

    streams! {
        u8: read_bytes write_bytes pass_bytes
        u32: read_numbers write_numbers pass_numbers
        String: read_texts write_texts pass_texts
        OwnThing: read_things write_things pass_things
        (): read_nothings write_nothings pass_nothings
    }

    futures! {
        String: read_text write_text pass_text
        OwnThing: read_thing write_thing pass_thing
    }
}
