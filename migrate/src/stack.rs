//! A stack that is large enough for its input, however deeply the input is nested.
//!
//! Parsers and visitors of syntax trees call themselves, and so do the trees when they are dropped. How deep is estimated before
//! anything is parsed, as a number of *levels*; an estimate may be too large, but not too small. A thread's stack takes memory
//! only where it is used.

use crate::engine::FileError;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::LazyLock;
use std::thread;

/// The most bytes of stack that a level takes: twice the maximum that was measured over everything that nests.
const LEVEL: usize = if cfg!(debug_assertions) { 6144 } else { 768 };

/// The bytes that are needed for input without nesting.
const BASE: usize = 1 << 20;

/// The stack size of the threads that look at files, which is enough for nearly all files.
const POOL: usize = 64 << 20;

/// The most levels that are tried.
pub const MOST: usize = 4 << 20;

static THREADS: LazyLock<Result<ThreadPool, String>> = LazyLock::new(|| {
    let pool = ThreadPoolBuilder::new().stack_size(POOL).build();
    pool.map_err(|error| error.to_string())
});

/// Runs `work` where [`with`] needs no thread of its own for most input.
pub fn in_pool<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    match &*THREADS {
        Ok(threads) => threads.install(work),
        // There are other threads, or this one: each file then says whether its stack can be had.
        Err(_) => work(),
    }
}

/// Runs `work` on a stack for so many levels.
///
/// # Errors
/// If the system refuses such a stack.
pub fn with<R: Send>(levels: usize, work: impl FnOnce() -> R + Send) -> Result<R, FileError> {
    let bytes = BASE + levels.min(MOST) * LEVEL;
    if bytes <= POOL && is_in_pool() {
        return Ok(work());
    }
    thread::scope(|scope| {
        let spawned = thread::Builder::new()
            .name("deep".to_owned())
            .stack_size(bytes)
            .spawn_scoped(scope, work);
        match spawned {
            Ok(thread) => Ok(thread.join().unwrap_or_else(|panic| resume_unwind(panic))),
            Err(error) => Err(FileError {
                at: 0,
                message: format!(
                    "failed to get a stack of {} MiB, which this file may need, since it is so deeply nested: {error}",
                    bytes >> 20
                ),
            }),
        }
    })
}

fn is_in_pool() -> bool {
    match &*THREADS {
        Ok(threads) => threads.current_thread_index().is_some(),
        Err(_) => false,
    }
}

/// The result of `work`. If it panics, the error of the file that it was about.
pub fn guarded<R>(work: impl FnOnce() -> R) -> Result<R, FileError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| FileError {
        at: 0,
        message: format!(
            "internal error: a bug in isyswasfa-migrate ({}), so the file is not looked at: please report this",
            text(&*panic)
        ),
    })
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_that_files_error() {
        assert_eq!(guarded(|| 1), Ok(1));
        let error = guarded(|| panic!("no {}", "way")).unwrap_err();
        assert!(error.message.contains("(no way)"), "{}", error.message);
    }

    #[test]
    fn a_stack_is_as_large_as_asked_for() {
        fn deep(levels: usize) -> usize {
            let bytes = std::hint::black_box([levels as u8; LEVEL / 8]);
            match levels {
                0 => 0,
                levels => deep(levels - 1) + usize::from(bytes[levels % 8] == levels as u8),
            }
        }
        assert_eq!(with(100_000, || deep(100_000)), Ok(100_000));
        assert_eq!(in_pool(|| with(1, is_in_pool)), Ok(true));
    }
}
