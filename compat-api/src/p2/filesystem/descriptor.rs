//! Files and folders.

use super::code::ErrorCode;
use super::convert::{DescriptorStat, DescriptorType, NewTimestamp};
use super::directory::DirectoryEntryStream;
use crate::filesystem::types as p3;
use crate::filesystem::types::{
    Advice, DescriptorFlags, Filesize, MetadataHashValue, OpenFlags, PathFlags,
};
use crate::p2::io::output::Output;
use crate::p2::io::sink::Bursts;
use crate::p2::io::streams::{InputStream, OutputStream, input};
use crate::p2::local::{Local, local};
use crate::wit_bindgen::StreamResult;
use crate::wit_stream;
use std::fmt;
use std::rc::Rc;

/// The most bytes that [`Descriptor::read`] asks for at once.
const ROOM: usize = 64 * 1024;

/// A file or folder.
///
/// # Cancellation
///
/// Of all its functions: dropping the future may stop the operation or not.
pub struct Descriptor(Local<Rc<p3::Descriptor>>);

impl Descriptor {
    /// Reads from `offset` on. That it cannot be read is told by the stream, where 0.2 can tell it here.
    pub fn read_via_stream(&self, offset: Filesize) -> Result<InputStream, ErrorCode> {
        Ok(InputStream::new(input(self.0.read_via_stream(offset))))
    }

    /// Writes from `offset` on. That it cannot be written is told by the stream, where 0.2 can tell it here.
    pub fn write_via_stream(&self, offset: Filesize) -> Result<OutputStream, ErrorCode> {
        let file = (*self.0).clone();
        let mut offset = offset;
        let sink = Bursts::new(move |data, length| {
            let written = file.write_via_stream(data, offset);
            offset += length;
            Box::pin(async { written.await.map_err(Into::into) })
        });
        Ok(OutputStream::new(Rc::new(Output::new(sink, true))))
    }

    /// Writes at the end. That it cannot be written is told by the stream, where 0.2 can tell it here.
    pub fn append_via_stream(&self) -> Result<OutputStream, ErrorCode> {
        let file = (*self.0).clone();
        let sink = Bursts::new(move |data, _| {
            let written = file.append_via_stream(data);
            Box::pin(async { written.await.map_err(Into::into) })
        });
        Ok(OutputStream::new(Rc::new(Output::new(sink, true))))
    }

    /// Says how a part of it will be used.
    pub async fn advise(
        &self,
        offset: Filesize,
        length: Filesize,
        advice: Advice,
    ) -> Result<(), ErrorCode> {
        Ok(local(self.0.advise(offset, length, advice)).await?)
    }

    /// Writes what it contains to the disk.
    pub async fn sync_data(&self) -> Result<(), ErrorCode> {
        Ok(local(self.0.sync_data()).await?)
    }

    /// How it was opened.
    pub async fn get_flags(&self) -> Result<DescriptorFlags, ErrorCode> {
        Ok(local(self.0.get_flags()).await?)
    }

    /// What it is.
    pub async fn get_type(&self) -> Result<DescriptorType, ErrorCode> {
        Ok(local(self.0.get_type()).await?.into())
    }

    /// Makes it longer, by zeroes, or shorter.
    pub async fn set_size(&self, size: Filesize) -> Result<(), ErrorCode> {
        Ok(local(self.0.set_size(size)).await?)
    }

    /// Sets its times.
    pub async fn set_times(
        &self,
        data_access_timestamp: NewTimestamp,
        data_modification_timestamp: NewTimestamp,
    ) -> Result<(), ErrorCode> {
        let (access, modification) = (
            data_access_timestamp.into(),
            data_modification_timestamp.into(),
        );
        Ok(local(self.0.set_times(access, modification)).await?)
    }

    /// Reads up to `length` bytes from `offset` on. Without any, the flag says that the file ends there.
    pub async fn read(
        &self,
        length: Filesize,
        offset: Filesize,
    ) -> Result<(Vec<u8>, bool), ErrorCode> {
        let bytes = local(self.read_at(length, offset)).await?;
        let end = bytes.is_empty();
        Ok((bytes, end))
    }

    async fn read_at(&self, length: Filesize, offset: Filesize) -> Result<Vec<u8>, p3::ErrorCode> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let (mut data, end) = self.0.read_via_stream(offset);
        let mut bytes = Vec::new();
        while bytes.len() < length {
            let room = (length - bytes.len()).min(ROOM);
            let (result, read) = data.read(Vec::with_capacity(room)).await;
            if bytes.is_empty() {
                bytes = read;
            } else {
                bytes.extend(read);
            }
            if result == StreamResult::Dropped {
                end.await?;
                break;
            }
        }
        Ok(bytes)
    }

    /// Writes at `offset`. The result is how many bytes: all of them.
    pub async fn write(&self, buffer: &[u8], offset: Filesize) -> Result<Filesize, ErrorCode> {
        Ok(local(self.write_at(buffer.to_vec(), offset)).await?)
    }

    async fn write_at(&self, bytes: Vec<u8>, offset: Filesize) -> Result<Filesize, p3::ErrorCode> {
        let length = bytes.len();
        let (mut data, reader) = wit_stream::new();
        let written = self.0.write_via_stream(reader, offset);
        let left = data.write_all(bytes).await.len();
        drop(data);
        written.await?;
        Ok((length - left) as Filesize)
    }

    /// Reads what is in the folder. That it is none is told by the stream, where 0.2 can tell it here.
    pub fn read_directory(&self) -> Result<DirectoryEntryStream, ErrorCode> {
        Ok(DirectoryEntryStream::new(&self.0))
    }

    /// Writes what it contains, and what is known of it, to the disk.
    pub async fn sync(&self) -> Result<(), ErrorCode> {
        Ok(local(self.0.sync()).await?)
    }

    /// Makes a folder.
    pub async fn create_directory_at(&self, path: &str) -> Result<(), ErrorCode> {
        Ok(local(self.0.create_directory_at(path.to_owned())).await?)
    }

    /// What is known of it.
    pub async fn stat(&self) -> Result<DescriptorStat, ErrorCode> {
        Ok(local(self.0.stat()).await?.into())
    }

    /// What is known of something in the folder.
    pub async fn stat_at(
        &self,
        path_flags: PathFlags,
        path: &str,
    ) -> Result<DescriptorStat, ErrorCode> {
        Ok(local(self.0.stat_at(path_flags, path.to_owned()))
            .await?
            .into())
    }

    /// Sets the times of something in the folder.
    pub async fn set_times_at(
        &self,
        path_flags: PathFlags,
        path: &str,
        data_access_timestamp: NewTimestamp,
        data_modification_timestamp: NewTimestamp,
    ) -> Result<(), ErrorCode> {
        let (access, modification) = (
            data_access_timestamp.into(),
            data_modification_timestamp.into(),
        );
        let path = path.to_owned();
        Ok(local(self.0.set_times_at(path_flags, path, access, modification)).await?)
    }

    /// Makes a hard link.
    pub async fn link_at(
        &self,
        old_path_flags: PathFlags,
        old_path: &str,
        new_descriptor: &Descriptor,
        new_path: &str,
    ) -> Result<(), ErrorCode> {
        let (old, new) = (old_path.to_owned(), new_path.to_owned());
        Ok(local(self.0.link_at(old_path_flags, old, &new_descriptor.0, new)).await?)
    }

    /// Opens or makes something in the folder.
    pub async fn open_at(
        &self,
        path_flags: PathFlags,
        path: &str,
        open_flags: OpenFlags,
        flags: DescriptorFlags,
    ) -> Result<Descriptor, ErrorCode> {
        let path = path.to_owned();
        let opened = local(self.0.open_at(path_flags, path, open_flags, flags)).await?;
        Ok(opened.into())
    }

    /// Where a symbolic link leads to.
    pub async fn readlink_at(&self, path: &str) -> Result<String, ErrorCode> {
        Ok(local(self.0.readlink_at(path.to_owned())).await?)
    }

    /// Removes an empty folder.
    pub async fn remove_directory_at(&self, path: &str) -> Result<(), ErrorCode> {
        Ok(local(self.0.remove_directory_at(path.to_owned())).await?)
    }

    /// Gives something another name, or another folder.
    pub async fn rename_at(
        &self,
        old_path: &str,
        new_descriptor: &Descriptor,
        new_path: &str,
    ) -> Result<(), ErrorCode> {
        let (old, new) = (old_path.to_owned(), new_path.to_owned());
        Ok(local(self.0.rename_at(old, &new_descriptor.0, new)).await?)
    }

    /// Makes a symbolic link.
    pub async fn symlink_at(&self, old_path: &str, new_path: &str) -> Result<(), ErrorCode> {
        let (old, new) = (old_path.to_owned(), new_path.to_owned());
        Ok(local(self.0.symlink_at(old, new)).await?)
    }

    /// Removes something that is no folder.
    pub async fn unlink_file_at(&self, path: &str) -> Result<(), ErrorCode> {
        Ok(local(self.0.unlink_file_at(path.to_owned())).await?)
    }

    /// Whether both are the same file or folder.
    pub async fn is_same_object(&self, other: &Descriptor) -> bool {
        local(self.0.is_same_object(&other.0)).await
    }

    /// A number that changes with the file or folder.
    pub async fn metadata_hash(&self) -> Result<MetadataHashValue, ErrorCode> {
        Ok(local(self.0.metadata_hash()).await?)
    }

    /// The same of something in the folder.
    pub async fn metadata_hash_at(
        &self,
        path_flags: PathFlags,
        path: &str,
    ) -> Result<MetadataHashValue, ErrorCode> {
        Ok(local(self.0.metadata_hash_at(path_flags, path.to_owned())).await?)
    }

    /// The descriptor of 0.3, unless a stream of this one still writes to it: that gives it back.
    pub fn into_descriptor(self) -> Result<p3::Descriptor, Descriptor> {
        Rc::try_unwrap(self.0.into_inner()).map_err(|shared| Descriptor(Local::new(shared)))
    }
}

impl From<p3::Descriptor> for Descriptor {
    fn from(descriptor: p3::Descriptor) -> Self {
        Descriptor(Local::new(Rc::new(descriptor)))
    }
}

impl AsRef<p3::Descriptor> for Descriptor {
    fn as_ref(&self) -> &p3::Descriptor {
        &self.0
    }
}

impl fmt::Debug for Descriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Descriptor").field(&**self.0).finish()
    }
}
