//! Functions whose callers give them up: each keeps what it was given, and says when it is dropped.
// What wit-bindgen makes natively of payloads without a value.
#![allow(clippy::unnecessary_operation)]

use exports::t::cancel::callee::{Guest, GuestThing, Thing, ThingBorrow, Wide};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::task::Poll;
use wit_bindgen::{FutureReader, StreamReader, StreamResult, yield_async};

wit_bindgen::generate!({ world: "cancel", path: "wit" });

struct Cancel;

export!(Cancel);

/// Counts the bytes that are allocated.
struct Counting;

#[global_allocator]
static HEAP: Counting = Counting;

static ALLOCATED: AtomicU64 = AtomicU64::new(0);

// SAFETY: does what the system's allocator does, and adds up the sizes.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size() as u64, Relaxed);
        // SAFETY: by this function's own contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size() as u64, Relaxed);
        // SAFETY: by this function's own contract.
        unsafe { System.dealloc(ptr, layout) }
    }
}

static ALIVE: AtomicU32 = AtomicU32::new(0);

thread_local! {
    static BEGUN: Cell<u32> = const { Cell::new(0) };
    static TOLD: Cell<bool> = const { Cell::new(false) };
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct Counted(u32);

impl Drop for Counted {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Relaxed);
    }
}

impl GuestThing for Counted {
    fn new(number: u32) -> Self {
        ALIVE.fetch_add(1, Relaxed);
        Counted(number)
    }

    fn number(&self) -> u32 {
        self.0
    }
}

/// Says in the log that what holds it was dropped.
struct Says(&'static str);

impl Drop for Says {
    fn drop(&mut self) {
        LOG.with_borrow_mut(|log| log.push(format!("{} is dropped", self.0)));
    }
}

fn begin(name: &'static str) -> Says {
    BEGUN.set(BEGUN.get() + 1);
    Says(name)
}

async fn read<T: 'static>(mut source: StreamReader<T>) {
    let _says = begin("a read");
    let _items = source.read(Vec::with_capacity(10)).await;
    pending().await
}

async fn read_future<T: 'static>(source: FutureReader<T>) {
    let _says = begin("a read");
    let _value = source.await;
    pending().await
}

impl Guest for Cancel {
    type Thing = Counted;

    fn alive() -> u32 {
        ALIVE.load(Relaxed)
    }

    fn allocated() -> u64 {
        ALLOCATED.load(Relaxed)
    }

    fn begun() -> u32 {
        BEGUN.take()
    }

    fn hold(on: bool) {
        if on {
            wit_bindgen::backpressure_inc()
        } else {
            wit_bindgen::backpressure_dec()
        }
    }

    fn note(line: String) {
        LOG.with_borrow_mut(|log| log.push(line));
    }

    fn notes() -> Vec<String> {
        LOG.take()
    }

    async fn take(
        things: Vec<Thing>,
        texts: Vec<String>,
        maybe: Option<Thing>,
        bytes: StreamReader<u8>,
        owned: StreamReader<Thing>,
        text: FutureReader<String>,
    ) {
        let _says = begin("what was taken");
        let _all = (things, texts, maybe, bytes, owned, text);
        pending().await
    }

    async fn take_wide(wide: Wide, thing: Thing, text: String, numbers: StreamReader<u32>) {
        let _says = begin("what was taken");
        let _all = (wide, thing, text, numbers);
        pending().await
    }

    async fn take_lent(lent: ThingBorrow<'_>, thing: Thing, text: String) {
        let _says = begin("what was taken");
        let _all = (lent.get::<Counted>().number(), thing, text);
        pending().await
    }

    async fn make(count: u32) -> Vec<Thing> {
        let _says = begin("a call");
        yield_async().await;
        (0..count)
            .map(|number| Thing::new(Counted::new(number)))
            .collect()
    }

    async fn make_stream() -> StreamReader<u32> {
        let _says = begin("a call");
        let (mut writer, reader) = wit_stream::new();
        yield_async().await;
        wit_bindgen::spawn_local(async move {
            writer.write_all(vec![1, 2, 3]).await;
            LOG.with_borrow_mut(|log| log.push("the writer is done".to_owned()));
        });
        reader
    }

    async fn read_bytes(source: StreamReader<u8>) {
        read(source).await
    }

    async fn read_numbers(source: StreamReader<u32>) {
        read(source).await
    }

    async fn read_texts(source: StreamReader<String>) {
        read(source).await
    }

    async fn read_things(source: StreamReader<Thing>) {
        read(source).await
    }

    async fn read_nothings(source: StreamReader<()>) {
        read(source).await
    }

    async fn read_text(source: FutureReader<String>) {
        read_future(source).await
    }

    async fn read_thing(source: FutureReader<Thing>) {
        read_future(source).await
    }

    async fn spin() {
        let _says = begin("a spin");
        while !TOLD.take() {
            yield_async().await;
        }
    }

    fn tell() {
        TOLD.set(true);
    }

    async fn spin_until_dropped(mut source: StreamReader<u8>) {
        let _says = begin("a spin");
        let mut read = pin!(source.read(Vec::with_capacity(1)));
        loop {
            let polled = poll_fn(|cx| Poll::Ready(read.as_mut().poll(cx))).await;
            if let Poll::Ready((result, _)) = polled {
                assert_eq!(result, StreamResult::Dropped);
                return;
            }
            yield_async().await;
        }
    }
}
