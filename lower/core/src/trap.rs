//! Ends the program with a message, where guests' panics go as well: `wasi:cli/stderr`.

use crate::abi::raw;

/// Says why on stderr, then traps.
#[cold]
pub fn trap(message: &str) -> ! {
    let mut text = String::from("isyswasfa: ");
    text.push_str(message);
    text.push('\n');
    // The most that one `blocking-write-and-flush` takes.
    for chunk in text.as_bytes().chunks(4096) {
        let mut ret = [0u32; 3];
        // SAFETY: the result, `result<_, stream-error>`, fits `ret`; the handle is ours to lend and to drop. Failure goes
        // unnoticed: the program is about to end, and this was how to say why.
        unsafe {
            let stream = raw::get_stderr();
            raw::blocking_write_and_flush(
                stream,
                chunk.as_ptr(),
                chunk.len(),
                ret.as_mut_ptr().cast(),
            );
            raw::drop_output_stream(stream);
        }
    }
    std::process::abort()
}
