//! The raw functions that this module imports, and where what it answers lies.

use std::cell::UnsafeCell;

/// Imported functions. Those of `[export]…` make and take the handles of our own resources.
#[cfg(target_family = "wasm")]
pub mod raw {
    #[link(wasm_import_module = "[export]isyswasfa:core/tasks@0.1.0")]
    unsafe extern "C" {
        #[link_name = "[resource-new]pending"]
        pub fn new_pending(task: u32) -> u32;
        #[link_name = "[resource-rep]pending"]
        pub fn pending_rep(handle: u32) -> u32;
        #[link_name = "[resource-drop]pending"]
        pub fn drop_pending(handle: u32);
    }

    #[link(wasm_import_module = "[export]isyswasfa:core/bytes@0.1.0")]
    unsafe extern "C" {
        #[link_name = "[resource-new]reader"]
        pub fn new_reader(pipe: u32) -> u32;
        #[link_name = "[resource-new]writer"]
        pub fn new_writer(pipe: u32) -> u32;
    }

    #[link(wasm_import_module = "[export]isyswasfa:core/pollables@0.1.0")]
    unsafe extern "C" {
        #[link_name = "[resource-new]waiting"]
        pub fn new_waiting(index: u32) -> u32;
    }

    #[link(wasm_import_module = "wasi:io/poll@0.2.0")]
    unsafe extern "C" {
        #[link_name = "poll"]
        pub fn poll(pollables: *const u32, count: usize, ret: *mut u8);
        #[link_name = "[method]pollable.ready"]
        pub fn ready(pollable: u32) -> u32;
        #[link_name = "[resource-drop]pollable"]
        pub fn drop_pollable(pollable: u32);
    }

    #[link(wasm_import_module = "wasi:cli/stderr@0.2.0")]
    unsafe extern "C" {
        #[link_name = "get-stderr"]
        pub fn get_stderr() -> u32;
    }

    #[link(wasm_import_module = "wasi:io/streams@0.2.0")]
    unsafe extern "C" {
        #[link_name = "[method]output-stream.blocking-write-and-flush"]
        pub fn blocking_write_and_flush(stream: u32, ptr: *const u8, len: usize, ret: *mut u8);
        #[link_name = "[resource-drop]output-stream"]
        pub fn drop_output_stream(stream: u32);
    }
}

/// On the build machine, for tests: handles are representations, and there are no pollables.
#[cfg(not(target_family = "wasm"))]
pub mod raw {
    macro_rules! handles {
        ($($name:ident)*) => {
            $(pub unsafe fn $name(handle: u32) -> u32 { handle })*
        };
    }
    handles! { new_pending pending_rep new_reader new_writer new_waiting }

    pub unsafe fn drop_pending(handle: u32) {
        crate::dropped(handle);
    }

    macro_rules! absent {
        ($($name:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)?;)*) => {
            $(pub unsafe fn $name($(_: $ty),*) $(-> $ret)? {
                unreachable!(concat!("`", stringify!($name), "` is there in a component only"))
            })*
        };
    }
    absent! {
        poll(pollables: *const u32, count: usize, ret: *mut u8);
        ready(pollable: u32) -> u32;
        drop_pollable(pollable: u32);
        get_stderr() -> u32;
        blocking_write_and_flush(stream: u32, ptr: *const u8, len: usize, ret: *mut u8);
        drop_output_stream(stream: u32);
    }
}

/// The representation of a resource, by its place in our tables. Never 0, which is a number like any other but not for jco.
pub fn rep_of(place: u32) -> u32 {
    place + 1
}

/// Back again.
pub fn place_of(rep: u32) -> u32 {
    rep.wrapping_sub(1)
}

/// Four words, which is enough for every answer.
const SIZE: usize = 4 * size_of::<usize>();

/// Where answers are.
#[repr(C, align(8))]
struct Area(UnsafeCell<[u8; SIZE]>);

// SAFETY: a component runs on one thread.
unsafe impl Sync for Area {}

static AREA: Area = Area(UnsafeCell::new([0; SIZE]));

/// What a function answers through memory: the caller copies it before it calls again.
pub fn answer<T: Copy>(value: T) -> *mut u8 {
    const { assert!(size_of::<T>() <= SIZE && align_of::<T>() <= 8) }
    let area: *mut u8 = AREA.0.get().cast();
    // SAFETY: it fits, and nobody holds a reference into it.
    unsafe { area.cast::<T>().write(value) }
    area
}
