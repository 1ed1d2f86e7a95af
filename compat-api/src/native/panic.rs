//! Makes panics heard where Rust's own runtime has no stderr: on `wasm32-unknown-unknown`.

/// Installs a hook that writes the panic's message to `wasi:cli/stderr`, once.
///
/// To that of WASI 0.2, whose writes block: those of 0.3 need the event loop, which a panic never comes back to.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub fn install() {
    use crate::native::stderr::get_stderr;
    use std::sync::Once;

    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let message = format!("{info}\n");
            let stderr = get_stderr();
            // The most that one `blocking-write-and-flush` takes.
            for chunk in message.as_bytes().chunks(4096) {
                // Failure goes unnoticed: the program is about to end, and this was how to say why.
                let _ = stderr.blocking_write_and_flush(chunk);
            }
        }));
    });
}

/// Rust's own runtime writes it.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub fn install() {}
