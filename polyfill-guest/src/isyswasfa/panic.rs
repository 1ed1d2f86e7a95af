//! The panic hook of `wasm32-unknown-unknown`, where Rust's own runtime has no stderr.

crate::isyswasfa::core_world::keep_core_world!();

/// Installs a hook that writes the panic's message to `wasi:cli/stderr`.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub fn install() {
    std::panic::set_hook(Box::new(|info| {
        let message = format!("{info}\n");
        // The most bytes that one `blocking-write-and-flush` takes.
        for chunk in message.as_bytes().chunks(4096) {
            stderr::write(chunk);
        }
    }));
}

/// Does nothing: Rust's own runtime writes the message.
#[cfg(all(target_family = "wasm", not(target_os = "unknown")))]
pub fn install() {}

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod stderr {
    #[link(wasm_import_module = "wasi:cli/stderr@0.2.0")]
    unsafe extern "C" {
        #[link_name = "get-stderr"]
        fn get_stderr() -> u32;
    }

    #[link(wasm_import_module = "wasi:io/streams@0.2.0")]
    unsafe extern "C" {
        #[link_name = "[method]output-stream.blocking-write-and-flush"]
        fn blocking_write_and_flush(stream: u32, ptr: *const u8, len: usize, ret: *mut u8);
        #[link_name = "[resource-drop]output-stream"]
        fn drop_output_stream(stream: u32);
    }

    /// Writes up to 4096 bytes. A failure is ignored: the program is about to end, and this was the way to report it.
    pub fn write(bytes: &[u8]) {
        let mut ret = [0u32; 3];
        // SAFETY: the result, `result<_, stream-error>`, fits `ret`; the handle is ours to lend and to drop.
        unsafe {
            let stream = get_stderr();
            blocking_write_and_flush(stream, bytes.as_ptr(), bytes.len(), ret.as_mut_ptr().cast());
            drop_output_stream(stream);
        }
    }
}
