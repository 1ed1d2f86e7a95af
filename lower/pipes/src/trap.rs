//! Ends the program. There is nobody to tell why: this module imports nothing but the core.

/// Traps; a backtrace shows where.
#[cold]
pub fn trap(_message: &str) -> ! {
    std::process::abort()
}
