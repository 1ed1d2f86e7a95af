//! Imported asynchronous functions: calls of `foo-isyswasfa-start` and, if it was not done at once, of `foo-isyswasfa-result`.

use super::cabi::Pending;
use super::waits::Token;
use std::future::Future;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll};

/// One imported function. Generated code implements it.
///
/// # Safety
///
/// All items must fit each other and the function's WIT type, as the canonical ABI lays them out.
#[doc(hidden)]
pub unsafe trait Subtask {
    /// The parameters.
    type Params;
    /// The parameters as the canonical ABI passes them.
    type ParamsLower: Copy;
    /// The result.
    type Results;
    /// Memory for the parameters (at its start) and for the result (at `RESULT`).
    type Area;
    /// Where in `Area` the result is: `result<T, pending>`, or `T`.
    const RESULT: usize;
    /// Where in `result<T, pending>` the payload is.
    const PAYLOAD: usize;

    /// Calls `-isyswasfa-start`, which writes a `result<T, pending>` to `ret`.
    ///
    /// # Safety
    /// The parameters are valid and not used again; `ret` is valid for writes.
    unsafe fn start(&mut self, params: Self::ParamsLower, ret: *mut u8);
    /// Calls `-isyswasfa-result` and stores the `T` at `ret`.
    ///
    /// # Safety
    /// `ready` is the handle of a task of this function that is done; `ret` is valid for writes.
    unsafe fn finish(&mut self, ready: u32, ret: *mut u8);
    /// Lowers the parameters; `dst` may be used for those that don't fit in registers.
    ///
    /// # Safety
    /// `dst` is the start of an `Area`.
    unsafe fn params_lower(&mut self, params: Self::Params, dst: *mut u8) -> Self::ParamsLower;
    /// Frees the lists of parameters that were passed.
    ///
    /// # Safety
    /// Called once, after the call.
    unsafe fn params_dealloc_lists(&mut self, lower: Self::ParamsLower);
    /// Lifts the `T` at `src`.
    ///
    /// # Safety
    /// There is one, and it is not used again.
    unsafe fn results_lift(&mut self, src: *mut u8) -> Self::Results;

    /// Calls the function. Dropping the future cancels the call.
    fn call(&mut self, params: Self::Params) -> impl Future<Output = Self::Results>
    where
        Self: Sized,
    {
        async {
            // Memory that the call writes to is read before the first await, so nothing has to stay in place.
            let pending = match call_start(self, params) {
                Ok(results) => return results,
                Err(pending) => pending,
            };
            let ready = Done::new(pending).await;
            call_finish(self, ready)
        }
    }
}

/// Ready memory for a `Subtask`'s calls, aligned for any canonical layout.
#[repr(C, align(8))]
struct Scratch<T>(MaybeUninit<T>);

fn call_start<S: Subtask>(subtask: &mut S, params: S::Params) -> Result<S::Results, Pending> {
    let mut area = Scratch::<S::Area>(MaybeUninit::uninit());
    let area: *mut u8 = (&raw mut area).cast();
    // SAFETY: the trait promises that all offsets lie in the area and that what was written can be read as what it is.
    unsafe {
        let lower = subtask.params_lower(params, area);
        let ret = area.add(S::RESULT);
        subtask.start(lower, ret);
        subtask.params_dealloc_lists(lower);
        let payload = ret.add(S::PAYLOAD);
        match ret.read() {
            0 => Ok(subtask.results_lift(payload)),
            _ => Err(Pending::new(payload.cast::<u32>().read())),
        }
    }
}

fn call_finish<S: Subtask>(subtask: &mut S, ready: u32) -> S::Results {
    let mut area = Scratch::<S::Area>(MaybeUninit::uninit());
    let area: *mut u8 = (&raw mut area).cast();
    // SAFETY: as above; `ready` is the handle of a task that is done.
    unsafe {
        let ret = area.add(S::RESULT);
        subtask.finish(ready, ret);
        subtask.results_lift(ret)
    }
}

/// For an import that was bound synchronously. Blocks until the task is done, if there is one. Returns the address of the `T`.
///
/// # Safety
///
/// `area` holds the `result<T, pending>` that the start half has returned, with its payload at `payload`; `finish`
/// calls the result half and stores the `T`.
#[doc(hidden)]
pub unsafe fn wait_for_result(
    area: *mut u8,
    payload: usize,
    finish: unsafe fn(ready: u32, ret: *mut u8),
) -> *mut u8 {
    // SAFETY: by this function's own contract.
    unsafe {
        let payload = area.add(payload);
        if area.read() != 0 {
            let pending = Pending::new(payload.cast::<u32>().read());
            let ready = super::block_on(Done::new(pending));
            finish(ready, payload);
        }
        payload
    }
}

/// Waits for a task and gives its handle back.
struct Done {
    pending: Option<Pending>,
    token: Option<Token>,
}

impl Done {
    fn new(pending: Pending) -> Done {
        Done {
            pending: Some(pending),
            token: None,
        }
    }
}

impl Future for Done {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> {
        let me = &mut *self;
        let token = match &me.token {
            Some(token) => token,
            None => {
                let token = me.token.insert(Token::new());
                let pending = me.pending.as_ref().expect("not polled after it was ready");
                pending.subscribe(token.number());
                token
            }
        };
        match token.poll_fired(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => {
                if let Some(token) = me.token.take() {
                    token.spend();
                }
                let pending = me.pending.take().expect("not polled after it was ready");
                Poll::Ready(pending.into_handle())
            }
        }
    }
}
