//! A pipe of the split ABI: the raw functions of its two ends, and their results.
//!
//! Every pipe has the shape of `isyswasfa:core/bytes`. Only the layout of the items depends on the payload.

use super::cabi;
use super::waits::{Does, Token, Wanted};
use isyswasfa_core::{Answer, List, Outcome};
use std::alloc::Layout;
use std::task::{Context, Poll};

/// The raw functions of a kind of pipe.
///
/// Results are written to `ret`, as the canonical ABI stores them. A pipe without payload is given the shape of the others:
/// a list with that length takes the place of its count.
#[doc(hidden)]
pub struct Pipe {
    /// The stream or future in WIT, for messages.
    pub name: &'static str,
    /// Links the import with the core, if another component may provide it.
    pub link: fn(),
    /// `new: func() -> tuple<writer, reader>`
    pub new: unsafe fn(ret: *mut u8),
    /// `reader.read: func(component: u64, token: u32, max: u32) -> result<list<T>, status>`
    pub read: unsafe fn(reader: u32, component: u64, token: u32, max: u32, ret: *mut u8),
    /// `reader.cancel-read: func() -> list<T>`
    pub cancel_read: unsafe fn(reader: u32, ret: *mut u8),
    /// Drops a reader.
    pub drop_reader: unsafe fn(reader: u32),
    /// `writer.write: func(component: u64, token: u32, items: list<T>) -> result<u32, status>`
    pub write: unsafe fn(
        writer: u32,
        component: u64,
        token: u32,
        items: *const u8,
        count: usize,
        ret: *mut u8,
    ),
    /// `writer.written: func(component: u64, token: u32) -> result<u32, status>`
    pub written: unsafe fn(writer: u32, component: u64, token: u32, ret: *mut u8),
    /// `writer.cancel-write: func() -> u32`
    pub cancel_write: unsafe fn(writer: u32) -> u32,
    /// `writer.take-back: func() -> list<T>`
    pub take_back: unsafe fn(writer: u32, ret: *mut u8),
    /// Drops a writer.
    pub drop_writer: unsafe fn(writer: u32),
    /// Whether `write` takes the lists in the items as they are, and `take_back` gives them back. That is so if this component
    /// implements the pipe. Otherwise each call copies them.
    pub takes_lists: bool,
}

/// Items in memory that we own: their canonical representations in a row.
#[derive(Debug)]
pub struct Received {
    ptr: *mut u8,
    len: usize,
    item: Layout,
}

impl Received {
    /// Takes ownership of the memory, and of the items in it.
    pub fn new(list: List, item: Layout) -> Received {
        Received {
            ptr: list.ptr,
            len: list.len,
            item,
        }
    }

    /// How many items.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The first item.
    pub fn ptr(&self) -> *mut u8 {
        self.ptr
    }

    /// The memory and the items in it, which the caller must free.
    pub fn into_memory(self) -> *mut u8 {
        let ptr = self.ptr;
        std::mem::forget(self);
        ptr
    }
}

impl Drop for Received {
    /// Frees the memory; what the items own must have been moved out.
    fn drop(&mut self) {
        let size = self.item.size() * self.len;
        if size > 0 {
            // SAFETY: `cabi_realloc`, which is the global allocator, was asked for this size and alignment.
            unsafe {
                std::alloc::dealloc(
                    self.ptr,
                    Layout::from_size_align_unchecked(size, self.item.align()),
                )
            }
        }
    }
}

/// One end of a pipe, with the token that its operations wait under.
#[derive(Debug)]
pub struct End {
    handle: u32,
    token: Option<Token>,
}

impl End {
    pub fn new(handle: u32) -> End {
        End {
            handle,
            token: None,
        }
    }

    /// The number of the resource handle.
    pub fn handle(&self) -> u32 {
        self.handle
    }

    fn token(&mut self, pipe: &Pipe, does: Does) -> u32 {
        let token = self
            .token
            .get_or_insert_with(|| Token::of(Wanted::Pipe(pipe.name, does)));
        token.number()
    }

    /// Notes that nothing waits for the operation any more.
    fn end_wait(&self) {
        if let Some(token) = &self.token {
            token.end_wait();
        }
    }

    /// Forgets an event that came for an earlier operation.
    pub fn rearm(&mut self) {
        if let Some(token) = &self.token {
            token.rearm();
        }
    }

    /// Ready when a blocked operation may have gone on.
    pub fn poll_unblocked(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.token.get_or_insert_with(Token::new).poll_fired(cx)
    }

    /// Reads up to `max` items, or goes on with the read that is under way.
    ///
    /// # Safety
    ///
    /// `pipe` and `item` are those of this end, which is a reader.
    pub unsafe fn read(&mut self, pipe: &Pipe, item: Layout, max: usize) -> Outcome<Received> {
        let max = u32::try_from(max).unwrap_or(u32::MAX);
        let token = self.token(pipe, Does::Read);
        let mut ret = Answer::<List>::default();
        // SAFETY: we own the handle, and the result fits `ret`.
        unsafe {
            (pipe.read)(
                self.handle,
                cabi::mailbox(),
                token,
                max,
                (&raw mut ret).cast(),
            )
        };
        // SAFETY: `read` has answered.
        let outcome = unsafe { ret.into_outcome() };
        outcome.map(|list| Received::new(list, item))
    }

    /// Ends the read that is under way. Returns what it had received.
    ///
    /// # Safety
    ///
    /// As for `read`.
    pub unsafe fn cancel_read(&mut self, pipe: &Pipe, item: Layout) -> Received {
        self.end_wait();
        let mut list = List::default();
        // SAFETY: we own the handle, and the result fits `list`.
        unsafe { (pipe.cancel_read)(self.handle, (&raw mut list).cast()) };
        Received::new(list, item)
    }

    /// Offers items. Their handles belong to the pipe from now on. Their memory stays with the caller (for lists, see `takes_lists`).
    ///
    /// # Safety
    ///
    /// `pipe` is that of this end, which is a writer; there are `count` valid items at `items`.
    pub unsafe fn write(&mut self, pipe: &Pipe, items: *const u8, count: usize) -> Outcome<usize> {
        let token = self.token(pipe, Does::Write);
        let mut ret = Answer::<u32>::default();
        // SAFETY: we own the handle, and the result fits `ret`.
        unsafe {
            (pipe.write)(
                self.handle,
                cabi::mailbox(),
                token,
                items,
                count,
                (&raw mut ret).cast(),
            )
        };
        // SAFETY: as above: it has answered.
        let outcome = unsafe { ret.into_outcome() };
        outcome.map(|count| count as usize)
    }

    /// How many items of the current offer were taken, if it is over. Without an offer, what was left of the last one is offered
    /// again, and the result is that of `write`. It is `Ready(0)` if the pipe has nothing left or cannot offer again.
    ///
    /// # Safety
    ///
    /// `pipe` is that of this end, which is a writer.
    pub unsafe fn written(&mut self, pipe: &Pipe) -> Outcome<usize> {
        let token = self.token(pipe, Does::Write);
        let mut ret = Answer::<u32>::default();
        // SAFETY: we own the handle, and the result fits `ret`.
        unsafe { (pipe.written)(self.handle, cabi::mailbox(), token, (&raw mut ret).cast()) };
        // SAFETY: as above: it has answered.
        let outcome = unsafe { ret.into_outcome() };
        outcome.map(|count| count as usize)
    }

    /// Ends the current offer. Returns how many items had been taken.
    ///
    /// # Safety
    ///
    /// `pipe` is that of this end, which is a writer.
    pub unsafe fn cancel_write(&mut self, pipe: &Pipe) -> usize {
        self.end_wait();
        // SAFETY: we own the handle.
        unsafe { (pipe.cancel_write)(self.handle) as usize }
    }

    /// The items of the last offer that no reader took.
    ///
    /// # Safety
    ///
    /// `pipe` and `item` are those of this end, which is a writer.
    pub unsafe fn take_back(&mut self, pipe: &Pipe, item: Layout) -> Received {
        let mut list = List::default();
        // SAFETY: we own the handle, and the result fits `list`.
        unsafe { (pipe.take_back)(self.handle, (&raw mut list).cast()) };
        Received::new(list, item)
    }
}

/// A new pipe: its writer and its reader.
pub fn new(pipe: &Pipe) -> (u32, u32) {
    (pipe.link)();
    let mut ret = [0u32; 2];
    // SAFETY: the result is two handles, which fit `ret`.
    unsafe { (pipe.new)((&raw mut ret).cast()) };
    (ret[0], ret[1])
}

/// Declares the raw functions of a pipe that is imported, as `static PIPE: Pipe`.
///
/// The names are literals because `link_name` takes nothing else; generated code knows them.
#[doc(hidden)]
#[macro_export]
macro_rules! __isyswasfa_pipe {
    (
        name $name:literal;
        link $link:expr;
        module $module:literal;
        new $new:literal;
        read $read:literal;
        cancel_read $cancel_read:literal;
        drop_reader $drop_reader:literal;
        write $write:literal;
        written $written:literal;
        cancel_write $cancel_write:literal;
        take_back $take_back:literal;
        drop_writer $drop_writer:literal;
        $(unit $unit:tt;)?
    ) => {
        #[cfg(target_family = "wasm")]
        mod raw {
            #[link(wasm_import_module = $module)]
            unsafe extern "C" {
                #[link_name = $new]
                pub fn new(ret: *mut u8);
                #[link_name = $drop_reader]
                pub fn drop_reader(reader: u32);
                #[link_name = $written]
                pub fn written(writer: u32, component: u64, token: u32, ret: *mut u8);
                #[link_name = $cancel_write]
                pub fn cancel_write(writer: u32) -> u32;
                #[link_name = $drop_writer]
                pub fn drop_writer(writer: u32);
            }
        }
        #[cfg(target_family = "wasm")]
        $crate::__isyswasfa_pipe!(@payload $module $read $cancel_read $write $take_back $(unit $unit)?);

        #[cfg(target_family = "wasm")]
        pub static PIPE: $crate::rt::async_support::Pipe = $crate::rt::async_support::Pipe {
            name: $name,
            link: $link,
            // SAFETY: each field has the contract of its import, by the canonical ABI; so have those below.
            new: |ret| unsafe { raw::new(ret) },
            read: payload::read,
            cancel_read: payload::cancel_read,
            // SAFETY: as above.
            drop_reader: |reader| unsafe { raw::drop_reader(reader) },
            write: payload::write,
            // SAFETY: as above.
            written: |writer, component, token, ret| unsafe { raw::written(writer, component, token, ret) },
            // SAFETY: as above.
            cancel_write: |writer| unsafe { raw::cancel_write(writer) },
            take_back: payload::take_back,
            // SAFETY: as above.
            drop_writer: |writer| unsafe { raw::drop_writer(writer) },
            takes_lists: false,
        };
        #[cfg(not(target_family = "wasm"))]
        pub static PIPE: $crate::rt::async_support::Pipe = $crate::rt::async_support::ABSENT_PIPE;
    };

    (@payload $module:literal $read:literal $cancel_read:literal $write:literal $take_back:literal) => {
        mod payload {
            #[link(wasm_import_module = $module)]
            unsafe extern "C" {
                #[link_name = $read]
                fn raw_read(reader: u32, component: u64, token: u32, max: u32, ret: *mut u8);
                #[link_name = $cancel_read]
                fn raw_cancel_read(reader: u32, ret: *mut u8);
                #[link_name = $write]
                fn raw_write(writer: u32, component: u64, token: u32, items: *const u8, count: usize, ret: *mut u8);
                #[link_name = $take_back]
                fn raw_take_back(writer: u32, ret: *mut u8);
            }
            // Wrappers: the address of an import cannot be used in a shared library.
            pub unsafe fn read(reader: u32, component: u64, token: u32, max: u32, ret: *mut u8) {
                // SAFETY: by this function's own contract, which is the import's.
                unsafe { raw_read(reader, component, token, max, ret) }
            }
            pub unsafe fn cancel_read(reader: u32, ret: *mut u8) {
                // SAFETY: as for `read`.
                unsafe { raw_cancel_read(reader, ret) }
            }
            pub unsafe fn write(writer: u32, component: u64, token: u32, items: *const u8, count: usize, ret: *mut u8) {
                // SAFETY: as for `read`.
                unsafe { raw_write(writer, component, token, items, count, ret) }
            }
            pub unsafe fn take_back(writer: u32, ret: *mut u8) {
                // SAFETY: as for `read`.
                unsafe { raw_take_back(writer, ret) }
            }
        }
    };

    // Without payload there are counts instead of lists. A count is passed as the length of a list without memory.
    (@payload $module:literal $read:literal $cancel_read:literal $write:literal $take_back:literal unit $unit:tt) => {
        mod payload {
            #[link(wasm_import_module = $module)]
            unsafe extern "C" {
                #[link_name = $read]
                fn raw_read(reader: u32, component: u64, token: u32, max: u32, ret: *mut u32);
                #[link_name = $cancel_read]
                fn raw_cancel_read(reader: u32) -> u32;
                #[link_name = $write]
                fn raw_write(writer: u32, component: u64, token: u32, count: u32, ret: *mut u8);
                #[link_name = $take_back]
                fn raw_take_back(writer: u32) -> u32;
            }
            pub unsafe fn read(reader: u32, component: u64, token: u32, max: u32, ret: *mut u8) {
                // SAFETY: by this function's own contract, which is the import's. `ret` has room for `result<list<T>, status>`,
                // whose third word is the length of the list.
                unsafe {
                    let ret = ret.cast::<u32>();
                    raw_read(reader, component, token, max, ret);
                    *ret.add(2) = *ret.add(1);
                }
            }
            pub unsafe fn cancel_read(reader: u32, ret: *mut u8) {
                // SAFETY: as for `read`. `ret` has room for a list, whose second word is its length.
                unsafe { *ret.cast::<u32>().add(1) = raw_cancel_read(reader) }
            }
            pub unsafe fn write(writer: u32, component: u64, token: u32, _: *const u8, count: usize, ret: *mut u8) {
                // SAFETY: as for `read`.
                unsafe { raw_write(writer, component, token, count as u32, ret) }
            }
            pub unsafe fn take_back(writer: u32, ret: *mut u8) {
                // SAFETY: as for `cancel_read`.
                unsafe { *ret.cast::<u32>().add(1) = raw_take_back(writer) }
            }
        }
    };
}

/// The pipe of the build machine, where generated code is compiled but never run.
#[doc(hidden)]
#[cfg(not(target_family = "wasm"))]
pub const ABSENT_PIPE: Pipe = {
    const MESSAGE: &str = "pipes are there in a component only";
    Pipe {
        name: "",
        link: || unreachable!("{MESSAGE}"),
        new: |_| unreachable!("{MESSAGE}"),
        read: |_, _, _, _, _| unreachable!("{MESSAGE}"),
        cancel_read: |_, _| unreachable!("{MESSAGE}"),
        drop_reader: |_| unreachable!("{MESSAGE}"),
        write: |_, _, _, _, _, _| unreachable!("{MESSAGE}"),
        written: |_, _, _, _| unreachable!("{MESSAGE}"),
        cancel_write: |_| unreachable!("{MESSAGE}"),
        take_back: |_, _| unreachable!("{MESSAGE}"),
        drop_writer: |_| unreachable!("{MESSAGE}"),
        takes_lists: false,
    }
};
