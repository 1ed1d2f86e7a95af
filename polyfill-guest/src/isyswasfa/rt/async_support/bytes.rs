//! `isyswasfa:core/bytes`: the pipe behind every `stream<u8>`.

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

/// The raw functions of byte streams.
#[doc(hidden)]
pub static BYTES: &super::Pipe = &imported::PIPE;
