//! The terminal interfaces of `wasi:cli`.

use crate::Adapter;
use crate::bindings::p2::cli as p2;
use crate::bindings::p3::cli::{
    terminal_input, terminal_output, terminal_stderr, terminal_stdin, terminal_stdout,
};

/// A terminal that is read from.
pub struct Input {
    _terminal: p2::terminal_input::TerminalInput,
}

/// A terminal that is written to.
pub struct Output {
    _terminal: p2::terminal_output::TerminalOutput,
}

impl terminal_input::GuestTerminalInput for Input {}
impl terminal_output::GuestTerminalOutput for Output {}

impl terminal_input::Guest for Adapter {
    type TerminalInput = Input;
}

impl terminal_output::Guest for Adapter {
    type TerminalOutput = Output;
}

impl terminal_stdin::Guest for Adapter {
    fn get_terminal_stdin() -> Option<terminal_input::TerminalInput> {
        let _terminal = p2::terminal_stdin::get_terminal_stdin()?;
        Some(terminal_input::TerminalInput::new(Input { _terminal }))
    }
}

impl terminal_stdout::Guest for Adapter {
    fn get_terminal_stdout() -> Option<terminal_output::TerminalOutput> {
        let _terminal = p2::terminal_stdout::get_terminal_stdout()?;
        Some(terminal_output::TerminalOutput::new(Output { _terminal }))
    }
}

impl terminal_stderr::Guest for Adapter {
    fn get_terminal_stderr() -> Option<terminal_output::TerminalOutput> {
        let _terminal = p2::terminal_stderr::get_terminal_stderr()?;
        Some(terminal_output::TerminalOutput::new(Output { _terminal }))
    }
}
