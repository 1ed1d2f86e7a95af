//! `wasi:cli/stdout` and `stderr` of WASI 0.3, which find the request that writes: from the call into the guest that the
//! current call descends from.

use crate::guest::Guest;
use crate::stdio::{OutputWriter, Source as Stream};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::sync::oneshot;
use wasmtime::component::{
    Access, FutureReader, HasData, Linker, Source, StreamConsumer, StreamReader, StreamResult,
};
use wasmtime::{AsContextMut, StoreContextMut};
use wasmtime_wasi::cli::{WasiCliCtxView, WasiCliView};
use wasmtime_wasi::p3::bindings::cli::types::ErrorCode;
use wasmtime_wasi::p3::bindings::cli::{stderr, stdout};

/// Replaces wasmtime's interfaces by these.
pub(super) fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    stdout::add_to_linker::<_, Attributed>(linker, Guest::cli)?;
    stderr::add_to_linker::<_, Attributed>(linker, Guest::cli)?;
    linker.allow_shadowing(false);
    Ok(())
}

struct Attributed;

impl HasData for Attributed {
    type Data<'a> = WasiCliCtxView<'a>;
}

impl stdout::HostWithStore<Guest> for Attributed {
    fn write_via_stream(
        store: Access<'_, Guest, Self>,
        data: StreamReader<u8>,
    ) -> wasmtime::Result<FutureReader<Result<(), ErrorCode>>> {
        write_via_stream(store, data, Stream::Stdout)
    }
}

impl stderr::HostWithStore<Guest> for Attributed {
    fn write_via_stream(
        store: Access<'_, Guest, Self>,
        data: StreamReader<u8>,
    ) -> wasmtime::Result<FutureReader<Result<(), ErrorCode>>> {
        write_via_stream(store, data, Stream::Stderr)
    }
}

fn write_via_stream(
    mut store: Access<'_, Guest, Attributed>,
    data: StreamReader<u8>,
    stream: Stream,
) -> wasmtime::Result<FutureReader<Result<(), ErrorCode>>> {
    // The last entry is the oldest: the host's call for a request.
    let root = store.as_context_mut().async_call_stack()?.last();
    let guest = store.data_mut();
    let request = root.and_then(|task| guest.request_of(task));
    let writer = OutputWriter::new(guest.log(), stream, request);
    let (done, ended) = oneshot::channel();
    data.pipe(
        &mut store,
        Consumer {
            writer,
            _done: done,
        },
    )?;
    FutureReader::new(&mut store, async {
        // The sender is dropped with the consumer, without an error: writing here cannot fail.
        let _: Result<(), _> = ended.await;
        wasmtime::error::Ok(Ok(()))
    })
}

struct Consumer {
    writer: OutputWriter,
    _done: oneshot::Sender<()>,
}

impl<D> StreamConsumer<D> for Consumer {
    type Item = u8;

    fn poll_consume(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        store: StoreContextMut<'_, D>,
        source: Source<'_, u8>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let mut source = source.as_direct(store);
        let bytes = source.remaining();
        if bytes.is_empty() {
            // The guest asks whether it may write; it learns that when it writes.
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        match self.writer.poll_take(cx, bytes) {
            Poll::Pending if finish => Poll::Ready(Ok(StreamResult::Cancelled)),
            taken => {
                source.mark_read(ready!(taken));
                Poll::Ready(Ok(StreamResult::Completed))
            }
        }
    }
}
