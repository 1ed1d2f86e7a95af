//! `wasi:filesystem` of WASI 0.2.

mod code;
mod convert;
mod descriptor;
mod directory;

/// `wasi:filesystem/types`: files and folders.
pub mod types {
    pub use super::code::{ErrorCode, filesystem_error_code};
    pub use super::convert::{DescriptorStat, DescriptorType, DirectoryEntry, NewTimestamp};
    pub use super::descriptor::Descriptor;
    pub use super::directory::DirectoryEntryStream;
    pub use crate::filesystem::types::{
        Advice, DescriptorFlags, Filesize, LinkCount, MetadataHashValue, OpenFlags, PathFlags,
    };
    pub use crate::p2::clocks::wall_clock::Datetime;
    pub use crate::p2::io::error::Error;
    pub use crate::p2::io::streams::{InputStream, OutputStream};
}

/// `wasi:filesystem/preopens`: the folders that the program may use.
pub mod preopens {
    pub use super::types::Descriptor;

    /// The folders, with their names for the program.
    pub fn get_directories() -> Vec<(Descriptor, String)> {
        crate::filesystem::preopens::get_directories()
            .into_iter()
            .map(|(folder, name)| (folder.into(), name))
            .collect()
    }
}
