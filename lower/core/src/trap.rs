//! Messages of the core's own, where guests' panics go as well: `wasi:cli/stderr`. Most of them end the program.

use crate::abi::raw;
use isyswasfa_core::Fault;

/// What a mistake of a guest's becomes: nothing, since it traps.
#[derive(Clone, Copy, Debug)]
pub enum Trapped {}

impl From<Fault> for Trapped {
    #[cold]
    fn from(fault: Fault) -> Trapped {
        trap(&fault.to_string())
    }
}

/// Says why on stderr, then traps.
#[cold]
pub fn trap(message: &str) -> ! {
    if cfg!(target_family = "wasm") {
        say(message);
        std::process::abort()
    }
    // A test looks what was said.
    panic!("{message}")
}

/// Says something on stderr.
#[cold]
pub fn say(message: &str) {
    let mut text = String::from("isyswasfa: ");
    text.push_str(message);
    text.push('\n');
    // The most that one `blocking-write-and-flush` takes.
    for chunk in text.as_bytes().chunks(4096) {
        let mut ret = [0u32; 3];
        // SAFETY: the result, `result<_, stream-error>`, fits `ret`; the handle is ours to lend and to drop. Failure goes
        // unnoticed: there is no other way to say so.
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
}
