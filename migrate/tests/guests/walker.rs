//! Walks the preopened folders and adds up sizes, on `wasip2` without std's file system.

use wasip2::filesystem::preopens;
use wasip2::filesystem::types::{Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags};

struct Walker;

wasip2::cli::command::export!(Walker);

impl wasip2::exports::cli::run::Guest for Walker {
    fn run() -> Result<(), ()> {
        let mut total = 0;
        for (descriptor, path) in preopens::get_directories() {
            match size_of(&descriptor, "notes.txt") {
                Ok(size) => total += size,
                Err(ErrorCode::NoEntry) => println!("{path}: nothing"),
                Err(error) => println!("{path}: {error:?}"),
            }
            let flags = match descriptor.get_flags() {
                Ok(flags) => flags,
                Err(_) => continue,
            };
            println!("{path} writable: {}", flags.contains(DescriptorFlags::MUTATE_DIRECTORY));
        }
        println!("{total} bytes");
        Ok(())
    }
}

fn size_of(folder: &Descriptor, name: &str) -> Result<u64, ErrorCode> {
    let file = folder.open_at(PathFlags::SYMLINK_FOLLOW, name, OpenFlags::empty(), DescriptorFlags::READ)?;
    let stat = file.stat()?;
    if matches!(stat.type_, DescriptorType::Directory) {
        return Ok(0);
    }
    if let Some(modified) = stat.data_modification_timestamp {
        println!("{name}: modified {}", modified.seconds);
    }
    file.sync()?;
    Ok(stat.size)
}
