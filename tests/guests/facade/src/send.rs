//! Types of 0.2's bindings can be in statics, and what awaits them on executors that want `Send`: that this compiles is the test.

use crate::p2::filesystem::types::{
    Advice, Descriptor, DescriptorFlags, DirectoryEntryStream, NewTimestamp, OpenFlags, PathFlags,
};
use crate::p2::http::types::{
    Fields, FutureIncomingResponse, FutureTrailers, IncomingBody, IncomingRequest,
    IncomingResponse, OutgoingBody, OutgoingRequest, OutgoingResponse, RequestOptions,
    ResponseOutparam,
};
use crate::p2::io::error::Error;
use crate::p2::io::poll::{Pollable, poll};
use crate::p2::io::streams::{InputStream, OutputStream, StreamError};
use crate::p2::sockets::ip_name_lookup::ResolveAddressStream;
use crate::p2::sockets::network::Network;
use crate::p2::sockets::tcp::TcpSocket;
use crate::p2::sockets::udp::{IncomingDatagramStream, OutgoingDatagramStream, UdpSocket};

const fn of<T: Send + Sync + 'static>() {}

fn send(_: impl Send) {}

const _: () = {
    of::<Error>();
    of::<Pollable>();
    of::<(InputStream, OutputStream, StreamError)>();
    of::<(Descriptor, DirectoryEntryStream)>();
    of::<(Network, TcpSocket, UdpSocket, ResolveAddressStream)>();
    of::<(IncomingDatagramStream, OutgoingDatagramStream)>();
    of::<(IncomingRequest, IncomingResponse, IncomingBody)>();
    of::<(OutgoingRequest, OutgoingResponse, OutgoingBody)>();
    of::<(Fields, RequestOptions, ResponseOutparam)>();
    of::<(FutureIncomingResponse, FutureTrailers)>();
};

const _: fn(&Pollable) = |pollable| {
    send(pollable.block());
    send(poll(&[pollable]));
};

const _: fn(&InputStream, &OutputStream) = |input, output| {
    send(input.blocking_read(1));
    send(input.blocking_skip(1));
    send(output.blocking_flush());
    send(output.blocking_splice(input, 1));
    send(output.blocking_write_and_flush(&[]));
    send(output.blocking_write_zeroes_and_flush(1));
};

const _: fn(&Descriptor, &DirectoryEntryStream) = |folder, entries| {
    let (path, time) = (PathFlags::empty(), NewTimestamp::Now);
    send(entries.read_directory_entry());
    send(folder.advise(0, 0, Advice::Normal));
    send(folder.create_directory_at(""));
    send(folder.get_flags());
    send(folder.get_type());
    send(folder.is_same_object(folder));
    send(folder.link_at(path, "", folder, ""));
    send(folder.metadata_hash());
    send(folder.metadata_hash_at(path, ""));
    send(folder.open_at(path, "", OpenFlags::empty(), DescriptorFlags::empty()));
    send(folder.read(0, 0));
    send(folder.readlink_at(""));
    send(folder.remove_directory_at(""));
    send(folder.rename_at("", folder, ""));
    send(folder.set_size(0));
    send(folder.set_times(time, time));
    send(folder.set_times_at(path, "", time, time));
    send(folder.stat());
    send(folder.stat_at(path, ""));
    send(folder.symlink_at("", ""));
    send(folder.sync());
    send(folder.sync_data());
    send(folder.unlink_file_at(""));
    send(folder.write(&[], 0));
};
