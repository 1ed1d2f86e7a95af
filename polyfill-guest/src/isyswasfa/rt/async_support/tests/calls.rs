//! Calls: an import of the test's own that leads to an export of the test's own.

use super::super::Area as Exported;
use super::{assert_empty, run};
use crate::isyswasfa::rt::async_support::test_core::{self, Counted};
use crate::isyswasfa::rt::async_support::*;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

type Body = Pin<Box<dyn Future<Output = String>>>;

thread_local! {
    /// What the next call does.
    static BODY: RefCell<Option<Body>> = const { RefCell::new(None) };
    /// Where the two exported functions leave what they answer: plain statics in a component, whose only thread runs one of
    /// them at a time; here each test has a thread.
    static STARTED: Exported<24> = const { Exported::new() };
    static FINISHED: Exported<16> = const { Exported::new() };
}

/// `call: async func() -> string`, imported and exported.
struct Call;

static FUNCTION: Function = Function::new("call");

const PAYLOAD: usize = 8;
type Area = [u8; 24];

unsafe impl Subtask for Call {
    type Params = ();
    type ParamsLower = ();
    type Results = String;
    type Area = Area;
    const RESULT: usize = 0;
    const PAYLOAD: usize = PAYLOAD;

    unsafe fn start(&mut self, _: (), ret: *mut u8) {
        let body = BODY.take().expect("a body for the call");
        let future = async move {
            let result = &begin(move || body).await;
            unsafe {
                let ptr = result_ptr();
                ptr.cast::<*const u8>().write(result.as_ptr());
                ptr.add(8).cast::<usize>().write(result.len());
            }
            until_copied().await;
        };
        unsafe {
            let area = start_task(&FUNCTION, STARTED.with(Exported::ptr), PAYLOAD, future);
            copy(area, ret, PAYLOAD);
        }
        post_return();
    }

    unsafe fn finish(&mut self, ready: u32, ret: *mut u8) {
        unsafe {
            let area = finish_task(&FUNCTION, ready, FINISHED.with(Exported::ptr));
            copy_string(area, ret);
        }
        post_return();
    }

    unsafe fn params_lower(&mut self, (): (), _: *mut u8) {}

    unsafe fn params_dealloc_lists(&mut self, (): ()) {}

    unsafe fn results_lift(&mut self, src: *mut u8) -> String {
        unsafe {
            let (ptr, len) = (
                src.cast::<*mut u8>().read(),
                src.add(8).cast::<usize>().read(),
            );
            String::from_raw_parts(ptr, len, len)
        }
    }
}

/// What the canonical ABI does between the components: copies the answer, and the list in it.
unsafe fn copy(from: *mut u8, to: *mut u8, payload: usize) {
    unsafe {
        to.write(from.read());
        match from.read() {
            0 => copy_string(from.add(payload), to.add(payload)),
            _ => to
                .add(payload)
                .cast::<u32>()
                .write(from.add(payload).cast::<u32>().read()),
        }
    }
}

unsafe fn copy_string(from: *mut u8, to: *mut u8) {
    unsafe {
        let (ptr, len) = (
            from.cast::<*const u8>().read(),
            from.add(8).cast::<usize>().read(),
        );
        let copy = Box::<[u8]>::from(std::slice::from_raw_parts(ptr, len));
        to.cast::<*mut u8>().write(Box::into_raw(copy).cast());
        to.add(8).cast::<usize>().write(len);
    }
}

fn call(body: impl Future<Output = String> + 'static) -> impl Future<Output = String> {
    let body: Body = Box::pin(body);
    async move {
        BODY.set(Some(body));
        Call.call(()).await
    }
}

#[test]
fn what_is_done_at_once_needs_nothing_of_the_core() {
    assert_eq!(block_on(call(async { "now".to_string() })), "now");
    test_core::with(|core| {
        assert_eq!(core.tasks(), 0);
        assert_eq!(core.wakes, 0);
    });
    assert_empty();
}

#[test]
fn what_waits_is_fetched_later() {
    let later = call(async {
        yield_async().await;
        yield_async().await;
        "later".to_string()
    });
    assert_eq!(block_on(later), "later");
    assert_empty();
}

#[test]
fn calls_nest() {
    let inner = call(async {
        yield_async().await;
        "inner".to_string()
    });
    let outer = call(async move { format!("outer, {}", inner.await) });
    assert_eq!(block_on(outer), "outer, inner");
    assert_empty();
}

/// Says when it is dropped.
struct Flag(Rc<Cell<bool>>);

impl Drop for Flag {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

#[test]
fn a_dropped_call_is_cancelled() {
    let dropped = Rc::new(Cell::new(false));
    let flag = Flag(dropped.clone());
    let mut call = Box::pin(call(async move {
        let _flag = flag;
        std::future::pending().await
    }));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(call.as_mut().poll(&mut cx).is_pending());
    let other = spawn_local(async {
        yield_async().await;
        "runs later"
    });
    drop(call);
    // What the caller does next; here it is the same component, which cannot be entered again.
    super::super::poll();
    assert!(dropped.get());
    assert_eq!(block_on(other), Some("runs later"));
    assert_empty();
}

#[test]
fn whoever_is_entered_for_a_cancelled_task_runs_nothing_else() {
    let ran = Rc::new(Cell::new(false));
    let flag = Flag(ran.clone());
    let mut call = Box::pin(call(std::future::pending()));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(call.as_mut().poll(&mut cx).is_pending());
    let other = spawn_local(async move { drop(flag) });
    drop(call);
    super::super::poll();
    assert!(!ran.get());
    assert_eq!(block_on(other), Some(()));
    assert_empty();
}

#[test]
fn a_task_whose_cancellation_was_seen_while_it_ran_completes_for_nobody() {
    // `yield_blocking` takes events, of which one says that the caller has gone.
    let call = Rc::new(RefCell::new(None::<Pin<Box<dyn Future<Output = String>>>>));
    let own = call.clone();
    let body = self::call(async move {
        yield_async().await;
        drop(own.borrow_mut().take());
        yield_blocking();
        "for nobody".to_string()
    });
    *call.borrow_mut() = Some(Box::pin(body));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let polled = call.borrow_mut().as_mut().unwrap().as_mut().poll(&mut cx);
    assert!(polled.is_pending());
    run();
    assert_empty();
}

#[test]
fn a_result_that_nobody_fetches_is_dropped_as_a_value() {
    let value = Counted::new(1);
    let mut call = Box::pin(call(async move {
        let value = value;
        yield_async().await;
        format!("{}", value.0)
    }));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(call.as_mut().poll(&mut cx).is_pending());
    run();
    drop(call);
    assert_empty();
}

#[test]
fn backpressure_holds_calls_back() {
    backpressure_inc();
    let begun = Rc::new(Cell::new(false));
    let flag = Flag(begun.clone());
    let held = spawn_local(call(async move {
        drop(flag);
        "begun".to_string()
    }));
    run();
    assert!(!begun.get());
    backpressure_dec();
    assert_eq!(block_on(held).as_deref(), Some("begun"));
    assert_empty();
}

#[test]
fn a_call_that_is_cancelled_while_it_is_held_back_drops_its_parameters() {
    backpressure_inc();
    let parameter = Counted::new(1);
    let mut held = Box::pin(call(async move {
        let parameter = parameter;
        format!("{}", parameter.0)
    }));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(held.as_mut().poll(&mut cx).is_pending());
    drop(held);
    super::super::poll();
    assert_eq!(Counted::count(), 0);
    assert_empty();
    backpressure_dec();
    assert_empty();
}

#[test]
fn calls_begin_in_order_and_one_can_hold_back_the_others_again() {
    backpressure_inc();
    let log = Rc::new(RefCell::new(Vec::new()));
    let begin = |number: u32| {
        let log = log.clone();
        let mut call = Box::pin(call(async move {
            log.borrow_mut().push(number);
            if number == 1 {
                backpressure_inc();
            }
            String::new()
        }));
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(call.as_mut().poll(&mut cx).is_pending());
        call
    };
    let (first, second) = (begin(1), begin(2));
    backpressure_dec();
    // This one comes when the level is zero, and waits for its turn all the same.
    let third = begin(3);
    run();
    assert_eq!(*log.borrow(), [1]);
    backpressure_dec();
    run();
    assert_eq!(*log.borrow(), [1, 2, 3]);
    for call in [first, second, third] {
        block_on(call);
    }
    assert_empty();
}

#[test]
fn a_lent_resource_outlives_its_owner_s_interest() {
    thread_local!(static DROPPED: Cell<bool> = const { Cell::new(false) });
    unsafe fn dtor(_: *mut u8) {
        DROPPED.set(true);
    }
    let rep = std::ptr::without_provenance_mut::<u8>(0x1000);
    let task = spawn_local(call(async move {
        lent(rep.cast_const());
        yield_async().await;
        assert!(!DROPPED.get());
        yield_async().await;
        "done".to_string()
    }));
    // The call begins; then its caller drops the resource.
    super::super::poll();
    assert!(is_held(rep));
    unsafe { drop_resource(rep, dtor) };
    assert!(!DROPPED.get());
    assert_eq!(block_on(task).as_deref(), Some("done"));
    assert!(DROPPED.get());
    assert!(!is_held(rep));
    assert_empty();
}
