//! What a program finds out.

use crate::p2;
use std::fmt::{Debug, Write};

#[derive(Default)]
pub struct Report {
    text: String,
}

impl Report {
    pub fn line(&mut self, what: &str, came_to: impl Debug) {
        // The bindings of 0.2 have their own indentation in messages.
        let came_to = format!("{came_to:?}").replace("\\n            ", "\\n");
        writeln!(self.text, "{what}: {came_to}").expect("a string takes all");
    }

    waiting! {
        pub fn print(&self) -> Result<(), ()> {
            let stdout = p2::cli::stdout::get_stdout();
            for chunk in self.text.as_bytes().chunks(4096) {
                wait!(stdout.blocking_write_and_flush(chunk)).map_err(drop)?;
            }
            Ok(())
        }
    }
}
