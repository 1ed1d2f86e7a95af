//! Opening: flags, permissions, and where paths lead.

use super::{Report, create, open, read};
use compat_api::filesystem::types::{Descriptor, DescriptorFlags, OpenFlags, PathFlags};

pub async fn check(report: &mut Report, rw: &Descriptor, ro: &Descriptor) {
    let none = OpenFlags::empty();
    report.outcome("open what is not there", open(rw, "absent", none).await);
    report.outcome("create", open(rw, "new", OpenFlags::CREATE).await);
    report.outcome(
        "create what is there",
        open(rw, "new", OpenFlags::CREATE).await,
    );
    let exclusive = OpenFlags::CREATE | OpenFlags::EXCLUSIVE;
    report.outcome("create only if it is new", open(rw, "new", exclusive).await);
    drop(create(rw, "full", "content").await);
    let truncated = open(rw, "full", OpenFlags::TRUNCATE).await;
    report.line("truncate", read(&truncated.expect("a file"), 0).await);
    report.outcome(
        "a file as a directory",
        open(rw, "full", OpenFlags::DIRECTORY).await,
    );
    report.outcome("a directory for writing", open(rw, ".", none).await);
    let reading = DescriptorFlags::READ;
    let how = |path: &str, how, flags| rw.open_at(PathFlags::empty(), path.into(), how, flags);
    report.outcome("a directory for reading", how(".", none, reading).await);
    report.outcome(
        "the same, asked for",
        how(".", OpenFlags::DIRECTORY, reading).await,
    );
    report.outcome("below a file", how("full/x", none, reading).await);
    report.outcome("an empty path", how("", none, reading).await);
    report.outcome(
        "a slash at the end of a file",
        how("full/", none, reading).await,
    );

    // Out of the directory.
    for path in [
        "/",
        "/etc/passwd",
        "..",
        "../x",
        "new/../../x",
        "sub/../../x",
    ] {
        report.outcome(&format!("open `{path}`"), how(path, none, reading).await);
    }
    rw.create_directory_at("sub".into())
        .await
        .expect("a directory");
    report.outcome("there and back", how("sub/../new", none, reading).await);
    report.outcome("`.` in between", how("./sub/./../new", none, reading).await);

    // For reading only.
    let kept = |how, flags| ro.open_at(PathFlags::empty(), "kept".into(), how, flags);
    report.outcome("read only: read", kept(none, reading).await);
    report.outcome("read only: write", kept(none, DescriptorFlags::WRITE).await);
    report.outcome(
        "read only: truncate",
        kept(OpenFlags::TRUNCATE, reading).await,
    );
    report.outcome(
        "read only: create what is there",
        kept(OpenFlags::CREATE, reading).await,
    );
    report.outcome(
        "read only: create",
        open(ro, "other", OpenFlags::CREATE).await,
    );
    let mutate = DescriptorFlags::READ | DescriptorFlags::MUTATE_DIRECTORY;
    let widened = ro
        .open_at(PathFlags::empty(), ".".into(), none, mutate)
        .await;
    report.outcome("read only: a directory to be changed", widened);

    // What a descriptor says of itself.
    report.line("flags of the directory", rw.get_flags().await);
    report.line("flags of the one for reading", ro.get_flags().await);
    let file = how("new", none, reading).await.expect("a file");
    report.line("flags of a file for reading", file.get_flags().await);
    let file = open(rw, "new", none).await.expect("a file");
    report.line("flags of a file for both", file.get_flags().await);
    report.line("type of a file", file.get_type().await);
    report.line("type of a directory", rw.get_type().await);
    report.outcome(
        "open below a file's descriptor",
        open(&file, "x", none).await,
    );
}
