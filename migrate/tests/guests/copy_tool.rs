//! Lists directories and copies a file, at offsets.

use wasi::cli::environment;
use wasi::cli::stderr::get_stderr;
use wasi::cli::stdout::get_stdout;
use wasi::filesystem::preopens::get_directories;
use wasi::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags,
};
use wasi::clocks::{monotonic_clock, wall_clock};

struct Tool;

wasi::cli::command::export!(Tool);

fn read_file(dir: &Descriptor, path: &str) -> Result<Vec<u8>, ErrorCode> {
    let file = dir.open_at(
        PathFlags::SYMLINK_FOLLOW,
        path,
        OpenFlags::empty(),
        DescriptorFlags::READ,
    )?;
    let size = file.stat()?.size;
    let mut contents = Vec::new();
    let mut offset = 0;
    loop {
        let (chunk, eof) = file.read(65536, offset)?;
        offset += chunk.len() as u64;
        contents.extend(chunk);
        if eof || offset >= size {
            break;
        }
    }
    Ok(contents)
}

fn write_file(dir: &Descriptor, path: &str, data: &[u8]) -> Result<(), ErrorCode> {
    let file = dir.open_at(
        PathFlags::empty(),
        path,
        OpenFlags::CREATE | OpenFlags::TRUNCATE,
        DescriptorFlags::WRITE,
    )?;
    let mut written = 0;
    while written < data.len() {
        let n = file.write(&data[written..], written as u64)?;
        written += n as usize;
    }
    file.sync()?;
    Ok(())
}

fn list(dir: &Descriptor, indent: usize) -> Result<(), ErrorCode> {
    let entries = dir.read_directory()?;
    while let Some(entry) = entries.read_directory_entry()? {
        let kind = match entry.type_ {
            DescriptorType::Directory => "d",
            DescriptorType::RegularFile => "f",
            DescriptorType::Unknown => "?",
            _ => "o",
        };
        println!("{:indent$}{kind} {}", "", entry.name);
        if entry.type_ == DescriptorType::Directory {
            let sub = dir.open_at(
                PathFlags::empty(),
                &entry.name,
                OpenFlags::DIRECTORY,
                DescriptorFlags::READ,
            )?;
            list(&sub, indent + 2)?;
        }
    }
    Ok(())
}

impl wasi::exports::cli::run::Guest for Tool {
    fn run() -> Result<(), ()> {
        let start = monotonic_clock::now();
        let args = environment::get_arguments();
        let out = get_stdout();
        let err = get_stderr();
        let now = wall_clock::now();
        out.blocking_write_and_flush(format!("{} s\n", now.seconds).as_bytes())
            .unwrap();
        for (dir, name) in get_directories() {
            out.blocking_write_and_flush(format!("{name}:\n").as_bytes()).unwrap();
            if let Err(e) = list(&dir, 0) {
                err.blocking_write_and_flush(format!("error: {e:?}\n").as_bytes())
                    .unwrap();
                return Err(());
            }
            if let Some(path) = args.get(1) {
                match read_file(&dir, path) {
                    Ok(data) => write_file(&dir, "copy", &data).map_err(|_| ())?,
                    Err(ErrorCode::NoEntry) => {}
                    Err(e) => println!("{e:?}"),
                }
            }
        }
        let took = monotonic_clock::now() - start;
        println!("{took} ns, resolution {}", monotonic_clock::resolution());
        Ok(())
    }
}
