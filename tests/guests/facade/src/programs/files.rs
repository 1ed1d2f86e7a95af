//! Files and folders.

use super::report::Report;
use crate::p2::clocks::wall_clock::Datetime;
use crate::p2::filesystem::preopens::get_directories;
use crate::p2::filesystem::types::{
    Advice, Descriptor, DescriptorFlags, DescriptorStat, ErrorCode, NewTimestamp, OpenFlags,
    PathFlags, filesystem_error_code,
};
use crate::p2::io::streams::{InputStream, OutputStream, StreamError};

const READ: DescriptorFlags = DescriptorFlags::READ;
const NO_PATH_FLAGS: PathFlags = PathFlags::empty();

waiting! {
    pub fn check(report: &mut Report) {
        let (work, name) = get_directories().pop().expect("a folder");
        report.line("folder", name);
        wait!(contents(report, &work));
        wait!(streams(report, &work));
        wait!(names(report, &work));
        wait!(folders(report, &work));
        wait!(attributes(report, &work));
        wait!(errors(report, &work));
    }

    fn create(work: &Descriptor, name: &str) -> Descriptor {
        let flags = READ | DescriptorFlags::WRITE;
        let open = OpenFlags::CREATE | OpenFlags::TRUNCATE;
        wait!(work.open_at(NO_PATH_FLAGS, name, open, flags)).expect("a new file")
    }

    fn contents(report: &mut Report, work: &Descriptor) {
        let file = wait!(create(work, "file"));
        report.line("type", wait!(file.get_type()));
        report.line("flags", wait!(file.get_flags()));
        report.line("empty", wait!(file.read(10, 0)));
        report.line("write", wait!(file.write(b"hello, world", 0)));
        report.line("write nothing", wait!(file.write(b"", 3)));
        report.line("write in the middle", wait!(file.write(b"W", 7)));
        report.line("read", wait!(file.read(5, 0)));
        report.line("read the end", wait!(file.read(100, 7)));
        report.line("read after the end", wait!(file.read(100, 12)));
        report.line("read nothing", wait!(file.read(0, 0)).map(|(bytes, _)| bytes));
        report.line("advise", wait!(file.advise(0, 5, Advice::Sequential)));
        report.line("sync the data", wait!(file.sync_data()));
        report.line("sync", wait!(file.sync()));
        report.line("shorten", wait!(file.set_size(5)));
        report.line("to this", wait!(file.read(100, 0)));
        report.line("lengthen", wait!(file.set_size(7)));
        report.line("to that", wait!(file.read(100, 0)));
        let large: Vec<u8> = (0..300_000_u32).map(|at| (at % 251) as u8).collect();
        let mut written = 0;
        while written < large.len() {
            written += wait!(file.write(&large[written..], written as u64)).expect("room") as usize;
        }
        let mut read = Vec::new();
        loop {
            let (bytes, end) = wait!(file.read(100_000, read.len() as u64)).expect("it is a file");
            read.extend(bytes);
            if end {
                break;
            }
        }
        report.line("a large file is the same", read == large);
    }

    fn rest(stream: InputStream) -> (usize, Vec<u8>, String) {
        let (mut count, mut first) = (0, Vec::new());
        loop {
            match wait!(stream.blocking_read(1000)) {
                Ok(bytes) => {
                    count += bytes.len();
                    let wanted = 10_usize.saturating_sub(first.len()).min(bytes.len());
                    first.extend_from_slice(&bytes[..wanted]);
                }
                Err(StreamError::Closed) => return (count, first, "the end".to_owned()),
                Err(StreamError::LastOperationFailed(error)) => {
                    return (count, first, format!("{:?}", filesystem_error_code(&error)));
                }
            }
        }
    }

    fn write_all(stream: &OutputStream, mut bytes: &[u8]) -> Result<(), StreamError> {
        while !bytes.is_empty() {
            wait!(stream.subscribe().block());
            let permit = stream.check_write()?.min(bytes.len() as u64) as usize;
            stream.write(&bytes[..permit])?;
            bytes = &bytes[permit..];
        }
        stream.flush()?;
        wait!(stream.subscribe().block());
        stream.check_write().map(drop)
    }

    fn streams(report: &mut Report, work: &Descriptor) {
        let file = wait!(create(work, "streams"));
        let stream = file.write_via_stream(3).expect("it can be written");
        report.line("write", wait!(stream.blocking_write_and_flush(b"some bytes")));
        report.line("which are there", wait!(file.read(20, 0)));
        report.line("write on", wait!(stream.blocking_write_and_flush(b", and more")));
        report.line("which are there too", wait!(file.stat()).map(|stat| stat.size));
        let large = vec![b'-'; 200_000];
        report.line("write a lot", wait!(write_all(&stream, &large)));
        drop(stream);
        report.line("how much", wait!(file.stat()).map(|stat| stat.size));
        report.line("all of it", wait!(rest(file.read_via_stream(0).expect("it can be read"))));
        report.line("from a place on", wait!(rest(file.read_via_stream(5).expect("it can be read"))));
        report.line("from the end on", wait!(rest(file.read_via_stream(200_023).expect("it can be read"))));
        report.line("beyond it", wait!(rest(file.read_via_stream(300_000).expect("it can be read"))));
        let (one, other) = (
            file.append_via_stream().expect("it can be written"),
            file.append_via_stream().expect("it can be written"),
        );
        report.line("append", wait!(one.blocking_write_and_flush(b"one")));
        report.line("append there", wait!(other.blocking_write_and_flush(b"two")));
        report.line("append again", wait!(one.blocking_write_and_flush(b"three")));
        report.line("at the end", wait!(file.read(20, 200_023)));
        // Not flushed: it must not be lost.
        let last = wait!(create(work, "last"));
        let stream = last.write_via_stream(0).expect("it can be written");
        report.line("the last words", stream.check_write().map(|permit| permit > 5).and_then(|_| stream.write(b"words")));
    }

    fn names(report: &mut Report, work: &Descriptor) {
        drop(wait!(create(work, "old")));
        report.line("rename", wait!(work.rename_at("old", work, "new")));
        report.line("the old name", wait!(work.stat_at(NO_PATH_FLAGS, "old")).map(kind));
        report.line("the new name", wait!(work.stat_at(NO_PATH_FLAGS, "new")).map(kind));
        report.line("link", wait!(work.link_at(NO_PATH_FLAGS, "new", work, "other")));
        report.line("has two names", wait!(work.stat_at(NO_PATH_FLAGS, "new")).map(|stat| stat.link_count));
        report.line("symbolic link", wait!(work.symlink_at("new", "symbolic")));
        report.line("leads to", wait!(work.readlink_at("symbolic")));
        report.line("is", wait!(work.stat_at(NO_PATH_FLAGS, "symbolic")).map(kind));
        report.line("of", wait!(work.stat_at(PathFlags::SYMLINK_FOLLOW, "symbolic")).map(kind));
        let open = |name: &'static str| work.open_at(NO_PATH_FLAGS, name, OpenFlags::empty(), READ);
        let (one, other, third) = (
            wait!(open("new")).expect("it is there"),
            wait!(open("other")).expect("it is there"),
            wait!(open("file")).expect("it is there"),
        );
        report.line("the same", wait!(one.is_same_object(&other)));
        report.line("not the same", wait!(one.is_same_object(&third)));
        let hashes = (
            wait!(one.metadata_hash()).expect("a hash"),
            wait!(work.metadata_hash_at(NO_PATH_FLAGS, "other")).expect("a hash"),
            wait!(third.metadata_hash()).expect("a hash"),
        );
        report.line("same hash", (hashes.0.lower, hashes.0.upper) == (hashes.1.lower, hashes.1.upper));
        report.line("other hash", (hashes.0.lower, hashes.0.upper) != (hashes.2.lower, hashes.2.upper));
        for name in ["new", "other", "symbolic"] {
            report.line("remove", wait!(work.unlink_file_at(name)));
        }
    }

    fn folders(report: &mut Report, work: &Descriptor) {
        report.line("make a folder", wait!(work.create_directory_at("folder")));
        report.line("again", wait!(work.create_directory_at("folder")));
        let open = OpenFlags::DIRECTORY;
        let folder = wait!(work.open_at(NO_PATH_FLAGS, "folder", open, READ | DescriptorFlags::MUTATE_DIRECTORY));
        let folder = folder.expect("it is there");
        report.line("type", wait!(folder.get_type()));
        report.line("which is empty", wait!(list(&folder)));
        for number in 0..100 {
            drop(wait!(create(&folder, &format!("file-{number}"))));
        }
        wait!(folder.create_directory_at("inner")).expect("a folder");
        let found = wait!(list(&folder));
        report.line("has", found.len());
        report.line("first and last", (found.first(), found.last()));
        report.line("remove it", wait!(work.remove_directory_at("folder")));
        for (name, _) in found.iter().filter(|(name, _)| name != "inner") {
            wait!(folder.unlink_file_at(name)).expect("it is there");
        }
        report.line("remove the inner one", wait!(folder.remove_directory_at("inner")));
        drop(folder);
        report.line("remove it now", wait!(work.remove_directory_at("folder")));
    }

    fn list(folder: &Descriptor) -> Vec<(String, String)> {
        let entries = folder.read_directory().expect("it is a folder");
        let mut found = Vec::new();
        while let Some(entry) = wait!(entries.read_directory_entry()).expect("it is a folder") {
            found.push((entry.name, format!("{:?}", entry.type_)));
        }
        assert!(wait!(entries.read_directory_entry()).expect("it is still one").is_none());
        found.sort();
        found
    }

    fn attributes(report: &mut Report, work: &Descriptor) {
        let file = wait!(create(work, "times"));
        let at = |seconds| NewTimestamp::Timestamp(Datetime { seconds, nanoseconds: 5 });
        report.line("set times", wait!(file.set_times(at(1000), at(2000))));
        report.line("which are", wait!(file.stat()).map(times));
        report.line("by name", wait!(work.set_times_at(NO_PATH_FLAGS, "times", NewTimestamp::NoChange, at(3000))));
        report.line("which are", wait!(work.stat_at(NO_PATH_FLAGS, "times")).map(times));
        report.line("now", wait!(file.set_times(NewTimestamp::Now, NewTimestamp::Now)));
        report.line("is later", wait!(file.stat()).map(|stat| times(stat).0 > Some((1_700_000_000, 0))));
    }

    fn errors(report: &mut Report, work: &Descriptor) {
        let open = |name: &'static str, open, flags| work.open_at(NO_PATH_FLAGS, name, open, flags);
        report.line("not there", wait!(open("nothing", OpenFlags::empty(), READ)).map(drop));
        report.line("there already", wait!(open("file", OpenFlags::CREATE | OpenFlags::EXCLUSIVE, READ)).map(drop));
        report.line("no folder", wait!(open("file", OpenFlags::DIRECTORY, READ)).map(drop));
        report.line("outside", wait!(open("../secret", OpenFlags::empty(), READ)).map(drop));
        report.line("remove nothing", wait!(work.unlink_file_at("nothing")));
        report.line("remove a file as a folder", wait!(work.remove_directory_at("file")));
        report.line("no link", wait!(work.readlink_at("file")));
        let name = ErrorCode::NoEntry;
        report.line("in words", (name.name(), name.message(), name.to_string()));
        // 0.2 refuses at once, 0.3 at the first read or write.
        let file = wait!(open("file", OpenFlags::empty(), READ)).expect("it is there");
        let written = match file.write_via_stream(0) {
            Err(code) => Some(code),
            Ok(stream) => match wait!(stream.blocking_write_and_flush(b"x")) {
                Err(StreamError::LastOperationFailed(error)) => filesystem_error_code(&error),
                other => panic!("it was written: {other:?}"),
            },
        };
        report.line("not to be written", written);
        report.line("not at all", wait!(file.write(b"x", 0)));
        report.line("nor its size", wait!(file.set_size(1)));
        let read = match work.read_via_stream(0) {
            Err(code) => Some(code),
            Ok(stream) => match wait!(stream.blocking_read(1)) {
                Err(StreamError::LastOperationFailed(error)) => filesystem_error_code(&error),
                other => panic!("it was read: {other:?}"),
            },
        };
        report.line("a folder is not to be read", read.is_some());
        report.line("a folder has no contents", wait!(work.read(1, 0)).is_err());
        let listed = match file.read_directory() {
            Err(code) => Some(code),
            Ok(entries) => wait!(entries.read_directory_entry()).err(),
        };
        report.line("a file has no entries", listed.is_some());
    }
}

fn kind(stat: DescriptorStat) -> String {
    format!("{:?}", stat.type_)
}

/// Seconds and nanoseconds.
type Time = (u64, u32);

fn times(stat: DescriptorStat) -> (Option<Time>, Option<Time>) {
    let pair = |time: Datetime| (time.seconds, time.nanoseconds);
    (
        stat.data_access_timestamp.map(pair),
        stat.data_modification_timestamp.map(pair),
    )
}
