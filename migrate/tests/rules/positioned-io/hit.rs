use wasi::filesystem::types::{Descriptor, ErrorCode};

fn read_all(file: &Descriptor) -> Result<Vec<u8>, ErrorCode> {
    let size = file.stat()?.size;
    let mut contents = Vec::new();
    let mut offset = 0;
    loop {
        let (chunk, eof) = file.read(size - offset, offset)?;
        offset += chunk.len() as u64;
        contents.extend(chunk);
        if eof {
            break;
        }
    }
    Ok(contents)
}

fn write_all(file: &Descriptor, data: &[u8]) -> Result<(), ErrorCode> {
    let mut written = 0;
    while written < data.len() {
        written += file.write(&data[written..], written as u64).expect("room") as usize;
    }
    Ok(())
}

fn head(file: &Descriptor) -> Option<Vec<u8>> {
    match file.read(16, 0) {
        Ok((bytes, _)) => Some(bytes),
        Err(_) => None,
    }
}
