//! Ends the program. There is nobody to tell why: this module imports nothing but the core.

use isyswasfa_core::Fault;

/// What a mistake of a guest's becomes: nothing, since it traps.
#[derive(Clone, Copy, Debug)]
pub enum Trapped {}

impl From<Fault> for Trapped {
    #[cold]
    fn from(_: Fault) -> Trapped {
        trap("")
    }
}

/// Traps; a backtrace shows where.
#[cold]
pub fn trap(_message: &str) -> ! {
    std::process::abort()
}
