//! Types of the filesystem that 0.3 has no longer as they were.

use crate::filesystem::types as p3;
use crate::p2::bindings::{debug_cases, debug_fields};
use crate::p2::clocks::wall_clock::Datetime;

/// What a descriptor is of.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
pub enum DescriptorType {
    /// Something else, or not known.
    Unknown,
    /// A block device.
    BlockDevice,
    /// A character device.
    CharacterDevice,
    /// A folder.
    Directory,
    /// A named pipe.
    Fifo,
    /// A symbolic link.
    SymbolicLink,
    /// A file.
    RegularFile,
    /// A socket.
    Socket,
}

debug_cases! {
    DescriptorType: Unknown, BlockDevice, CharacterDevice, Directory, Fifo, SymbolicLink, RegularFile, Socket
}

impl From<p3::DescriptorType> for DescriptorType {
    fn from(of: p3::DescriptorType) -> Self {
        match of {
            p3::DescriptorType::BlockDevice => DescriptorType::BlockDevice,
            p3::DescriptorType::CharacterDevice => DescriptorType::CharacterDevice,
            p3::DescriptorType::Directory => DescriptorType::Directory,
            p3::DescriptorType::Fifo => DescriptorType::Fifo,
            p3::DescriptorType::SymbolicLink => DescriptorType::SymbolicLink,
            p3::DescriptorType::RegularFile => DescriptorType::RegularFile,
            p3::DescriptorType::Socket => DescriptorType::Socket,
            p3::DescriptorType::Other(_) => DescriptorType::Unknown,
        }
    }
}

/// What is known of a file or folder.
#[derive(Clone, Copy)]
pub struct DescriptorStat {
    /// What it is.
    pub type_: DescriptorType,
    /// How many hard links there are to it.
    pub link_count: p3::LinkCount,
    /// How many bytes it has; for a symbolic link, the length of its target's path.
    pub size: p3::Filesize,
    /// When it was last read.
    pub data_access_timestamp: Option<Datetime>,
    /// When it was last written.
    pub data_modification_timestamp: Option<Datetime>,
    /// When what is known of it has last changed.
    pub status_change_timestamp: Option<Datetime>,
}

debug_fields! {
    DescriptorStat:
    "type" type_,
    "link-count" link_count,
    "size" size,
    "data-access-timestamp" data_access_timestamp,
    "data-modification-timestamp" data_modification_timestamp,
    "status-change-timestamp" status_change_timestamp
}

impl From<p3::DescriptorStat> for DescriptorStat {
    fn from(stat: p3::DescriptorStat) -> Self {
        DescriptorStat {
            type_: stat.type_.into(),
            link_count: stat.link_count,
            size: stat.size,
            data_access_timestamp: stat.data_access_timestamp.map(Into::into),
            data_modification_timestamp: stat.data_modification_timestamp.map(Into::into),
            status_change_timestamp: stat.status_change_timestamp.map(Into::into),
        }
    }
}

/// What a time is set to.
#[derive(Clone, Copy)]
pub enum NewTimestamp {
    /// What it is.
    NoChange,
    /// The time at which it is done.
    Now,
    /// This one.
    Timestamp(Datetime),
}

debug_cases!(NewTimestamp: NoChange, Now, Timestamp(datetime));

impl From<NewTimestamp> for p3::NewTimestamp {
    fn from(timestamp: NewTimestamp) -> Self {
        match timestamp {
            NewTimestamp::NoChange => p3::NewTimestamp::NoChange,
            NewTimestamp::Now => p3::NewTimestamp::Now,
            NewTimestamp::Timestamp(datetime) => p3::NewTimestamp::Timestamp(datetime.into()),
        }
    }
}

/// Something in a folder.
#[derive(Clone)]
pub struct DirectoryEntry {
    /// What it is.
    pub type_: DescriptorType,
    /// Its name.
    pub name: String,
}

debug_fields!(DirectoryEntry: "type" type_, "name" name);

impl From<p3::DirectoryEntry> for DirectoryEntry {
    fn from(entry: p3::DirectoryEntry) -> Self {
        DirectoryEntry {
            type_: entry.type_.into(),
            name: entry.name,
        }
    }
}
