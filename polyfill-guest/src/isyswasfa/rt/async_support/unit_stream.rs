//! `stream` without payload, for guests whose WIT mentions none.

use super::pipe::Pipe;
use super::stream::{StreamOps, raw_stream_new};
use super::{RawStreamReader, RawStreamWriter};
use std::alloc::Layout;

crate::isyswasfa::core_world::keep_core_world!();

mod imported {
    crate::__isyswasfa_pipe! {
        name "stream";
        link || ();
        module "isyswasfa:pipes/stream-unit@0.1.0";
        new "new";
        read "[method]reader.read";
        cancel_read "[method]reader.cancel-read";
        drop_reader "[resource-drop]reader";
        write "[method]writer.write";
        written "[method]writer.written";
        cancel_write "[method]writer.cancel-write";
        take_back "[method]writer.take-back";
        drop_writer "[resource-drop]writer";
        unit _;
    }
}

/// The stand-in for the payload of a `stream` without payload.
#[derive(Copy, Clone, Debug)]
pub struct UnitStreamOps;

impl UnitStreamOps {
    /// Makes such a stream.
    pub fn new() -> (RawStreamWriter<Self>, RawStreamReader<Self>) {
        // SAFETY: the pipe is the one of streams without payload.
        unsafe { raw_stream_new(UnitStreamOps) }
    }
}

// SAFETY: nothing is lowered or lifted.
unsafe impl StreamOps for UnitStreamOps {
    type Payload = ();

    fn pipe(&self) -> &'static Pipe {
        &imported::PIPE
    }
    fn elem_layout(&self) -> Layout {
        Layout::new::<()>()
    }
    fn native_abi_matches_canonical_abi(&self) -> bool {
        true
    }
    fn contains_lists(&self) -> bool {
        false
    }
    fn contains_handles(&self) -> bool {
        false
    }
    unsafe fn lower(&mut self, (): (), _: *mut u8) {}
    unsafe fn dealloc_lists(&mut self, _: *mut u8) {}
    unsafe fn lift(&mut self, _: *mut u8) {}
}
