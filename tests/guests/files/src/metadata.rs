//! Sizes, times, hashes, and what is said to the system.

use super::{Report, create, open, read, write};
use compat_api::clocks::system_clock::Instant;
use compat_api::filesystem::types::{
    Advice, Descriptor, ErrorCode, NewTimestamp, OpenFlags, PathFlags,
};

pub async fn check(report: &mut Report, rw: &Descriptor, ro: &Descriptor) {
    let file = create(rw, "meta", "12345").await;
    report.line("size", file.stat().await.map(|stat| stat.size));
    report.line("make it shorter", file.set_size(3).await);
    report.line("which cuts", read(&file, 0).await);
    report.line("make it longer", file.set_size(5).await);
    report.line("which fills with zeros", read(&file, 0).await);
    report.line("size of a directory to be set", rw.set_size(1).await);

    times(report, rw, ro, &file).await;
    hashes(report, rw, &file).await;

    for advice in [
        Advice::Normal,
        Advice::Sequential,
        Advice::Random,
        Advice::WillNeed,
        Advice::DontNeed,
        Advice::NoReuse,
    ] {
        report.line("advise", (advice, file.advise(0, 5, advice).await));
    }
    report.line(
        "advise on a directory",
        rw.advise(0, 0, Advice::Normal).await,
    );
    report.line("sync data", file.sync_data().await);
    report.line("sync", file.sync().await);
    report.line("sync a directory", rw.sync().await);
    let stat = rw.stat_at(PathFlags::empty(), "absent".into()).await;
    report.outcome("stat of what is not there", stat);
    let stat = rw.stat_at(PathFlags::empty(), "../x".into()).await;
    report.outcome("stat outside", stat);
    let stat = rw.stat_at(PathFlags::empty(), "meta".into()).await;
    report.line("stat by path", stat.map(|stat| (stat.type_, stat.size)));
}

async fn times(report: &mut Report, rw: &Descriptor, ro: &Descriptor, file: &Descriptor) {
    let at = |seconds| {
        NewTimestamp::Timestamp(Instant {
            seconds,
            nanoseconds: 250_000_000,
        })
    };
    let seen = async |stat: Result<_, ErrorCode>| {
        let stat: compat_api::filesystem::types::DescriptorStat = stat?;
        let seconds = |instant: Option<Instant>| instant.map(|at| (at.seconds, at.nanoseconds));
        Ok::<_, ErrorCode>((
            seconds(stat.data_access_timestamp),
            seconds(stat.data_modification_timestamp),
        ))
    };
    report.line("set times", file.set_times(at(1000), at(2000)).await);
    report.line("which are there", seen(file.stat().await).await);
    let set = file.set_times(NewTimestamp::NoChange, at(3000)).await;
    report.line("set one of them", set);
    report.line("which leaves the other", seen(file.stat().await).await);
    let set = file
        .set_times(NewTimestamp::NoChange, NewTimestamp::Now)
        .await;
    report.line("set to now", set);
    let now = seen(file.stat().await).await.expect("times").1;
    report.line(
        "which is later",
        now.is_some_and(|(seconds, _)| seconds > 1_000_000_000),
    );
    let set = |path: &str| rw.set_times_at(PathFlags::empty(), path.into(), at(4000), at(5000));
    report.line("set by path", set("meta").await);
    report.line("which is there as well", seen(file.stat().await).await);
    report.line("set what is not there", set("absent").await);
    report.line("set outside", set("../x").await);
    let set = ro.set_times_at(PathFlags::empty(), "kept".into(), at(1), at(1));
    report.line("set for reading only", set.await);
    report.line("set of a directory", rw.set_times(at(6000), at(7000)).await);
}

async fn hashes(report: &mut Report, rw: &Descriptor, file: &Descriptor) {
    let same = |a: &compat_api::filesystem::types::MetadataHashValue,
                b: &compat_api::filesystem::types::MetadataHashValue| {
        (a.lower, a.upper) == (b.lower, b.upper)
    };
    let first = file.metadata_hash().await.expect("a hash");
    let again = file.metadata_hash().await.expect("a hash");
    report.line("a hash stays", same(&first, &again));
    let by_path = rw.metadata_hash_at(PathFlags::empty(), "meta".into()).await;
    report.line(
        "a hash by path is the same",
        by_path.map(|hash| same(&hash, &first)),
    );
    let other = create(rw, "meta-2", "12345").await;
    let hash = other.metadata_hash().await.expect("a hash");
    report.line("another file has another", !same(&hash, &first));
    let gone = rw
        .metadata_hash_at(PathFlags::empty(), "absent".into())
        .await;
    report.outcome("hash of what is not there", gone);
    write(file, "x", 0).await.expect("a write");
    let reopened = open(rw, "meta", OpenFlags::empty()).await;
    report.outcome("the file is there", reopened);
}
