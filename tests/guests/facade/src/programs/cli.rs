//! What the program was started with.

use super::report::Report;
use crate::p2::cli::{environment, stderr, terminal_stderr, terminal_stdin, terminal_stdout};

pub fn check(report: &mut Report) {
    report.line("arguments", &environment::get_arguments()[1..]);
    let mut variables = environment::get_environment();
    variables.sort();
    report.line("variables", variables);
    report.line("folder", environment::initial_cwd());
    report.line(
        "terminals",
        [
            terminal_stdin::get_terminal_stdin().is_some(),
            terminal_stdout::get_terminal_stdout().is_some(),
            terminal_stderr::get_terminal_stderr().is_some(),
        ],
    );
    // Not flushed: it must not be lost.
    let message = stderr::get_stderr();
    report.line("a message", message.check_write().map(|permit| permit > 20));
    report.line("is written", message.write(b"a message\n"));
}
