use std::io::{Read, Write, stdin, stdout};
use wasi::filesystem::types::ErrorCode;

fn f() -> Result<(), ErrorCode> {
    let mut input = stdin();
    let mut output = stdout();
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(|_| ErrorCode::Io)?;
    output.write_all(&bytes).map_err(|_| ErrorCode::Io)
}
