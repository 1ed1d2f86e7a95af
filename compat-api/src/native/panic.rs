//! The panic hook of `wasm32-unknown-unknown`, where Rust's own runtime has no stderr.

/// Installs a hook that writes the panic's message to `wasi:cli/stderr`, once.
///
/// It is the stderr of WASI 0.2, whose writes block. Those of 0.3 need the event loop, which does not run again after a panic.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub fn install() {
    use crate::native::stderr::get_stderr;
    use std::sync::Once;

    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let message = format!("{info}\n");
            let stderr = get_stderr();
            // The most bytes that one `blocking-write-and-flush` takes.
            for chunk in message.as_bytes().chunks(4096) {
                // A failure is ignored: the program is about to end, and this was the way to report it.
                let _ = stderr.blocking_write_and_flush(chunk);
            }
        }));
    });
}

/// Does nothing: Rust's own runtime writes the message.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub fn install() {}
