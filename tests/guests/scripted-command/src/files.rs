//! What can be done to a file that was opened in some way.

use crate::words::{Line, number, text};
use compat_api::filesystem::preopens;
use compat_api::filesystem::types::{Descriptor, DescriptorFlags, OpenFlags, PathFlags};
use compat_api::wit_stream;
use std::fmt::Write;

/// `file NAME HOW STEP...`: in the first directory that there is. How: `r`, `w`, `c` (create), `t` (truncate), `d` (a directory).
pub async fn file(line: &Line) -> String {
    let directories = preopens::get_directories();
    let Some((directory, _)) = directories.first() else {
        return "no directory".into();
    };
    let name = line.text(1).unwrap_or_default();
    let how = line.text(2).unwrap_or_default();
    let mut flags = DescriptorFlags::empty();
    flags.set(DescriptorFlags::READ, how.contains('r'));
    flags.set(DescriptorFlags::WRITE, how.contains('w'));
    let mut open = OpenFlags::empty();
    open.set(OpenFlags::CREATE, how.contains('c'));
    open.set(OpenFlags::TRUNCATE, how.contains('t'));
    open.set(OpenFlags::DIRECTORY, how.contains('d'));
    let opened = directory.open_at(PathFlags::empty(), name, open, flags);
    let file = match opened.await {
        Ok(file) => file,
        Err(code) => return format!("{code:?}"),
    };
    let mut report = String::new();
    for step in line.steps().skip(2) {
        let came_to = do_to(&file, &step).await;
        write!(report, "{came_to}; ").expect("a string takes all");
    }
    report
}

async fn do_to(file: &Descriptor, step: &[Vec<u8>]) -> String {
    let first = step.get(1).map(|part| number(part)).unwrap_or_default();
    let bytes = step.get(2).cloned().unwrap_or_default();
    match text(&step[0]).as_str() {
        "flags" => format!("{:?}", file.get_flags().await),
        "type" => format!("{:?}", file.get_type().await),
        "size" => format!("{:?}", file.set_size(first).await),
        "stat" => format!("{:?}", file.stat().await.map(|stat| stat.size)),
        "sync" => format!("{:?} {:?}", file.sync_data().await, file.sync().await),
        "read" => {
            let (stream, ended) = file.read_via_stream(first);
            let bytes = stream.collect().await;
            format!("{} {:?}", bytes.escape_ascii(), ended.await)
        }
        // A stream that nobody reads.
        "glance" => {
            let (stream, ended) = file.read_via_stream(first);
            drop(stream);
            format!("{:?}", ended.await)
        }
        "write" => {
            let (mut writer, stream) = wit_stream::new();
            let ended = file.write_via_stream(stream, first);
            let left = writer.write_all(bytes).await.len();
            drop(writer);
            format!("{left} left {:?}", ended.await)
        }
        "append" => {
            let (mut writer, stream) = wit_stream::new();
            let ended = file.append_via_stream(stream);
            let left = writer.write_all(bytes).await.len();
            drop(writer);
            format!("{left} left {:?}", ended.await)
        }
        // A stream that nobody writes.
        "nothing" => {
            let (writer, stream) = wit_stream::new();
            let ended = file.write_via_stream(stream, first);
            drop(writer);
            let (writer, stream) = wit_stream::new();
            let appended = file.append_via_stream(stream);
            drop(writer);
            format!("{:?} {:?}", ended.await, appended.await)
        }
        "list" => {
            let (stream, ended) = file.read_directory();
            let mut names: Vec<_> = stream.collect().await;
            names.sort_by(|a, b| a.name.cmp(&b.name));
            let names: Vec<_> = names.into_iter().map(|entry| entry.name).collect();
            format!("{names:?} {:?}", ended.await)
        }
        other => format!("`{other}` is nothing that can be done"),
    }
}
