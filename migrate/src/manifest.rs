//! Parses TOML, however deeply its tables are nested: dotted keys make a table for each dot.

use crate::engine::FileError;
use crate::stack;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, Error};

pub type Table<'a> = DeTable<'a>;

/// What `read` makes of the parsed text.
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
/// If it does not parse, or is no such value.
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

/// More than there are: what makes a table or array, wherever it stands. For [`stack::with`].
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
