//! The values of `wasi:filesystem` that are not quite the same in both versions.

use crate::bindings::p2::clocks::wall_clock::Datetime;
use crate::bindings::p2::filesystem::types as p2;
use crate::bindings::p3::clocks::system_clock::Instant;
use crate::bindings::p3::filesystem::types::{
    Advice, DescriptorStat, DescriptorType, ErrorCode, MetadataHashValue, NewTimestamp, PathFlags,
};

pub fn descriptor_type(from: p2::DescriptorType) -> DescriptorType {
    match from {
        p2::DescriptorType::Unknown => DescriptorType::Other(None),
        p2::DescriptorType::BlockDevice => DescriptorType::BlockDevice,
        p2::DescriptorType::CharacterDevice => DescriptorType::CharacterDevice,
        p2::DescriptorType::Directory => DescriptorType::Directory,
        p2::DescriptorType::Fifo => DescriptorType::Fifo,
        p2::DescriptorType::SymbolicLink => DescriptorType::SymbolicLink,
        p2::DescriptorType::RegularFile => DescriptorType::RegularFile,
        p2::DescriptorType::Socket => DescriptorType::Socket,
    }
}

pub fn stat(from: p2::DescriptorStat) -> DescriptorStat {
    DescriptorStat {
        type_: descriptor_type(from.type_),
        link_count: from.link_count,
        size: from.size,
        data_access_timestamp: from.data_access_timestamp.and_then(instant),
        data_modification_timestamp: from.data_modification_timestamp.and_then(instant),
        status_change_timestamp: from.status_change_timestamp.and_then(instant),
    }
}

/// None: beyond what 0.3 can express, so that it is as if there were none.
fn instant(from: Datetime) -> Option<Instant> {
    Some(Instant {
        seconds: from.seconds.try_into().ok()?,
        nanoseconds: from.nanoseconds,
    })
}

/// Fails for a time before 1970, which 0.2 can't express.
pub fn new_timestamp(from: NewTimestamp) -> Result<p2::NewTimestamp, ErrorCode> {
    Ok(match from {
        NewTimestamp::NoChange => p2::NewTimestamp::NoChange,
        NewTimestamp::Now => p2::NewTimestamp::Now,
        NewTimestamp::Timestamp(Instant {
            seconds,
            nanoseconds,
        }) => p2::NewTimestamp::Timestamp(Datetime {
            seconds: seconds.try_into().map_err(|_| ErrorCode::Overflow)?,
            nanoseconds,
        }),
    })
}

pub fn path_flags(from: PathFlags) -> p2::PathFlags {
    p2::PathFlags::from_bits_retain(from.bits())
}

pub fn advice(from: Advice) -> p2::Advice {
    match from {
        Advice::Normal => p2::Advice::Normal,
        Advice::Sequential => p2::Advice::Sequential,
        Advice::Random => p2::Advice::Random,
        Advice::WillNeed => p2::Advice::WillNeed,
        Advice::DontNeed => p2::Advice::DontNeed,
        Advice::NoReuse => p2::Advice::NoReuse,
    }
}

pub fn metadata_hash(from: p2::MetadataHashValue) -> MetadataHashValue {
    MetadataHashValue {
        lower: from.lower,
        upper: from.upper,
    }
}
