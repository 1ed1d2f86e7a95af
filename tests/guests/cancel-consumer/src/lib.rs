//! Gives up calls of `cancel` in every state that a call can be in, and says what became of what it had passed.
// What wit-bindgen makes natively of payloads without a value.
#![allow(clippy::unnecessary_operation)]

use exports::t::cancel::checks::Guest;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use t::cancel::between;
use t::cancel::callee::{self, Thing, Wide};
use wit_bindgen::yield_async;

wit_bindgen::generate!({ world: "cancel-consumer", path: "../cancel/wit" });

struct Consumer;

export!(Consumer);

/// Begins a call; whether it waits.
async fn begin<F: Future>(mut call: Pin<&mut F>) -> bool {
    poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx).is_pending())).await
}

/// What a call has come to when it is given up.
#[derive(Clone, Copy)]
enum State {
    /// Nothing was done.
    New,
    /// The callee holds it back.
    Held,
    /// The callee waits.
    Waiting,
}

impl State {
    fn of(name: &str) -> State {
        match name {
            "new" => State::New,
            "held" => State::Held,
            "waiting" => State::Waiting,
            name => panic!("no state `{name}`"),
        }
    }

    /// Brings the call there, and gives it up.
    async fn give_up<F: Future>(self, call: F) {
        let mut call = Box::pin(call);
        match self {
            State::New => {}
            State::Held => {
                callee::hold(true);
                assert!(begin(call.as_mut()).await, "it waits");
                assert_eq!(callee::begun(), 0, "it has not begun");
            }
            State::Waiting => {
                assert!(begin(call.as_mut()).await, "it waits");
                // Natively, what is between calls the callee a little later.
                wait().await;
                assert_eq!(callee::begun(), 1, "it has begun");
            }
        }
        drop(call);
        if let State::Held = self {
            callee::hold(false);
        }
        callee::note("the caller goes on");
    }
}

/// What an item is.
trait Item: Sized {
    fn item(number: u32) -> Self;
}

impl Item for u8 {
    fn item(number: u32) -> u8 {
        number as u8
    }
}

impl Item for u32 {
    fn item(number: u32) -> u32 {
        number
    }
}

impl Item for String {
    fn item(number: u32) -> String {
        number.to_string()
    }
}

impl Item for Thing {
    fn item(number: u32) -> Thing {
        Thing::new(number)
    }
}

impl Item for () {
    fn item(_: u32) {}
}

/// Gives up the call that reads, then writes.
macro_rules! stream {
    ($state:ident, $payload:ty, $read:expr) => {{
        let (mut writer, reader) = wit_stream::new::<$payload>();
        $state.give_up($read(reader)).await;
        let items = vec![Item::item(1), Item::item(2)];
        let (result, left) = writer.write(items).await;
        format!("{result:?}, {} left", left.into_vec().len())
    }};
}

macro_rules! future {
    ($state:ident, $payload:ty, $read:expr) => {{
        let (writer, reader) = wit_future::new::<$payload>(|| Item::item(0));
        $state.give_up($read(reader)).await;
        match writer.write(Item::item(1)).await {
            Ok(()) => "written".to_owned(),
            Err(_) => "the value comes back".to_owned(),
        }
    }};
}

async fn reads(state: State, kind: &str) -> String {
    match kind {
        "bytes" => stream!(state, u8, callee::read_bytes),
        "numbers" => stream!(state, u32, callee::read_numbers),
        "texts" => stream!(state, String, callee::read_texts),
        "things" => stream!(state, Thing, callee::read_things),
        "nothings" => stream!(state, (), callee::read_nothings),
        "text" => future!(state, String, callee::read_text),
        "thing" => future!(state, Thing, callee::read_thing),
        kind => panic!("no kind `{kind}`"),
    }
}

async fn reads_between(state: State, kind: &str) -> String {
    match kind {
        "bytes" => stream!(state, u8, between::read_bytes),
        "numbers" => stream!(state, u32, between::read_numbers),
        "texts" => stream!(state, String, between::read_texts),
        "things" => stream!(state, Thing, between::read_things),
        "nothings" => stream!(state, (), between::read_nothings),
        "text" => future!(state, String, between::read_text),
        "thing" => future!(state, Thing, between::read_thing),
        kind => panic!("no kind `{kind}`"),
    }
}

async fn takes(state: State) -> String {
    let (mut bytes, bytes_reader) = wit_stream::new::<u8>();
    let (mut owned, owned_reader) = wit_stream::new::<Thing>();
    let (text, text_reader) = wit_future::new::<String>(String::new);
    let things = vec![Thing::new(1), Thing::new(2)];
    let texts = vec!["one".to_owned(), "two".to_owned()];
    let maybe = Some(Thing::new(3));
    let call = callee::take(
        things,
        texts,
        maybe,
        bytes_reader,
        owned_reader,
        text_reader,
    );
    state.give_up(call).await;
    let alive = callee::alive();
    let (bytes, _) = bytes.write(vec![1]).await;
    let (owned, left) = owned.write(vec![Thing::new(4)]).await;
    drop(left);
    let text = text.write(String::new()).await.is_err();
    format!("{alive} alive, {bytes:?}, {owned:?}, {text}")
}

const WIDE: Wide = Wide {
    a: 1,
    b: 2,
    c: 3,
    d: 4,
    e: 5,
    f: 6,
    g: 7,
    h: 8,
    i: 9,
    j: 10,
    k: 11,
    l: 12,
    m: 13,
};

async fn takes_wide(state: State) -> String {
    let (mut numbers, reader) = wit_stream::new::<u32>();
    state
        .give_up(callee::take_wide(
            WIDE,
            Thing::new(1),
            "text".to_owned(),
            reader,
        ))
        .await;
    let alive = callee::alive();
    let (numbers, _) = numbers.write(vec![1]).await;
    format!("{alive} alive, {numbers:?}")
}

/// A borrow lasts as long as the caller's call does; the thing that was lent is dropped after it.
async fn takes_lent(state: State) -> String {
    let lent = Thing::new(1);
    let call = callee::take_lent(&lent, Thing::new(2), "text".to_owned());
    state.give_up(call).await;
    drop(lent);
    format!("{} alive", callee::alive())
}

/// How many bytes many calls with long texts have left in the callee.
async fn leaves(state: State) -> String {
    let text = || "x".repeat(100_000);
    let give_up = async || {
        let call = callee::take_wide(WIDE, Thing::new(1), text(), wit_stream::new().1);
        state.give_up(call).await;
        callee::notes();
    };
    give_up().await;
    let before = callee::allocated();
    for _ in 0..20 {
        give_up().await;
    }
    let left = callee::allocated().saturating_sub(before);
    if left < 10_000 {
        "nothing is left".to_owned()
    } else {
        format!("{left} bytes are left")
    }
}

/// Gives a call up that is done, and whose result nobody has fetched.
async fn done(kind: &str) -> String {
    match kind {
        "things" => {
            let mut call = Box::pin(callee::make(3));
            begin(call.as_mut()).await;
            wait().await;
            drop(call);
        }
        "stream" => {
            let mut call = Box::pin(callee::make_stream());
            begin(call.as_mut()).await;
            wait().await;
            drop(call);
            // The writer's task is one of its own.
            wait().await;
        }
        kind => panic!("no kind `{kind}`"),
    }
    callee::note("the caller goes on");
    format!("{} alive", callee::alive())
}

/// Drops what was never polled.
async fn unpolled(kind: &str) -> String {
    match kind {
        "call" => {
            drop(callee::make(3));
            assert_eq!(callee::begun(), 0);
        }
        "write" => {
            let (mut writer, _reader) = wit_stream::new::<Thing>();
            drop(writer.write(vec![Thing::new(1), Thing::new(2)]));
        }
        "future" => {
            let (writer, reader) = wit_future::new::<Thing>(|| Thing::new(0));
            drop(reader);
            drop(writer.write(Thing::new(1)));
            wait().await;
        }
        "spawned" => {
            let thing = Thing::new(1);
            let mut spawned = wit_bindgen::spawn_local(async move {
                let _thing = thing;
                std::future::pending::<()>().await
            });
            spawned.cancel();
            wait().await;
        }
        kind => panic!("no kind `{kind}`"),
    }
    "dropped".to_owned()
}

/// Waits for what never comes.
async fn deadlocks(kind: &str) {
    match kind {
        "bytes" => {
            let (_writer, mut reader) = wit_stream::new::<u8>();
            reader.next().await;
        }
        "things" => {
            let (_writer, mut reader) = wit_stream::new::<Thing>();
            reader.next().await;
        }
        "write" => {
            let (mut writer, _reader) = wit_stream::new::<Thing>();
            writer.write_one(Thing::new(1)).await;
        }
        "future" => {
            let (_writer, reader) = wit_future::new::<Thing>(|| Thing::new(0));
            reader.await;
        }
        "spawned" => {
            let (_writer, mut reader) = wit_stream::new::<String>();
            wit_bindgen::spawn_local(async move { reader.next().await }).await;
        }
        "call" => {
            let (_writer, reader) = wit_stream::new::<Thing>();
            callee::read_things(reader).await;
        }
        "given-up" => {
            let (_writer, mut reader) = wit_stream::new::<Thing>();
            begin(pin!(reader.next())).await;
            std::future::pending().await
        }
        "blocked" => wit_bindgen::block_on(async {
            let (_writer, mut reader) = wit_stream::new::<Thing>();
            reader.next().await;
        }),
        kind => panic!("no kind `{kind}`"),
    }
}

async fn wait() {
    for _ in 0..10 {
        yield_async().await;
    }
}

async fn spins(kind: &str) -> String {
    match kind {
        "told" => {
            let mut call = pin!(callee::spin());
            begin(call.as_mut()).await;
            wait().await;
            callee::tell();
            call.await;
        }
        "dropped" => {
            let (writer, reader) = wit_stream::new();
            let mut call = pin!(callee::spin_until_dropped(reader));
            begin(call.as_mut()).await;
            wait().await;
            drop(writer);
            call.await;
        }
        "cancelled" => {
            let mut call = Box::pin(callee::spin());
            begin(call.as_mut()).await;
            wait().await;
            drop(call);
        }
        "blocked" => wit_bindgen::block_on(async {
            let mut call = pin!(callee::spin());
            begin(call.as_mut()).await;
            wait().await;
            callee::tell();
            call.await;
        }),
        kind => panic!("no kind `{kind}`"),
    }
    callee::note("the caller goes on");
    "over".to_owned()
}

impl Guest for Consumer {
    async fn check(name: String, kind: String) -> String {
        callee::begun();
        callee::notes();
        let came = match name.split_once(' ') {
            Some(("read", state)) => reads(State::of(state), &kind).await,
            Some(("between", state)) => reads_between(State::of(state), &kind).await,
            Some(("take", state)) => match &*kind {
                "all" => takes(State::of(state)).await,
                "wide" => takes_wide(State::of(state)).await,
                "lent" => takes_lent(State::of(state)).await,
                "memory" => leaves(State::of(state)).await,
                kind => panic!("no kind `{kind}`"),
            },
            _ => match &*name {
                "done" => done(&kind).await,
                "spin" => spins(&kind).await,
                "unpolled" => unpolled(&kind).await,
                "deadlock" => {
                    deadlocks(&kind).await;
                    panic!("it never comes")
                }
                name => panic!("no check `{name}`"),
            },
        };
        let notes = callee::notes().join(", ");
        format!("{came}; {notes}; {} alive", callee::alive())
    }
}
