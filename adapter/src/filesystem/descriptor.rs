//! The resource `descriptor`.

use super::{convert, directory, error, read, write};
use crate::bindings::p2::filesystem::types as p2;
use crate::bindings::p3::filesystem::types::{
    self, Advice, DescriptorBorrow, DescriptorFlags, DescriptorStat, DescriptorType,
    DirectoryEntry, ErrorCode, Filesize, GuestDescriptor, MetadataHashValue, NewTimestamp,
    OpenFlags, PathFlags,
};
use crate::bindings::{wit_future, wit_stream};
use crate::resolve::resolve;
use polyfill_guest::{FutureReader, StreamReader, spawn_local};
use std::rc::Rc;

/// The streams of a file use it as well, and longer than the handle may live.
pub struct Descriptor(Rc<p2::Descriptor>);

impl Descriptor {
    pub fn new(descriptor: p2::Descriptor) -> Self {
        Self(Rc::new(descriptor))
    }
}

type Ended = FutureReader<Result<(), ErrorCode>>;

impl GuestDescriptor for Descriptor {
    fn read_via_stream(&self, offset: Filesize) -> (StreamReader<u8>, Ended) {
        let (mut writer, reader) = wit_stream::new();
        let (end, ended) = wit_future::new(|| Ok(()));
        let file = self.0.clone();
        spawn_local(async move {
            let result = read::copy(&file, offset, &mut writer).await;
            drop((writer, file));
            resolve(end, result);
        });
        (reader, ended)
    }

    fn write_via_stream(&self, data: StreamReader<u8>, offset: Filesize) -> Ended {
        let (end, ended) = wit_future::new(|| Ok(()));
        let file = self.0.clone();
        spawn_local(async move {
            let result = write::copy(data, &file, offset).await;
            drop(file);
            resolve(end, result);
        });
        ended
    }

    fn append_via_stream(&self, data: StreamReader<u8>) -> Ended {
        let (end, ended) = wit_future::new(|| Ok(()));
        let file = self.0.clone();
        spawn_local(async move {
            let result = write::append(data, &file).await;
            drop(file);
            resolve(end, result);
        });
        ended
    }

    async fn advise(
        &self,
        offset: Filesize,
        length: Filesize,
        advice: Advice,
    ) -> Result<(), ErrorCode> {
        self.0
            .advise(offset, length, convert::advice(advice))
            .map_err(error::code)
    }

    async fn sync_data(&self) -> Result<(), ErrorCode> {
        self.0.sync_data().map_err(error::code)
    }

    async fn get_flags(&self) -> Result<DescriptorFlags, ErrorCode> {
        self.0
            .get_flags()
            .map(|flags| DescriptorFlags::from_bits_retain(flags.bits()))
            .map_err(error::code)
    }

    async fn get_type(&self) -> Result<DescriptorType, ErrorCode> {
        self.0
            .get_type()
            .map(convert::descriptor_type)
            .map_err(error::code)
    }

    async fn set_size(&self, size: Filesize) -> Result<(), ErrorCode> {
        self.0.set_size(size).map_err(error::code)
    }

    async fn set_times(
        &self,
        data_access_timestamp: NewTimestamp,
        data_modification_timestamp: NewTimestamp,
    ) -> Result<(), ErrorCode> {
        let accessed = convert::new_timestamp(data_access_timestamp)?;
        let modified = convert::new_timestamp(data_modification_timestamp)?;
        self.0.set_times(accessed, modified).map_err(error::code)
    }

    fn read_directory(&self) -> (StreamReader<DirectoryEntry>, Ended) {
        let (mut writer, reader) = wit_stream::new();
        let (end, ended) = wit_future::new(|| Ok(()));
        let directory = self.0.clone();
        spawn_local(async move {
            let result = directory::list(&directory, &mut writer).await;
            drop((writer, directory));
            resolve(end, result);
        });
        (reader, ended)
    }

    async fn sync(&self) -> Result<(), ErrorCode> {
        self.0.sync().map_err(error::code)
    }

    async fn create_directory_at(&self, path: String) -> Result<(), ErrorCode> {
        self.0.create_directory_at(&path).map_err(error::code)
    }

    async fn stat(&self) -> Result<DescriptorStat, ErrorCode> {
        self.0.stat().map(convert::stat).map_err(error::code)
    }

    async fn stat_at(
        &self,
        path_flags: PathFlags,
        path: String,
    ) -> Result<DescriptorStat, ErrorCode> {
        self.0
            .stat_at(convert::path_flags(path_flags), &path)
            .map(convert::stat)
            .map_err(error::code)
    }

    async fn set_times_at(
        &self,
        path_flags: PathFlags,
        path: String,
        data_access_timestamp: NewTimestamp,
        data_modification_timestamp: NewTimestamp,
    ) -> Result<(), ErrorCode> {
        let accessed = convert::new_timestamp(data_access_timestamp)?;
        let modified = convert::new_timestamp(data_modification_timestamp)?;
        self.0
            .set_times_at(convert::path_flags(path_flags), &path, accessed, modified)
            .map_err(error::code)
    }

    async fn link_at(
        &self,
        old_path_flags: PathFlags,
        old_path: String,
        new_descriptor: DescriptorBorrow<'_>,
        new_path: String,
    ) -> Result<(), ErrorCode> {
        let new = &new_descriptor.get::<Descriptor>().0;
        self.0
            .link_at(
                convert::path_flags(old_path_flags),
                &old_path,
                new,
                &new_path,
            )
            .map_err(error::code)
    }

    async fn open_at(
        &self,
        path_flags: PathFlags,
        path: String,
        open_flags: OpenFlags,
        flags: DescriptorFlags,
    ) -> Result<types::Descriptor, ErrorCode> {
        self.0
            .open_at(
                convert::path_flags(path_flags),
                &path,
                p2::OpenFlags::from_bits_retain(open_flags.bits()),
                p2::DescriptorFlags::from_bits_retain(flags.bits()),
            )
            .map(|opened| types::Descriptor::new(Descriptor::new(opened)))
            .map_err(error::code)
    }

    async fn readlink_at(&self, path: String) -> Result<String, ErrorCode> {
        self.0.readlink_at(&path).map_err(error::code)
    }

    async fn remove_directory_at(&self, path: String) -> Result<(), ErrorCode> {
        self.0.remove_directory_at(&path).map_err(error::code)
    }

    async fn rename_at(
        &self,
        old_path: String,
        new_descriptor: DescriptorBorrow<'_>,
        new_path: String,
    ) -> Result<(), ErrorCode> {
        let new = &new_descriptor.get::<Descriptor>().0;
        self.0
            .rename_at(&old_path, new, &new_path)
            .map_err(error::code)
    }

    async fn symlink_at(&self, old_path: String, new_path: String) -> Result<(), ErrorCode> {
        self.0.symlink_at(&old_path, &new_path).map_err(error::code)
    }

    async fn unlink_file_at(&self, path: String) -> Result<(), ErrorCode> {
        self.0.unlink_file_at(&path).map_err(error::code)
    }

    async fn is_same_object(&self, other: DescriptorBorrow<'_>) -> bool {
        self.0.is_same_object(&other.get::<Descriptor>().0)
    }

    async fn metadata_hash(&self) -> Result<MetadataHashValue, ErrorCode> {
        self.0
            .metadata_hash()
            .map(convert::metadata_hash)
            .map_err(error::code)
    }

    async fn metadata_hash_at(
        &self,
        path_flags: PathFlags,
        path: String,
    ) -> Result<MetadataHashValue, ErrorCode> {
        self.0
            .metadata_hash_at(convert::path_flags(path_flags), &path)
            .map(convert::metadata_hash)
            .map_err(error::code)
    }
}
