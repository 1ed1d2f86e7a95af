//! Links of both kinds.

use super::{Report, create, open, read, write};
use compat_api::filesystem::types::{Descriptor, DescriptorFlags, OpenFlags, PathFlags};

pub async fn check(report: &mut Report, rw: &Descriptor) {
    drop(create(rw, "target", "linked").await);
    let symlink = |to: &str, from: &str| rw.symlink_at(to.into(), from.into());
    report.line("link", symlink("target", "link").await);
    report.line("link where something is", symlink("target", "link").await);
    report.line(
        "link to an absolute path",
        symlink("/etc", "absolute").await,
    );
    report.line(
        "link to what is not there",
        symlink("absent", "dangling").await,
    );
    report.line("link to the outside", symlink("../outside", "escape").await);
    report.line("link to itself", symlink("loop", "loop").await);
    report.line("read a link", rw.readlink_at("link".into()).await);
    report.line(
        "read what is no link",
        rw.readlink_at("target".into()).await,
    );
    report.line(
        "read a link that is not there",
        rw.readlink_at("absent".into()).await,
    );

    let follow = open(rw, "link", OpenFlags::empty()).await;
    report.line("follow a link", read(&follow.expect("a file"), 0).await);
    let how = |path: &str, flags| {
        rw.open_at(
            flags,
            path.into(),
            OpenFlags::empty(),
            DescriptorFlags::READ,
        )
    };
    report.outcome("open a link itself", how("link", PathFlags::empty()).await);
    report.outcome(
        "follow one to nothing",
        how("dangling", PathFlags::SYMLINK_FOLLOW).await,
    );
    report.outcome(
        "follow one to the outside",
        how("escape", PathFlags::SYMLINK_FOLLOW).await,
    );
    report.outcome(
        "follow one to itself",
        how("loop", PathFlags::SYMLINK_FOLLOW).await,
    );
    let type_of = async |flags| {
        let stat = rw.stat_at(flags, "link".into()).await;
        stat.map(|stat| stat.type_)
    };
    report.line("type of a link", type_of(PathFlags::empty()).await);
    report.line(
        "type of what it leads to",
        type_of(PathFlags::SYMLINK_FOLLOW).await,
    );

    let link = |from: &str, to: &str| rw.link_at(PathFlags::empty(), from.into(), rw, to.into());
    report.line("hard link", link("target", "hard").await);
    report.line("hard link where something is", link("target", "hard").await);
    report.line("hard link of what is not there", link("absent", "x").await);
    report.line("hard link of a directory", link("sub", "x").await);
    report.line("hard link to the outside", link("target", "../x").await);
    let target = open(rw, "target", OpenFlags::empty())
        .await
        .expect("a file");
    let hard = open(rw, "hard", OpenFlags::empty()).await.expect("a file");
    report.line("they are the same", target.is_same_object(&hard).await);
    report.line(
        "links of it",
        target.stat().await.map(|stat| stat.link_count),
    );
    report.line("write to one", write(&hard, "LINK", 0).await);
    report.line("read the other", read(&target, 0).await);
    report.line("unlink one", rw.unlink_file_at("target".into()).await);
    report.line("the other stays", read(&hard, 0).await);
    report.line(
        "unlink a link, not its target",
        rw.unlink_file_at("link".into()).await,
    );
    let other = open(rw, "new", OpenFlags::empty()).await.expect("a file");
    report.line("others are not the same", hard.is_same_object(&other).await);
}
