//! What running came to, and the exit status that tells it.

use std::sync::Arc;
use wasmtime_wasi::I32Exit;

/// What running came to.
#[derive(Debug)]
pub enum Outcome {
    /// `run` returned, or the guest called `exit`: the status.
    Exited(u8),
    /// The guest trapped, or was stopped.
    Trapped(Arc<wasmtime::Error>),
}

impl Outcome {
    /// The exit status for a trap: that of a process which aborted itself, as wasmtime has it.
    pub const TRAPPED: u8 = 134;

    /// From what `wasi:cli/run` came to.
    pub fn of_run(result: Result<Result<(), ()>, Arc<wasmtime::Error>>) -> Self {
        match result {
            Ok(Ok(())) => Outcome::Exited(0),
            Ok(Err(())) => Outcome::Exited(1),
            Err(error) => Self::of_error(error),
        }
    }

    /// From what ended a guest: `exit` does so with an error.
    pub fn of_error(error: Arc<wasmtime::Error>) -> Self {
        match error.downcast_ref::<I32Exit>() {
            // Only eight bits reach who waits for a process.
            Some(I32Exit(status)) => Outcome::Exited(*status as u8),
            None => Outcome::Trapped(error),
        }
    }

    /// The status that a process should exit with.
    pub fn status(&self) -> u8 {
        match self {
            Outcome::Exited(status) => *status,
            Outcome::Trapped(_) => Self::TRAPPED,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_has_its_status() {
        assert_eq!(Outcome::of_run(Ok(Ok(()))).status(), 0);
        assert_eq!(Outcome::of_run(Ok(Err(()))).status(), 1);
        let exit = Arc::new(wasmtime::Error::from(I32Exit(7)).context("somewhere"));
        assert_eq!(Outcome::of_run(Err(exit)).status(), 7);
        let trap = Arc::new(wasmtime::Error::from(
            wasmtime::Trap::UnreachableCodeReached,
        ));
        assert_eq!(Outcome::of_error(trap).status(), 134);
    }
}
