//! Does with its directory what its argument says, and prints how many bytes that were and how many nanoseconds it took.
//!
//! `read`: reads the file `data` through `read-via-stream`. `write`: writes the file `written` through `write-via-stream`, as many
//! bytes as the second argument says. `walk`: reads every file in every directory of it.

use compat_api::cli::{environment, stdout};
use compat_api::clocks::monotonic_clock;
use compat_api::exports::cli::run::Guest;
use compat_api::filesystem::preopens;
use compat_api::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags,
};
use compat_api::wit_bindgen::StreamResult;
use compat_api::{spawn_local, wit_stream};

/// What one read has room for, and the size of one write.
const ROOM: usize = 256 << 10;
/// What one read of a small file has room for.
const SMALL: usize = 16 << 10;

struct Files;

compat_api::cli::command::export!(Files);

impl Guest for Files {
    async fn run() -> Result<(), ()> {
        let arguments = environment::get_arguments();
        let (directory, _) = preopens::get_directories().pop().ok_or(())?;
        let begin = monotonic_clock::now();
        let bytes = match arguments.get(1).map(String::as_str) {
            Some("read") => read(&directory, "data".into(), ROOM).await,
            Some("write") => {
                let count = arguments.get(2).and_then(|count| count.parse().ok());
                write(&directory, count.ok_or(())?).await
            }
            Some("walk") => walk(&directory).await,
            _ => return Err(()),
        };
        let nanoseconds = monotonic_clock::now() - begin;
        let bytes = bytes.map_err(|_| ())?;
        let (mut out, line) = wit_stream::new();
        let written = stdout::write_via_stream(line);
        out.write_all(format!("{bytes} {nanoseconds}\n").into_bytes())
            .await;
        drop(out);
        written.await.map_err(|_| ())
    }
}

async fn read(directory: &Descriptor, name: String, room: usize) -> Result<usize, ErrorCode> {
    let (path, open) = (PathFlags::empty(), OpenFlags::empty());
    let file = directory
        .open_at(path, name, open, DescriptorFlags::READ)
        .await?;
    let (mut content, ended) = file.read_via_stream(0);
    let (mut bytes, mut room) = (0, Vec::with_capacity(room));
    loop {
        let (result, read) = content.read(room).await;
        bytes += read.len();
        room = read;
        room.clear();
        if let StreamResult::Dropped = result {
            break;
        }
    }
    ended.await?;
    Ok(bytes)
}

async fn write(directory: &Descriptor, count: usize) -> Result<usize, ErrorCode> {
    let file = directory
        .open_at(
            PathFlags::empty(),
            "written".into(),
            OpenFlags::CREATE | OpenFlags::TRUNCATE,
            DescriptorFlags::WRITE,
        )
        .await?;
    let (mut content, reader) = wit_stream::new();
    spawn_local(async move {
        let mut left = count;
        let mut piece = vec![b'x'; ROOM];
        while left > 0 {
            piece.resize(left.min(ROOM), b'x');
            left -= piece.len();
            piece = content.write_all(piece).await;
            if !piece.is_empty() {
                return; // It cannot be written; the other side says why.
            }
        }
    });
    file.write_via_stream(reader, 0).await?;
    Ok(count)
}

async fn walk(directory: &Descriptor) -> Result<usize, ErrorCode> {
    let (entries, ended) = directory.read_directory();
    let entries = entries.collect().await;
    ended.await?;
    let mut bytes = 0;
    for entry in entries {
        if let DescriptorType::Directory = entry.type_ {
            let (path, open) = (PathFlags::empty(), OpenFlags::DIRECTORY);
            let inner = directory
                .open_at(path, entry.name, open, DescriptorFlags::READ)
                .await?;
            bytes += Box::pin(walk(&inner)).await?;
        } else {
            bytes += read(directory, entry.name, SMALL).await?;
        }
    }
    Ok(bytes)
}
