use wasip3::filesystem::types::{Descriptor, ErrorCode};

async fn count(directory: &Descriptor) -> Result<usize, ErrorCode> {
    let mut count = 0;
    // All of them.
    let entries = directory.read_directory()?; // opened
    while let Some(_entry) = entries.read_directory_entry()? { // each
        count += 1;
    } // until there are no more
    Ok(count)
}
