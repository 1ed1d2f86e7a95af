//! Exported asynchronous functions: `foo-isyswasfa-start` and `foo-isyswasfa-result`.
//!
//! Generated code turns a call into a future that lifts the parameters, awaits the user's function through `begin` or `deliver`,
//! and then stores the lowered result at `result_ptr()`. The future is polled in the start half in any case. So the parameters are
//! Rust values, which are dropped with the future, even if backpressure keeps the user's function from being called.
//!
//! A result is lowered only when its caller is there to take it: in the start half if the future is done at once, else in the
//! result half. A task that is cancelled in between drops a Rust value.

use super::executor::{self, Entered, Entry};
use super::{backpressure, cabi, held};
use std::cell::{Cell, UnsafeCell};
use std::future::Future;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll};

thread_local! {
    /// The task whose result the caller is copying.
    static STORED: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Where an exported function leaves its result for the caller to copy.
#[doc(hidden)]
#[repr(C, align(8))]
pub struct Area<const N: usize>(UnsafeCell<[MaybeUninit<u8>; N]>);

// SAFETY: nothing but the address is ever taken from a shared `Area`; generated code writes through it in exported
// functions only, of which a component instance runs one at a time.
unsafe impl<const N: usize> Sync for Area<N> {}

impl<const N: usize> Area<N> {
    /// Uninitialized memory.
    #[expect(clippy::new_without_default, reason = "only ever a static")]
    pub const fn new() -> Self {
        Area(UnsafeCell::new([MaybeUninit::uninit(); N]))
    }

    /// Its address.
    pub const fn ptr(&self) -> *mut u8 {
        self.0.get().cast()
    }
}

/// An exported function, as the core knows it.
#[doc(hidden)]
pub struct Function {
    name: &'static str,
    /// Its number in the core. 0 before the core was told.
    number: AtomicU32,
}

impl Function {
    /// The function `name`, as it is called in WIT.
    pub const fn new(name: &'static str) -> Self {
        Function {
            name,
            number: AtomicU32::new(0),
        }
    }

    fn number(&self) -> u32 {
        match self.number.load(Relaxed) {
            0 => self.tell(),
            number => number,
        }
    }

    #[cold]
    fn tell(&self) -> u32 {
        let number = cabi::name_function(self.name);
        self.number.store(number, Relaxed);
        number
    }
}

/// The body of `foo-isyswasfa-start`. Returns `area`, which then holds the `result<T, pending>`.
///
/// # Safety
///
/// `area` is valid for writes of that type, whose payload is at `payload`.
#[doc(hidden)]
pub unsafe fn start_task(
    function: &Function,
    area: *mut u8,
    payload: usize,
    future: impl Future<Output = ()> + 'static,
) -> *mut u8 {
    // SAFETY: by this function's own contract.
    unsafe {
        start_boxed(
            function,
            area,
            payload,
            Box::pin(future),
            backpressure::entry(),
        )
    }
}

/// The same for a call that was lent a resource. It must look at the resource before its caller goes on, so backpressure can't hold
/// it back.
///
/// # Safety
///
/// As for `start_task`.
#[doc(hidden)]
pub unsafe fn start_task_at_once(
    function: &Function,
    area: *mut u8,
    payload: usize,
    future: impl Future<Output = ()> + 'static,
) -> *mut u8 {
    // SAFETY: by this function's own contract.
    unsafe { start_boxed(function, area, payload, Box::pin(future), Entry::Start) }
}

unsafe fn start_boxed(
    function: &Function,
    area: *mut u8,
    payload: usize,
    future: executor::BoxFuture,
    entry: Entry,
) -> *mut u8 {
    // SAFETY: the payload lies within the area; the rest is the caller's promise.
    unsafe {
        let entered = executor::start(future, entry, area.add(payload));
        answer(function, area, payload, entered)
    }
}

unsafe fn answer(function: &Function, area: *mut u8, payload: usize, entered: Entered) -> *mut u8 {
    // SAFETY: the payload lies within the area.
    let result = unsafe { area.add(payload) };
    let waits = match entered {
        Entered::Done => None,
        Entered::Stored(task) => {
            STORED.set(Some(task));
            None
        }
        Entered::Waiting(task) => Some(task),
    };
    let held = held::take_lent(waits.is_some());
    let Some(task) = waits else {
        // SAFETY: the discriminant is the area's first byte: `ok`.
        unsafe { area.write(0) };
        return area;
    };
    let pending = executor::wait_for_caller(task, function.number(), held);
    // SAFETY: the discriminant `err`, and the handle in the payload's place.
    unsafe {
        area.write(1);
        result.cast::<u32>().write(pending);
    }
    area
}

/// The body of `foo-isyswasfa-result`. Returns `area`, which then holds the `T`.
///
/// # Safety
///
/// `area` is valid for writes of that type, which `function` returns. (The core checks that `ready` is a
/// task of this function.)
#[doc(hidden)]
pub unsafe fn finish_task(function: &Function, ready: u32, area: *mut u8) -> *mut u8 {
    let task = cabi::finish(function.number(), ready);
    match executor::fetch(task, area) {
        Entered::Done => {}
        Entered::Stored(task) => STORED.set(Some(task)),
        Entered::Waiting(_) => unreachable!("a completed task has its result"),
    }
    area
}

/// The body of `foo-isyswasfa-result` where `foo` was bound synchronously. It is never called: the result was there at once.
#[doc(hidden)]
pub fn no_task(_ready: u32, _area: *mut u8) -> *mut u8 {
    unreachable!("a synchronous function makes no task")
}

/// The body of `cabi_post_foo-isyswasfa-start` and `-result`: the caller has copied the result.
#[doc(hidden)]
pub fn post_return() {
    if let Some(task) = STORED.take() {
        executor::remove(task);
    }
}

/// Calls the user's function when it may begin, awaits it, and then awaits the caller.
#[doc(hidden)]
pub async fn begin<F: Future>(call: impl FnOnce() -> F) -> F::Output {
    backpressure::Begin::new().await;
    deliver(call()).await
}

/// Awaits `future`, and then the caller.
#[doc(hidden)]
pub async fn deliver<F: Future>(future: F) -> F::Output {
    let output = future.await;
    Caller { told: false }.await;
    output
}

/// Ready when the caller is there to take the result.
struct Caller {
    told: bool,
}

impl Future for Caller {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match executor::current().entry {
            Entry::Start | Entry::Fetch => Poll::Ready(()),
            Entry::Hold | Entry::Poll => {
                if !self.told {
                    self.told = true;
                    executor::complete_current();
                }
                Poll::Pending
            }
        }
    }
}

/// Where the task being polled stores its lowered result.
#[doc(hidden)]
pub fn result_ptr() -> *mut u8 {
    executor::current().result
}

/// Keeps alive what the stored result borrows from, until the caller has copied it. It never completes: the task is dropped.
#[doc(hidden)]
pub async fn until_copied() {
    executor::set_stored();
    std::future::pending().await
}

/// The body of every `isyswasfa-poll`.
#[doc(hidden)]
pub fn poll() -> u32 {
    executor::poll()
}

/// Takes the place of a native type in generated code, by which an unfinished task reports its cancellation. In the split ABI the
/// caller knows.
#[doc(hidden)]
pub struct TaskCancelOnDrop(());

impl TaskCancelOnDrop {
    /// Nothing to prepare.
    #[expect(clippy::new_without_default, reason = "generated code calls `new`")]
    pub fn new() -> Self {
        TaskCancelOnDrop(())
    }

    /// Nothing to undo.
    pub fn forget(self) {}
}
