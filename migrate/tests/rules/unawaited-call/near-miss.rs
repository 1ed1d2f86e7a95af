use std::fs::File;
use wasi::filesystem::types::ErrorCode;

fn f(file: &File) -> Result<(), ErrorCode> {
    file.sync();
    Ok(())
}
