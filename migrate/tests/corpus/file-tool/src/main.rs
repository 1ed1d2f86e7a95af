//! Lists, copies and measures files below the preopened directories.

use std::collections::BTreeMap;
use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, ErrorCode, Filesize, OpenFlags, PathFlags,
};

type Fallible<T = ()> = Result<T, ErrorCode>;

#[derive(Default, Debug)]
struct Totals {
    files: u64,
    bytes: Filesize,
    by_type: BTreeMap<String, u64>,
}

impl Totals {
    fn add(&mut self, stat: &DescriptorStat) {
        self.files += 1;
        self.bytes += stat.size;
        *self.by_type.entry(format!("{:?}", stat.type_)).or_insert(0) += 1;
    }
}

fn entries(directory: &Descriptor) -> Fallible<Vec<DirectoryEntry>> {
    let stream = directory.read_directory()?;
    let mut all = Vec::new();
    while let Some(entry) = stream.read_directory_entry()? {
        all.push(entry);
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

fn open_in(directory: &Descriptor, name: &str, flags: OpenFlags) -> Fallible<Descriptor> {
    let access = if flags.contains(OpenFlags::CREATE) {
        DescriptorFlags::READ | DescriptorFlags::WRITE
    } else {
        DescriptorFlags::READ
    };
    directory.open_at(PathFlags::SYMLINK_FOLLOW, name, flags, access)
}

fn walk(directory: &Descriptor, depth: usize, totals: &mut Totals) -> Fallible {
    for entry in entries(directory)? {
        println!("{}{}", "  ".repeat(depth), entry.name);
        let stat = directory.stat_at(PathFlags::empty(), &entry.name)?;
        totals.add(&stat);
        if entry.type_ == DescriptorType::Directory {
            let inner = open_in(directory, &entry.name, OpenFlags::DIRECTORY)?;
            walk(&inner, depth + 1, totals)?;
        }
    }
    Ok(())
}

/// The content, read in pieces at offsets.
fn content(file: &Descriptor) -> Fallible<Vec<u8>> {
    let size = file.stat()?.size;
    let mut all = Vec::with_capacity(size as usize);
    loop {
        let (bytes, is_end) = file.read(4096, all.len() as Filesize)?;
        all.extend_from_slice(&bytes);
        if is_end {
            return Ok(all);
        }
    }
}

fn store(file: &Descriptor, bytes: &[u8]) -> Fallible {
    let mut offset = 0;
    while offset < bytes.len() {
        offset += file.write(&bytes[offset..], offset as Filesize)? as usize;
    }
    file.set_size(bytes.len() as Filesize)?;
    file.sync()
}

fn append(file: &Descriptor, text: &str) -> Fallible {
    let stream = file.append_via_stream()?;
    stream.blocking_write_and_flush(text.as_bytes()).map_err(|_| ErrorCode::Io)?;
    Ok(())
}

fn copy(directory: &Descriptor, from: &str, to: &str) -> Fallible<usize> {
    let source = open_in(directory, from, OpenFlags::empty())?;
    let bytes = content(&source)?;
    let target = open_in(directory, to, OpenFlags::CREATE | OpenFlags::TRUNCATE)?;
    store(&target, &bytes)?;
    append(&target, "\n")?;
    let same = source.is_same_object(&target);
    assert!(!same, "a file was copied to itself");
    Ok(bytes.len())
}

fn tidy(directory: &Descriptor) -> Fallible {
    match directory.unlink_file_at("old") {
        Ok(()) | Err(ErrorCode::NoEntry) => {}
        Err(code) => return Err(code),
    }
    if let Err(code) = directory.create_directory_at("kept") {
        if code != ErrorCode::Exist {
            return Err(code);
        }
    }
    directory.rename_at("copy", directory, "kept/copy")
}

fn main() -> Result<(), String> {
    let mut totals = Totals::default();
    for (directory, name) in get_directories() {
        println!("{name}");
        walk(&directory, 1, &mut totals).map_err(|code| format!("{name}: {}", code.message()))?;
        if let Ok(count) = copy(&directory, "original", "copy") {
            println!("copied {count} bytes");
            tidy(&directory).map_err(|code| code.name().to_owned())?;
        }
        let hash = directory.metadata_hash().map(|hash| hash.lower ^ hash.upper);
        println!("{}", hash.is_ok());
    }
    println!("{totals:?}");
    Ok(())
}
