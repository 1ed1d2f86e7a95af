//! The outcome of a run, and its exit status.

use std::sync::Arc;
use wasmtime_wasi::I32Exit;

/// The outcome of a run.
#[derive(Debug)]
pub enum Outcome {
    /// `run` returned, or the guest called `exit`: the status.
    Exited(u8),
    /// The guest trapped, or was stopped.
    Trapped(Arc<wasmtime::Error>),
}

impl Outcome {
    /// The exit status for a trap: that of an aborted process, as wasmtime has it.
    pub const TRAPPED: u8 = 134;

    /// From the result of `wasi:cli/run`.
    pub fn of_run(result: Result<Result<(), ()>, Arc<wasmtime::Error>>) -> Self {
        match result {
            Ok(Ok(())) => Outcome::Exited(0),
            Ok(Err(())) => Outcome::Exited(1),
            Err(error) => Self::of_error(error),
        }
    }

    /// From the error that ended a guest; `exit` is such an error.
    pub fn of_error(error: Arc<wasmtime::Error>) -> Self {
        match error.downcast_ref::<I32Exit>() {
            // Exit statuses have eight bits.
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
