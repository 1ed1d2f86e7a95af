//! Large writes: how much is passed to the pipe, and how often. It must follow what is sent, not what remains.

use super::{assert_empty, run};
use crate::isyswasfa::rt::async_support::own_pipe::{self, OwnPipe};
use crate::isyswasfa::rt::async_support::test_core::{self, BYTE, Counted, HANDLE, new_end};
use crate::isyswasfa::rt::async_support::*;
use isyswasfa_core::{Answer, Outcome};
use std::alloc::Layout;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// What was asked of the pipe.
#[derive(Clone, Debug, Default)]
struct Counts {
    /// The items of each write.
    passed: Vec<usize>,
    written: usize,
    taken_back: usize,
    /// An offer stands.
    stands: bool,
}

thread_local! {
    static COUNTS: RefCell<Counts> = RefCell::default();
}

fn count<R>(f: impl FnOnce(&mut Counts) -> R) -> R {
    COUNTS.with_borrow_mut(f)
}

fn passed() -> usize {
    count(|counts| counts.passed.iter().sum())
}

static PLAIN: Pipe = test_core::pipe::<false>();

/// Whether a write, or what asks for it, was answered with `blocked`.
unsafe fn is_blocked(ret: *mut u8) -> bool {
    let answer = unsafe { ret.cast::<Answer<u32>>().read() };
    unsafe { answer.into_outcome() == Outcome::Blocked }
}

/// A pipe that counts. `OLD`: as it was before `written` could offer again what was left.
const fn counting<const OLD: bool>() -> Pipe {
    Pipe {
        write: |writer, component, token, items, n, ret| unsafe {
            (PLAIN.write)(writer, component, token, items, n, ret);
            count(|counts| {
                counts.passed.push(n);
                counts.stands = is_blocked(ret);
            });
        },
        written: |writer, component, token, ret| unsafe {
            let stood = count(|counts| {
                counts.written += 1;
                counts.stands
            });
            if OLD && !stood {
                ret.cast::<Answer<u32>>().write(Answer::ok(0));
                return;
            }
            (PLAIN.written)(writer, component, token, ret);
            count(|counts| counts.stands = is_blocked(ret));
        },
        cancel_write: |writer| unsafe {
            count(|counts| counts.stands = false);
            (PLAIN.cancel_write)(writer)
        },
        take_back: |writer, ret| unsafe {
            count(|counts| counts.taken_back += 1);
            (PLAIN.take_back)(writer, ret)
        },
        ..test_core::pipe::<false>()
    }
}

const fn bytes_of(pipe: &'static Pipe) -> StreamVtable<u8> {
    StreamVtable {
        pipe,
        ..test_core::BYTES_VTABLE
    }
}

const fn handles_of(pipe: &'static Pipe) -> StreamVtable<Counted> {
    StreamVtable {
        pipe,
        ..test_core::HANDLES_VTABLE
    }
}

macro_rules! pipe {
    ($kind:expr, $old:literal) => {{
        static PIPE: Pipe = Pipe {
            new: |ret| own_pipe::new(&$kind, ret),
            ..counting::<$old>()
        };
        &PIPE
    }};
}

static BYTES: StreamVtable<u8> = bytes_of(pipe!(BYTE, false));
static OLD_BYTES: StreamVtable<u8> = bytes_of(pipe!(BYTE, true));
static HANDLES: StreamVtable<Counted> = handles_of(pipe!(HANDLE, false));
static OLD_HANDLES: StreamVtable<Counted> = handles_of(pipe!(HANDLE, true));

fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Writes all of `values` at once, and reads them one by one, each before the writer has its turn.
fn one_by_one<T: 'static>(vtable: &'static StreamVtable<T>, values: Vec<T>) -> (Vec<T>, Counts) {
    count(|counts| *counts = Counts::default());
    let (mut writer, mut reader) = unsafe { stream_new(vtable) };
    spawn_local(async move { assert!(writer.write_all(values).await.is_empty()) });
    let mut read = Vec::new();
    while let Some(value) = block_on(reader.next()) {
        read.push(value);
        // The writer sees each of them.
        run();
    }
    drop(reader);
    (read, count(|counts| counts.clone()))
}

fn numbers(n: usize) -> Vec<u8> {
    (0..n).map(|i| i as u8).collect()
}

fn counted(n: usize) -> Vec<Counted> {
    (0..n as u32).map(Counted::new).collect()
}

#[test]
fn bytes_that_are_read_one_by_one_are_passed_once() {
    let (read, counts) = one_by_one(&BYTES, numbers(50_000));
    assert!(read == numbers(50_000));
    assert_eq!(counts.passed.iter().sum::<usize>(), 50_000);
    assert!(counts.passed.len() < 10, "{:?}", counts.passed);
    assert!(counts.written <= 2 * 50_000 + 10);
    assert_empty();
}

#[test]
fn handles_that_are_read_one_by_one_are_passed_once_and_not_taken_back() {
    let (read, counts) = one_by_one(&HANDLES, counted(3_000));
    assert!(read.iter().map(|value| value.0).eq(0..3_000));
    drop(read);
    assert_eq!(counts.passed, [3_000]);
    assert_eq!(counts.taken_back, 0);
    assert_empty();
}

#[test]
fn what_a_pipe_cannot_offer_again_is_passed_in_windows_that_follow_the_reader() {
    let cost = |n: usize| {
        let (read, counts) = one_by_one(&OLD_BYTES, numbers(n));
        assert!(read == numbers(n));
        // The first window is a large one.
        counts.passed[1..].iter().sum::<usize>()
    };
    let (once, twice) = (cost(20_000), cost(40_000));
    assert!(once <= 65 * 20_000, "{once}");
    assert!(twice <= 2 * once + 10_000, "{once}, {twice}");

    let (read, counts) = one_by_one(&OLD_HANDLES, counted(500));
    assert!(read.iter().map(|value| value.0).eq(0..500));
    drop(read);
    assert!(counts.taken_back <= 500);
    assert!(counts.passed[1..].iter().all(|&n| n <= 64));
    assert_empty();
}

#[test]
fn a_large_write_goes_in_windows() {
    for vtable in [&BYTES, &OLD_BYTES] {
        count(|counts| *counts = Counts::default());
        let (mut writer, reader) = unsafe { stream_new(vtable) };
        spawn_local(async move { assert!(writer.write_all(numbers(1 << 20)).await.is_empty()) });
        assert!(block_on(reader.collect()) == numbers(1 << 20));
        assert!(count(|counts| counts.passed.iter().all(|&n| n <= 1 << 14)));
        assert!(passed() <= 2 << 20, "{}", passed());
        assert_empty();
    }
}

#[test]
fn a_write_that_is_cancelled_and_begun_again_is_passed_once() {
    count(|counts| *counts = Counts::default());
    let (mut writer, mut reader) = unsafe { stream_new(&BYTES) };
    block_on(async {
        let mut rest = None;
        for i in 0..1000 {
            let mut write = match rest.take() {
                None => writer.write(numbers(100_000)),
                Some(rest) => writer.write_buf(rest),
            };
            assert!(poll(&mut write).is_pending());
            if i % 2 == 1 {
                assert_eq!(reader.read(Vec::with_capacity(1)).await.1, [(i / 2) as u8]);
            }
            let (result, values) = Pin::new(&mut write).cancel();
            assert_eq!(
                result,
                match i % 2 {
                    0 => StreamResult::Cancelled,
                    _ => StreamResult::Complete(1),
                }
            );
            rest = Some(values);
        }
        assert_eq!(passed(), 1 << 14);
        // Another write comes between: the rest is passed again.
        let mut write = writer.write(vec![9]);
        assert!(poll(&mut write).is_pending());
        assert_eq!(reader.next().await, Some(9));
        assert_eq!(write.await.0, StreamResult::Complete(1));
        let rest = rest.unwrap();
        assert_eq!(rest.remaining(), 99_500);
        let mut write = writer.write_buf(rest);
        assert!(poll(&mut write).is_pending());
        assert_eq!(reader.next().await, Some(500_u32 as u8));
        let (_, rest) = write.await;
        assert!(rest.into_vec() == numbers(100_000)[501..]);
    });
    drop((writer, reader));
    assert_empty();
}

#[test]
fn handles_of_a_cancelled_write_come_back_in_windows() {
    let cost = |times: usize| {
        count(|counts| *counts = Counts::default());
        let (mut writer, reader) = unsafe { stream_new(&HANDLES) };
        let mut rest = None;
        for _ in 0..times {
            let mut write = match rest.take() {
                None => writer.write(counted(10_000)),
                Some(rest) => writer.write_buf(rest),
            };
            assert!(poll(&mut write).is_pending());
            let (result, values) = Pin::new(&mut write).cancel();
            assert_eq!(
                (result, values.remaining()),
                (StreamResult::Cancelled, 10_000)
            );
            rest = Some(values);
        }
        let values = rest.unwrap().into_vec();
        assert!(values.iter().map(|value| value.0).eq(0..10_000));
        drop((values, writer, reader));
        count(|counts| counts.passed[1..].iter().sum::<usize>())
    };
    assert_eq!(cost(101), 100 * 64);
    assert_eq!(cost(201), 200 * 64);
    assert_empty();
}

#[test]
fn writing_on_by_hand_costs_what_is_sent() {
    let cost = |n: usize| {
        count(|counts| *counts = Counts::default());
        let (mut writer, mut reader) = unsafe { stream_new(&HANDLES) };
        spawn_local(async move {
            let (mut result, mut values) = writer.write(counted(n)).await;
            while values.remaining() > 0 {
                assert_eq!(result, StreamResult::Complete(1));
                (result, values) = writer.write_buf(values).await;
            }
        });
        for i in 0..n {
            let value = block_on(reader.next());
            assert_eq!(value.map(|value| value.0), Some(i as u32));
            run();
        }
        drop(reader);
        assert_empty();
        count(|counts| counts.passed[1..].iter().sum::<usize>())
    };
    let (once, twice) = (cost(1000), cost(2000));
    assert!(once <= 64 * 1000, "{once}");
    assert!(twice <= 2 * once + 64 * 64, "{once}, {twice}");
}

/// A string as the canonical ABI has it here.
#[repr(C)]
struct Lowered {
    ptr: *mut u8,
    len: usize,
}

unsafe fn lift_text(item: *mut u8) -> String {
    unsafe {
        let Lowered { ptr, len } = item.cast::<Lowered>().read();
        String::from_raw_parts(ptr, len, len)
    }
}

static TEXT: OwnPipe = OwnPipe {
    item: Layout::new::<Lowered>(),
    drop_item: |item| drop(unsafe { lift_text(item) }),
    dealloc_lists: |item| drop(unsafe { lift_text(item) }),
    new_reader: |rep| new_end(rep),
    new_writer: |rep| new_end(rep),
};

static TEXTS: StreamVtable<String> = StreamVtable {
    pipe: pipe!(TEXT, false),
    layout: Layout::new::<Lowered>(),
    handles: false,
    lower: Some(|text, dst| unsafe {
        let text = Box::leak(text.into_boxed_str());
        let (ptr, len) = (text.as_mut_ptr(), text.len());
        dst.cast::<Lowered>().write(Lowered { ptr, len });
    }),
    dealloc_lists: Some(|item| drop(unsafe { lift_text(item) })),
    weigh_lists: Some(|item| unsafe {
        let Lowered { ptr, len } = item.cast::<Lowered>().read();
        weigh_list(ptr, len, 1);
    }),
    lift: Some(lift_text),
};

#[test]
fn a_window_is_bounded_in_bytes_with_what_items_point_to() {
    let text = |i: usize| i.to_string().repeat(300_000);
    let (read, counts) = one_by_one(&TEXTS, (0..10).map(text).collect());
    assert!(read.into_iter().eq((0..10).map(text)));
    assert_eq!(counts.passed, [3, 3, 3, 1]);
    // One item is passed, however large it is.
    let (read, counts) = one_by_one(&TEXTS, vec!["x".repeat(3 << 20); 2]);
    assert_eq!(read.len(), 2);
    assert_eq!(counts.passed, [1, 1]);
    assert_empty();
}
