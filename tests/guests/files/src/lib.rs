//! The rules of `wasi:filesystem`, one line of output for each: what was tried, and what it came to. A directory that is empty
//! and may be written is preopened as `rw`, one with a file `kept` (`content`) in it as `ro`, for reading only.

mod directories;
mod links;
mod metadata;
mod open;
mod streams;

use compat_api::cli::stdout;
use compat_api::exports::cli::run::Guest;
use compat_api::filesystem::preopens;
use compat_api::filesystem::types::{Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags};
use compat_api::wit_stream;
use std::fmt::{Debug, Write};

struct Files;

compat_api::cli::command::export!(Files);

impl Guest for Files {
    async fn run() -> Result<(), ()> {
        let mut directories = preopens::get_directories();
        directories.sort_by(|(_, a), (_, b)| a.cmp(b));
        let mut report = Report::default();
        let names: Vec<_> = directories.iter().map(|(_, name)| name.clone()).collect();
        report.line("preopens", names);
        let [(ro, _), (rw, _)] = <[_; 2]>::try_from(directories).map_err(|_| ())?;

        streams::check(&mut report, &rw, &ro).await;
        open::check(&mut report, &rw, &ro).await;
        directories::check(&mut report, &rw, &ro).await;
        links::check(&mut report, &rw).await;
        metadata::check(&mut report, &rw, &ro).await;

        let (mut out, text) = wit_stream::new();
        let written = stdout::write_via_stream(text);
        out.write_all(report.text.into_bytes()).await;
        drop(out);
        written.await.map_err(|_| ())
    }
}

/// What was found out.
#[derive(Default)]
struct Report {
    text: String,
}

impl Report {
    fn line(&mut self, what: &str, came_to: impl Debug) {
        writeln!(self.text, "{what}: {came_to:?}").expect("a string takes all");
    }

    /// Only whether it went well: what it is, is not for all to agree on.
    fn outcome<T>(&mut self, what: &str, came_to: Result<T, ErrorCode>) {
        self.line(what, came_to.map(drop));
    }
}

async fn open(at: &Descriptor, path: &str, how: OpenFlags) -> Result<Descriptor, ErrorCode> {
    let flags = DescriptorFlags::READ | DescriptorFlags::WRITE;
    at.open_at(PathFlags::SYMLINK_FOLLOW, path.into(), how, flags)
        .await
}

/// A new file with something in it.
async fn create(at: &Descriptor, path: &str, content: &str) -> Descriptor {
    let file = open(at, path, OpenFlags::CREATE | OpenFlags::TRUNCATE)
        .await
        .expect("a new file");
    write(&file, content, 0).await.expect("what can be written");
    file
}

/// Writes from `offset` on.
async fn write(file: &Descriptor, content: &str, offset: u64) -> Result<(), ErrorCode> {
    let (mut data, reader) = wit_stream::new();
    let written = file.write_via_stream(reader, offset);
    data.write_all(content.as_bytes().to_vec()).await;
    drop(data);
    written.await
}

/// Reads from `offset` to the end.
async fn read(file: &Descriptor, offset: u64) -> Result<String, ErrorCode> {
    let (data, ended) = file.read_via_stream(offset);
    let content = data.collect().await;
    ended.await?;
    Ok(String::from_utf8_lossy(&content).into_owned())
}
