//! Reading and writing files.

use super::{Report, create, open, read, write};
use compat_api::filesystem::types::{Descriptor, DescriptorFlags, OpenFlags, PathFlags};
use compat_api::wit_bindgen::StreamResult;
use compat_api::wit_stream;

pub async fn check(report: &mut Report, rw: &Descriptor, ro: &Descriptor) {
    let file = create(rw, "stream", "hello world").await;
    report.line("read all", read(&file, 0).await);
    report.line("read from the middle", read(&file, 6).await);
    report.line("read from the end", read(&file, 11).await);
    report.line("read from behind the end", read(&file, 100).await);

    report.line("write in the middle", write(&file, "there", 6).await);
    report.line("which leaves the rest", read(&file, 0).await);
    report.line("write behind the end", write(&file, "!", 13).await);
    report.line("which fills with zeros", read(&file, 0).await);
    report.line("write nothing", write(&file, "", 50).await);
    report.line("which changes nothing", size(&file).await);

    append(report, &file, "one").await;
    append(report, &file, "two").await;
    report.line("appended in order", read(&file, 11).await);

    // Two at once, each where it is.
    let (mut first, ended) = file.read_via_stream(0);
    let (mut second, second_ended) = file.read_via_stream(6);
    let (result, bytes) = first.read(Vec::with_capacity(2)).await;
    report.line("two bytes of one stream", (result, bytes));
    let (result, bytes) = second.read(Vec::with_capacity(3)).await;
    report.line("three bytes of another", (result, bytes));
    let (result, bytes) = first.read(Vec::with_capacity(2)).await;
    report.line("and of the first again", (result, bytes));
    drop((first, second));
    report.line("a stream dropped in between ends well", ended.await);
    report.line("and so does the other", second_ended.await);

    large(report, rw).await;

    // Misuse.
    report.line("read a directory's bytes", read(rw, 0).await);
    report.line("write to a directory", write(rw, "x", 0).await);
    append(report, rw, "x").await;
    let kept = ro.open_at(
        PathFlags::empty(),
        "kept".into(),
        OpenFlags::empty(),
        DescriptorFlags::READ,
    );
    let kept = kept.await.expect("the file that is kept");
    report.line("read a file for reading only", read(&kept, 0).await);
    report.line("write to it", write(&kept, "x", 0).await);
    report.line("write nothing to it", write(&kept, "", 0).await);
    append(report, &kept, "x").await;

    // Whoever writes learns that nobody takes it.
    let (mut data, reader) = wit_stream::new();
    let refused = rw.write_via_stream(reader, 0);
    report.line("the future of a refused write", refused.await);
    let left = data.write_all(vec![1, 2, 3]).await;
    report.line("nobody took what was to be written", left);

    // The streams outlive the handle.
    let file = open(rw, "stream", OpenFlags::empty())
        .await
        .expect("a file");
    let (mut data, ended) = file.read_via_stream(0);
    drop(file);
    let (result, bytes) = data.read(Vec::with_capacity(5)).await;
    report.line("read after the handle was dropped", (result, bytes));
    drop(data);
    report.line("which ends well", ended.await);
}

async fn append(report: &mut Report, file: &Descriptor, content: &str) {
    let (mut data, reader) = wit_stream::new();
    let written = file.append_via_stream(reader);
    data.write_all(content.as_bytes().to_vec()).await;
    drop(data);
    report.line("append", written.await);
}

async fn size(file: &Descriptor) -> Result<u64, compat_api::filesystem::types::ErrorCode> {
    Ok(file.stat().await?.size)
}

/// More than any buffer holds, both ways.
async fn large(report: &mut Report, rw: &Descriptor) {
    let file = create(rw, "large", "").await;
    let content: Vec<u8> = (0..1 << 20).map(|at| (at % 251) as u8).collect();
    let (mut data, reader) = wit_stream::new();
    let written = file.write_via_stream(reader, 0);
    let left = data.write_all(content.clone()).await;
    drop(data);
    report.line("a megabyte is written", (left.len(), written.await));
    report.line("and all there", size(&file).await);
    let (mut data, ended) = file.read_via_stream(0);
    let mut back = Vec::new();
    loop {
        let (result, bytes) = data.read(Vec::with_capacity(10_000)).await;
        back.extend(bytes);
        if result == StreamResult::Dropped {
            break;
        }
    }
    report.line("and comes back", (back == content, ended.await));
}
