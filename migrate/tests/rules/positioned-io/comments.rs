use wasip3::filesystem::types::{Descriptor, ErrorCode};

async fn head(file: &Descriptor) -> Result<Vec<u8>, ErrorCode> {
    // The first bytes.
    let (bytes, _) = file.read(16 /* bytes */, /* from */ 0)?; // at most
    Ok(bytes)
}
