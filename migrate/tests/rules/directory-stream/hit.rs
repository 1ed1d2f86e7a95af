use wasi::filesystem::types::{Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags};

fn walk(directory: &Descriptor, depth: usize) -> Result<usize, ErrorCode> {
    let mut count = 0;
    let entries = directory.read_directory()?;
    while let Some(entry) = entries.read_directory_entry()? {
        count += 1;
        if entry.type_ == DescriptorType::Directory {
            let inner = directory.open_at(PathFlags::empty(), &entry.name, OpenFlags::DIRECTORY, DescriptorFlags::READ)?;
            count += walk(&inner, depth + 1)?;
        }
    }
    Ok(count)
}

fn names(directory: &Descriptor) -> Vec<String> {
    let mut names = Vec::new();
    let entries = directory.read_directory().unwrap();
    while let Ok(Some(entry)) = entries.read_directory_entry() {
        names.push(entry.name);
    }
    names
}

fn first(directory: &Descriptor) -> Option<String> {
    let entries = directory.read_directory().ok()?;
    entries.read_directory_entry().ok()?.map(|entry| entry.name)
}
