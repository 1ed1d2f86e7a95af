//! Reads the file `data` of its directory through `read-via-stream`, and prints how many bytes that were and how many nanoseconds
//! it took.

use compat_api::cli::stdout;
use compat_api::clocks::monotonic_clock;
use compat_api::exports::cli::run::Guest;
use compat_api::filesystem::preopens;
use compat_api::filesystem::types::{DescriptorFlags, ErrorCode, OpenFlags, PathFlags};
use compat_api::wit_bindgen::StreamResult;
use compat_api::wit_stream;

/// What one read has room for.
const ROOM: usize = 256 << 10;

struct Read;

compat_api::cli::command::export!(Read);

impl Guest for Read {
    async fn run() -> Result<(), ()> {
        let begin = monotonic_clock::now();
        let bytes = read().await.map_err(|_| ())?;
        let nanoseconds = monotonic_clock::now() - begin;
        let (mut out, line) = wit_stream::new();
        let written = stdout::write_via_stream(line);
        out.write_all(format!("{bytes} {nanoseconds}\n").into_bytes())
            .await;
        drop(out);
        written.await.map_err(|_| ())
    }
}

async fn read() -> Result<usize, ErrorCode> {
    let (directory, _) = preopens::get_directories()
        .pop()
        .ok_or(ErrorCode::NoEntry)?;
    let (path, open) = (PathFlags::empty(), OpenFlags::empty());
    let file = directory
        .open_at(path, "data".into(), open, DescriptorFlags::READ)
        .await?;
    let (mut content, ended) = file.read_via_stream(0);
    let (mut bytes, mut room) = (0, Vec::with_capacity(ROOM));
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
