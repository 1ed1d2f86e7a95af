//! Making, listing, renaming and removing.

use super::{Report, create, open, read};
use compat_api::filesystem::types::{Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags};

pub async fn check(report: &mut Report, rw: &Descriptor, ro: &Descriptor) {
    let make = |path: &str| rw.create_directory_at(path.into());
    report.line("make a directory", make("dir").await);
    report.line("make it again", make("dir").await);
    report.line("make one below what is not there", make("absent/dir").await);
    report.line("make one outside", make("../dir").await);
    report.line(
        "make one for reading only",
        ro.create_directory_at("dir".into()).await,
    );
    let dir = directory(rw, "dir").await.expect("a directory");
    report.line("list an empty directory", list(&dir).await);
    for number in 0..100 {
        drop(create(&dir, &format!("file-{number:02}"), "x").await);
    }
    let names = list(&dir)
        .await
        .map(|names| (names.len(), names.first().cloned()));
    report.line("list a hundred files", names);

    let (mut entries, ended) = dir.read_directory();
    report.line("the first entry is there", entries.next().await.is_some());
    drop(entries);
    report.line("the rest is not wanted", ended.await);
    let file = open(rw, "dir/file-00", OpenFlags::empty())
        .await
        .expect("a file");
    report.line("list a file", list(&file).await);

    let remove = |path: &str| rw.remove_directory_at(path.into());
    let unlink = |path: &str| rw.unlink_file_at(path.into());
    report.line("remove a directory that is not empty", remove("dir").await);
    report.line("remove a file as a directory", remove("dir/file-00").await);
    report.line("remove what is not there", remove("absent").await);
    let unlinked = unlink("dir").await;
    // Systems differ in what they say.
    report.line("unlink a directory fails", unlinked.is_err());
    report.line("unlink a file", unlink("dir/file-00").await);
    report.line("unlink it again", unlink("dir/file-00").await);
    report.line("unlink outside", unlink("../x").await);
    report.line(
        "unlink for reading only",
        ro.unlink_file_at("kept".into()).await,
    );
    report.line("an unlinked file is still open", read(&file, 0).await);

    drop(create(rw, "a", "this is a").await);
    drop(create(rw, "b", "this is b").await);
    let rename = |from: &str, to: &str| rw.rename_at(from.into(), rw, to.into());
    report.line("rename", rename("a", "c").await);
    report.outcome(
        "the old name is gone",
        open(rw, "a", OpenFlags::empty()).await,
    );
    report.line("rename over another", rename("c", "b").await);
    let b = open(rw, "b", OpenFlags::empty()).await.expect("a file");
    report.line("which is replaced", read(&b, 0).await);
    report.line("rename what is not there", rename("absent", "x").await);
    report.line(
        "rename into another directory",
        rw.rename_at("b".into(), &dir, "b".into()).await,
    );
    report.line("rename to the outside", rename("dir/b", "../b").await);
    report.line(
        "rename into what is for reading only",
        rw.rename_at("dir/b".into(), ro, "b".into()).await,
    );
    report.line(
        "rename a file over a directory",
        rename("dir/b", "sub").await,
    );
    report.line(
        "rename a directory over a file",
        rename("sub", "dir/b").await,
    );
    report.line(
        "rename at a file",
        file.rename_at("x".into(), rw, "y".into()).await,
    );

    for name in list(&dir).await.expect("a list") {
        dir.unlink_file_at(name).await.expect("a file to unlink");
    }
    report.line("remove an emptied directory", remove("dir").await);
}

async fn directory(at: &Descriptor, path: &str) -> Result<Descriptor, ErrorCode> {
    let flags = DescriptorFlags::READ | DescriptorFlags::MUTATE_DIRECTORY;
    at.open_at(PathFlags::empty(), path.into(), OpenFlags::DIRECTORY, flags)
        .await
}

async fn list(directory: &Descriptor) -> Result<Vec<String>, ErrorCode> {
    let (entries, ended) = directory.read_directory();
    let entries = entries.collect().await;
    ended.await?;
    let mut names: Vec<_> = entries.into_iter().map(|entry| entry.name).collect();
    names.sort();
    Ok(names)
}
