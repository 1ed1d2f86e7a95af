//! The parser of TOML for tables of any depth: dotted keys make a table for each dot.

use crate::engine::FileError;
use crate::stack;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, Error};

pub type Table<'a> = DeTable<'a>;

/// Parses the text, and returns what `read` makes of it.
///
/// # Errors
/// If it does not parse.
pub fn parsed<R: Send>(text: &str, read: impl FnOnce(&Table) -> R + Send) -> Result<R, FileError> {
    stack::with(levels(text)?, || {
        let table = DeTable::parse(text).map_err(|error| file_error(&error))?;
        Ok(read(table.get_ref()))
    })?
}

/// The text as a value.
///
/// # Errors
/// If it does not parse, or is not such a value.
pub fn value<T: DeserializeOwned + Send>(text: &str) -> Result<T, FileError> {
    stack::with(levels(text)?, || {
        toml::from_str(text).map_err(|error| file_error(&error))
    })?
}

fn file_error(error: &Error) -> FileError {
    FileError {
        at: error.span().map_or(0, |range| range.start),
        message: error.message().to_owned(),
    }
}

/// An upper bound of the nesting for [`stack::with`]: the number of characters that can open a table or array.
fn levels(text: &str) -> Result<usize, FileError> {
    let makes = |(_, byte): &(usize, u8)| matches!(byte, b'.' | b'[' | b'{');
    let mut found = text.bytes().enumerate().filter(makes);
    match found.nth(stack::MOST) {
        None => Ok(text.bytes().enumerate().filter(|byte| makes(byte)).count()),
        Some((at, _)) => Err(FileError {
            at,
            message: "too many tables, arrays and dotted keys".to_owned(),
        }),
    }
}
