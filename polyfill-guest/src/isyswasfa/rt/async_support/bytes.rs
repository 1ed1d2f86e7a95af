//! `isyswasfa:core/bytes`: the pipe behind every `stream<u8>`.

use super::StreamReader;

crate::isyswasfa::core_world::keep_core_world!();

mod imported {
    crate::__isyswasfa_pipe! {
        name "stream<u8>";
        link || ();
        module "isyswasfa:core/bytes@0.1.0";
        new "new";
        read "[method]reader.read";
        cancel_read "[method]reader.cancel-read";
        drop_reader "[resource-drop]reader";
        write "[method]writer.write";
        written "[method]writer.written";
        cancel_write "[method]writer.cancel-write";
        take_back "[method]writer.take-back";
        drop_writer "[resource-drop]writer";
    }
}

#[cfg(target_family = "wasm")]
#[link(wasm_import_module = "isyswasfa:core/bytes@0.1.0")]
unsafe extern "C" {
    #[link_name = "[method]reader.unread"]
    fn raw_unread(reader: u32, items: *const u8, count: usize) -> u32;
}

impl StreamReader<u8> {
    /// Gives back the last bytes that a read has taken, so that the writer still has them. It is for readers that find that they
    /// cannot take what was offered. wit-bindgen has nothing like it.
    ///
    /// Returns `false`, and the bytes are lost, if the writer has already been told that they were taken. It has not been told if the
    /// write was there before the read and nothing was awaited since. So first read nothing, which waits for a writer.
    pub fn unread(&mut self, bytes: &[u8]) -> bool {
        // SAFETY: the handle is ours, and of this pipe; the bytes are only read.
        #[cfg(target_family = "wasm")]
        return unsafe { raw_unread(self.handle(), bytes.as_ptr(), bytes.len()) != 0 };
        #[cfg(not(target_family = "wasm"))]
        unreachable!("pipes are there in a component only: {}", bytes.len());
    }
}

/// The raw functions of byte streams.
#[doc(hidden)]
pub static BYTES: &super::Pipe = &imported::PIPE;
