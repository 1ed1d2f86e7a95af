//! `wasi:http/incoming-handler` of WASI 0.2 by a `wasi:http/handler` of 0.3: calls it, and lets all that it has begun go on until
//! it is done, since a host of 0.2 may drop the instance once the call has returned.
//!
//! It calls what it imports by itself, without `polyfill-guest`'s runtime: it has a single task, and is instantiated for every
//! request. The bindings only describe its world, and export the function.

mod arena;
mod raw;

use bindings::exports::wasi::http0_2_0::incoming_handler::Guest;
use bindings::wasi::http0_2_0::types::{IncomingRequest, ResponseOutparam};
use isyswasfa_core::{Event, take_apart};
use std::cell::{Cell, UnsafeCell};

mod bindings {
    #![allow(
        dead_code,
        unused_imports,
        reason = "what is called is called in `raw`"
    )]
    polyfill_guest::generate!({
        wasi: ["0.2.0", "0.3"],
        path: ["../../adapter/wit", "wit"],
        world: "isyswasfa:lower/http",
        generate_all,
        pub_export_macro: true,
    });
}

/// Where in a `result<result<response, error-code>, pending>` the payload is: there is a `u64` in an `error-code`.
const PAYLOAD: usize = 8;

/// Room for one, and some to spare.
#[repr(C, align(8))]
struct Answer(UnsafeCell<[u8; 96]>);

// SAFETY: a component runs on one thread.
unsafe impl Sync for Answer {}

static ANSWER: Answer = Answer(UnsafeCell::new([0; 96]));

thread_local! {
    // Plain statics: a component runs on one thread.
    static DRIVER: Cell<Option<Driver>> = const { Cell::new(None) };
}

/// What the core calls us, and those whose tasks we let run.
#[derive(Clone, Copy)]
struct Driver {
    key: u64,
    guests: u32,
    adapter: u32,
}

impl Driver {
    /// Makes us known to the core, at the first request.
    fn get() -> Driver {
        if let Some(driver) = DRIVER.get() {
            return driver;
        }
        // SAFETY: plain numbers, and the key is our own.
        let driver = unsafe {
            let key = raw::register();
            let driver = Driver {
                key,
                guests: raw::poll_guests(),
                adapter: raw::poll_adapter(),
            };
            raw::link(key, driver.guests);
            raw::link(key, driver.adapter);
            driver
        };
        DRIVER.set(Some(driver));
        driver
    }

    /// Lets everybody run until the task of this handle is done; none: until nothing goes on any more.
    fn run(self, task: Option<u32>) {
        // SAFETY: plain numbers, the key is our own, and the handle is lent.
        unsafe {
            if let Some(task) = task {
                raw::subscribe(task, self.key, 0);
            }
            loop {
                let (word, _) = take_apart(raw::next_event(self.key));
                match word.event() {
                    // Only one is waited for at a time: any token is its.
                    Some(Event::Token(_)) if task.is_some() => return,
                    Some(Event::Child(child)) if child == self.guests => {
                        let _ = raw::poll_guests();
                    }
                    Some(Event::Child(child)) if child == self.adapter => {
                        let _ = raw::poll_adapter();
                    }
                    None if task.is_some() => raw::wait(self.key),
                    None if raw::wait_unless_idle(self.key) == 0 => return,
                    _ => {}
                }
            }
        }
    }
}

struct Handler;

bindings::export!(Handler with_types_in bindings);

impl Guest for Handler {
    fn handle(request: IncomingRequest, response_out: ResponseOutparam) {
        // SAFETY: nothing is left of the request before.
        unsafe { arena::reset() }
        let driver = Driver::get();
        let answer: *mut u8 = ANSWER.0.get().cast();
        // SAFETY: the handles are ours to pass on; the answer has room for what is written there, and is what it is read as.
        unsafe {
            let payload = answer.add(PAYLOAD);
            raw::start(raw::receive(request.take_handle()), answer);
            if answer.read() != 0 {
                let pending = payload.cast::<u32>().read();
                driver.run(Some(pending));
                raw::result(pending, payload);
            }
            raw::respond(response_out.take_handle(), payload, 1);
        }
        driver.run(None);
    }
}
