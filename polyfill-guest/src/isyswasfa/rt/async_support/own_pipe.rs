//! Pipes that this component implements itself: pipes whose payload has a resource of an interface that it exports.
//!
//! Both ends are resources of that interface. Their representation is a reference-counted pipe. Items wait in it in their canonical
//! representation, with handles of this component's own table.

use super::block::Block;
use super::own_items::RawItems;
use super::pipe::Received;
use super::{abi_buffer::array, cabi, waits};
use isyswasfa_core::{Answer, Items, List, Outcome, Pipe};
use std::alloc::Layout;
use std::cell::RefCell;
use std::rc::Rc;

/// A kind of pipe that generated code implements.
#[doc(hidden)]
pub struct OwnPipe {
    /// The canonical layout of an item.
    pub item: Layout,
    /// Drops an item that no reader will take.
    pub drop_item: unsafe fn(item: *mut u8),
    /// Frees the lists of an item that was passed on.
    pub dealloc_lists: unsafe fn(item: *mut u8),
    /// Makes a handle of a reader: `[resource-new]`.
    pub new_reader: unsafe fn(rep: *mut u8) -> u32,
    /// Makes a handle of a writer.
    pub new_writer: unsafe fn(rep: *mut u8) -> u32,
}

/// The pipe behind both ends.
struct Shared {
    kind: &'static OwnPipe,
    pipe: RefCell<Pipe<RawItems, Waiter>>,
}

/// Who waits at an end.
#[doc(hidden)]
#[derive(Debug)]
pub enum Waiter {
    /// This component, with the token.
    Own(u32),
    /// Another component, by its mailbox, with the token.
    Foreign { component: u64, token: u32 },
}

impl Waiter {
    fn tell(waiter: Option<Waiter>) {
        match waiter {
            Some(Waiter::Own(token)) => waits::fire(token),
            Some(Waiter::Foreign { component, token }) => cabi::post(component, token),
            None => {}
        }
    }
}

impl Shared {
    /// Moves the items into memory of their own, for the reader.
    fn give(&self, items: RawItems) -> List {
        let block = Block::new(array(self.kind.item, items.len()));
        let bytes = items.bytes();
        // SAFETY: the block was made for these bytes.
        unsafe {
            bytes
                .as_ptr()
                .copy_to_nonoverlapping(block.ptr(), bytes.len());
        }
        List {
            ptr: block.into_ptr(),
            len: items.len(),
        }
    }

    /// Drops items that no reader will take.
    fn discard(&self, items: RawItems) {
        if items.len() > 0 {
            let list = self.give(items);
            let received = Received::new(list, self.kind.item);
            for i in 0..received.len() {
                // SAFETY: each item is whole, and dropped once.
                unsafe { (self.kind.drop_item)(received.ptr().add(i * self.kind.item.size())) }
            }
        }
    }
}

/// The pipe behind a representation. Each handle keeps it alive.
///
/// # Safety
///
/// `rep` is the representation of a reader or writer that is not dropped before the reference is gone.
unsafe fn shared<'a>(rep: *mut u8) -> &'a Shared {
    // SAFETY: by this function's own contract.
    unsafe { &*rep.cast::<Shared>() }
}

/// `new`: the handles of writer and reader.
#[doc(hidden)]
pub fn new(kind: &'static OwnPipe, ret: *mut u8) {
    let shared = Rc::new(Shared {
        kind,
        pipe: RefCell::default(),
    });
    let reader = Rc::into_raw(shared.clone()).cast_mut().cast();
    let writer = Rc::into_raw(shared).cast_mut().cast();
    // SAFETY: each handle owns one count; `ret` has room for two handles.
    unsafe {
        let ret = ret.cast::<u32>();
        ret.write((kind.new_writer)(writer));
        ret.add(1).write((kind.new_reader)(reader));
    }
}

/// `reader.read`.
///
/// # Safety
///
/// `rep` is a reader's; `ret` has room for the answer.
#[doc(hidden)]
pub unsafe fn read(rep: *mut u8, waiter: Waiter, max: u32, ret: *mut u8) {
    // SAFETY: by this function's own contract.
    let shared = unsafe { shared(rep) };
    let (outcome, wake) = shared.pipe.borrow_mut().read(max as usize, waiter);
    Waiter::tell(wake);
    let answer = Answer::from(outcome.map(|items| shared.give(items)));
    // SAFETY: as above.
    unsafe { ret.cast::<Answer<List>>().write(answer) }
}

/// `reader.cancel-read`.
///
/// # Safety
///
/// As for `read`.
#[doc(hidden)]
pub unsafe fn cancel_read(rep: *mut u8, ret: *mut u8) {
    // SAFETY: by this function's own contract.
    unsafe {
        let shared = shared(rep);
        let items = shared.pipe.borrow_mut().cancel_read();
        ret.cast::<List>().write(shared.give(items));
    }
}

/// `writer.write`: takes the items with their lists, and leaves the memory that they are in.
///
/// # Safety
///
/// `rep` is a writer's; there are `count` items at `items`; `ret` has room for the answer.
#[doc(hidden)]
pub unsafe fn write(rep: *mut u8, waiter: Waiter, items: *const u8, count: usize, ret: *mut u8) {
    // SAFETY: by this function's own contract.
    let shared = unsafe { shared(rep) };
    // Items that were not taken back are lost with the next write.
    let lost = shared.pipe.borrow_mut().take_back();
    shared.discard(lost);
    // SAFETY: as above.
    let bytes = unsafe { bytes(items, count * shared.kind.item.size()) };
    let items = RawItems::new(bytes.to_vec(), count);
    let (outcome, wake) = shared.pipe.borrow_mut().write(items, waiter);
    Waiter::tell(wake);
    // SAFETY: as above.
    unsafe { ret.cast::<Answer<u32>>().write(counted(outcome)) }
}

unsafe fn bytes<'a>(items: *const u8, len: usize) -> &'a [u8] {
    match len {
        0 => &[],
        // SAFETY: by the contract of `write`.
        _ => unsafe { std::slice::from_raw_parts(items, len) },
    }
}

/// `writer.written`, which offers again what was left of a write that is over.
///
/// # Safety
///
/// `rep` is a writer's; `ret` has room for the answer.
#[doc(hidden)]
pub unsafe fn written(rep: *mut u8, waiter: Waiter, ret: *mut u8) {
    // SAFETY: by this function's own contract.
    unsafe {
        let (outcome, wake) = shared(rep).pipe.borrow_mut().written(waiter);
        Waiter::tell(wake);
        ret.cast::<Answer<u32>>().write(counted(outcome));
    }
}

fn counted(outcome: Outcome<usize>) -> Answer<u32> {
    Answer::from(outcome.map(|n| n as u32))
}

/// `writer.cancel-write`.
///
/// # Safety
///
/// `rep` is a writer's.
#[doc(hidden)]
pub unsafe fn cancel_write(rep: *mut u8) -> u32 {
    // SAFETY: by this function's own contract.
    unsafe { shared(rep).pipe.borrow_mut().cancel_write() as u32 }
}

/// `writer.take-back`.
///
/// # Safety
///
/// As for `written`.
#[doc(hidden)]
pub unsafe fn take_back(rep: *mut u8, ret: *mut u8) {
    // SAFETY: by this function's own contract.
    unsafe {
        let shared = shared(rep);
        let items = shared.pipe.borrow_mut().take_back();
        ret.cast::<List>().write(shared.give(items));
    }
}

/// The destructor of a reader.
///
/// # Safety
///
/// `rep` is a reader's and not used again.
#[doc(hidden)]
pub unsafe fn drop_reader(rep: *mut u8) {
    // SAFETY: the handle's count was made by `new`.
    let shared = unsafe { Rc::from_raw(rep.cast::<Shared>()) };
    let (lost, wake) = shared.pipe.borrow_mut().drop_reader();
    Waiter::tell(wake);
    shared.discard(lost);
}

/// The destructor of a writer.
///
/// # Safety
///
/// `rep` is a writer's and not used again.
#[doc(hidden)]
pub unsafe fn drop_writer(rep: *mut u8) {
    // SAFETY: the handle's count was made by `new`.
    let shared = unsafe { Rc::from_raw(rep.cast::<Shared>()) };
    let (lost, wake) = shared.pipe.borrow_mut().drop_writer();
    Waiter::tell(wake);
    shared.discard(lost);
}

/// Frees a list that another component has copied.
///
/// # Safety
///
/// `list` was made by one of the functions above, and is not used again.
#[doc(hidden)]
pub unsafe fn post_list(kind: &OwnPipe, list: *mut u8) {
    // SAFETY: by this function's own contract.
    let list = unsafe { list.cast::<List>().read() };
    let received = Received::new(list, kind.item);
    for i in 0..received.len() {
        // SAFETY: each item was passed on, and only its lists are left.
        unsafe { (kind.dealloc_lists)(received.ptr().add(i * kind.item.size())) }
    }
}

/// Frees the result of `read` that another component has copied.
///
/// # Safety
///
/// As for `post_list`.
#[doc(hidden)]
pub unsafe fn post_read(kind: &OwnPipe, answer: *mut u8) {
    // SAFETY: by this function's own contract.
    unsafe {
        if let Outcome::Ready(mut list) = answer.cast::<Answer<List>>().read().into_outcome() {
            post_list(kind, (&raw mut list).cast());
        }
    }
}

/// Frees the memory of a list that another component has passed; its items were taken.
///
/// # Safety
///
/// The list was allocated for this call, and is not used again.
#[doc(hidden)]
pub unsafe fn free_list(kind: &OwnPipe, ptr: *mut u8, len: usize) {
    drop(Received::new(List { ptr, len }, kind.item));
}

/// Implements a pipe: its raw functions as `PIPE`, for this component, and as `exports`, for others.
///
/// Generated code has it beside the `lift` and `dealloc_lists` of the payload.
#[doc(hidden)]
#[macro_export]
macro_rules! __isyswasfa_own_pipe {
    (
        name $name:literal;
        module $module:literal;
        reader $reader_new:literal $reader_rep:literal $reader_drop:literal;
        writer $writer_new:literal $writer_rep:literal $writer_drop:literal;
        item $size:literal $align:literal;
    ) => {
        #[cfg(target_family = "wasm")]
        mod raw {
            #[link(wasm_import_module = $module)]
            unsafe extern "C" {
                #[link_name = $reader_new]
                pub fn reader_new(rep: *mut u8) -> u32;
                #[link_name = $reader_rep]
                pub fn reader_rep(handle: u32) -> *mut u8;
                #[link_name = $reader_drop]
                pub fn reader_drop(handle: u32);
                #[link_name = $writer_new]
                pub fn writer_new(rep: *mut u8) -> u32;
                #[link_name = $writer_rep]
                pub fn writer_rep(handle: u32) -> *mut u8;
                #[link_name = $writer_drop]
                pub fn writer_drop(handle: u32);
            }
        }

        #[cfg(not(target_family = "wasm"))]
        mod raw {
            const MESSAGE: &str = "resources are there in a component only";
            pub unsafe fn reader_new(_: *mut u8) -> u32 {
                ::core::unreachable!("{MESSAGE}")
            }
            pub unsafe fn reader_rep(_: u32) -> *mut u8 {
                ::core::unreachable!("{MESSAGE}")
            }
            pub unsafe fn reader_drop(_: u32) {
                ::core::unreachable!("{MESSAGE}")
            }
            pub unsafe fn writer_new(_: *mut u8) -> u32 {
                ::core::unreachable!("{MESSAGE}")
            }
            pub unsafe fn writer_rep(_: u32) -> *mut u8 {
                ::core::unreachable!("{MESSAGE}")
            }
            pub unsafe fn writer_drop(_: u32) {
                ::core::unreachable!("{MESSAGE}")
            }
        }

        static OWN: $crate::rt::async_support::own_pipe::OwnPipe =
            $crate::rt::async_support::own_pipe::OwnPipe {
                // SAFETY: generated code passes the payload's canonical size and alignment, a power of two.
                item: unsafe { ::core::alloc::Layout::from_size_align_unchecked($size, $align) },
                // SAFETY: by the contract of the field.
                drop_item: |item| unsafe { ::core::mem::drop(lift(item)) },
                // SAFETY: as above.
                dealloc_lists: |item| unsafe { dealloc_lists(item) },
                // SAFETY: `rep` is that of a pipe, and the import takes any representation.
                new_reader: |rep| unsafe { raw::reader_new(rep) },
                // SAFETY: as above.
                new_writer: |rep| unsafe { raw::writer_new(rep) },
            };

        // Each `unsafe` below calls a function of the same contract as the field of `Pipe`. The representation behind a handle of
        // this component's own resource is the pipe that `own_pipe::new` has made.
        pub static PIPE: $crate::rt::async_support::Pipe = {
            use $crate::rt::async_support::own_pipe::{self, Waiter};
            $crate::rt::async_support::Pipe {
                name: $name,
                link: || (),
                new: |ret| own_pipe::new(&OWN, ret),
                // SAFETY: `reader` is a handle of a reader, and `ret` has room for the answer.
                read: |reader, _, token, max, ret| unsafe {
                    own_pipe::read(raw::reader_rep(reader), Waiter::Own(token), max, ret)
                },
                // SAFETY: as above.
                cancel_read: |reader, ret| unsafe {
                    own_pipe::cancel_read(raw::reader_rep(reader), ret)
                },
                // SAFETY: `reader` is a handle of a reader, and is not used again.
                drop_reader: |reader| unsafe { raw::reader_drop(reader) },
                // SAFETY: `writer` is a handle of a writer, there are `count` items, and `ret` has room for the answer.
                write: |writer, _, token, items, count, ret| unsafe {
                    own_pipe::write(
                        raw::writer_rep(writer),
                        Waiter::Own(token),
                        items,
                        count,
                        ret,
                    )
                },
                // SAFETY: as above.
                written: |writer, _, token, ret| unsafe {
                    own_pipe::written(raw::writer_rep(writer), Waiter::Own(token), ret)
                },
                // SAFETY: as above.
                cancel_write: |writer| unsafe { own_pipe::cancel_write(raw::writer_rep(writer)) },
                // SAFETY: as above.
                take_back: |writer, ret| unsafe {
                    own_pipe::take_back(raw::writer_rep(writer), ret)
                },
                // SAFETY: `writer` is a handle of a writer, and is not used again.
                drop_writer: |writer| unsafe { raw::writer_drop(writer) },
                takes_lists: true,
            }
        };

        /// The functions that other components call. The canonical ABI gives their arguments: representations of readers and
        /// writers, lists that were allocated for the call, and to `post_*` what the function before it has returned.
        pub mod exports {
            use super::OWN;
            use $crate::rt::async_support::Area;
            use $crate::rt::async_support::own_pipe::{self, Waiter};

            /// Large enough for every result.
            static AREA: Area<12> = Area::new();

            pub unsafe fn new() -> *mut u8 {
                own_pipe::new(&OWN, AREA.ptr());
                AREA.ptr()
            }
            pub unsafe fn read(rep: *mut u8, component: u64, token: u32, max: u32) -> *mut u8 {
                // SAFETY: `rep` is a reader's, and the area has room for the answer.
                unsafe {
                    own_pipe::read(rep, Waiter::Foreign { component, token }, max, AREA.ptr())
                };
                AREA.ptr()
            }
            pub unsafe fn post_read(answer: *mut u8) {
                // SAFETY: `read` has returned `answer`, which nothing else uses now.
                unsafe { own_pipe::post_read(&OWN, answer) }
            }
            pub unsafe fn cancel_read(rep: *mut u8) -> *mut u8 {
                // SAFETY: `rep` is a reader's, and the area has room for the list.
                unsafe { own_pipe::cancel_read(rep, AREA.ptr()) };
                AREA.ptr()
            }
            pub unsafe fn post_cancel_read(list: *mut u8) {
                // SAFETY: `cancel_read` has returned `list`, which nothing else uses now.
                unsafe { own_pipe::post_list(&OWN, list) }
            }
            pub unsafe fn post_take_back(list: *mut u8) {
                // SAFETY: `take_back` has returned `list`, which nothing else uses now.
                unsafe { own_pipe::post_list(&OWN, list) }
            }
            pub unsafe fn write(
                rep: *mut u8,
                component: u64,
                token: u32,
                items: *mut u8,
                count: usize,
            ) -> *mut u8 {
                let waiter = Waiter::Foreign { component, token };
                // SAFETY: `rep` is a writer's, there are `count` items, and the area has room for the answer. The items' memory was
                // allocated for this call.
                unsafe {
                    own_pipe::write(rep, waiter, items, count, AREA.ptr());
                    own_pipe::free_list(&OWN, items, count);
                }
                AREA.ptr()
            }
            pub unsafe fn written(rep: *mut u8, component: u64, token: u32) -> *mut u8 {
                // SAFETY: `rep` is a writer's, and the area has room for the answer.
                unsafe { own_pipe::written(rep, Waiter::Foreign { component, token }, AREA.ptr()) };
                AREA.ptr()
            }
            pub unsafe fn cancel_write(rep: *mut u8) -> u32 {
                // SAFETY: `rep` is a writer's.
                unsafe { own_pipe::cancel_write(rep) }
            }
            pub unsafe fn take_back(rep: *mut u8) -> *mut u8 {
                // SAFETY: `rep` is a writer's, and the area has room for the list.
                unsafe { own_pipe::take_back(rep, AREA.ptr()) };
                AREA.ptr()
            }
            pub unsafe fn drop_reader(rep: *mut u8) {
                // SAFETY: `rep` is a reader's, whose handle is gone.
                unsafe { own_pipe::drop_reader(rep) }
            }
            pub unsafe fn drop_writer(rep: *mut u8) {
                // SAFETY: `rep` is a writer's, whose handle is gone.
                unsafe { own_pipe::drop_writer(rep) }
            }
        }
    };
}
