//! `wasi:cli/stdin`, `stdout` and `stderr` as split.

use isyswasfa_wit::names::POLL;
use std::io;
use std::pin::Pin;

use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{oneshot, watch};
use wasmtime::component::{Linker, LinkerInstance, Resource};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi::p3::bindings::cli::types::ErrorCode;

use super::stdio::Stdio;
use crate::core::{Core, Share, View, Weigh};
use crate::pipes::{
    BytesPipe, Chunk, Names, OneShot, Payload, PipeKind, Pipes, Reader, Sink, Source, TableId,
    Tables, Weighed, add_pipe,
};
use crate::split::{Bounds, Layer, SplitCtx, SplitView, add_poll, versions};

/// How many bytes are read from standard input at once.
const READ: usize = 64 * 1024;

/// The payload of `wasi:cli`'s `future<result<_, error-code>>`.
pub struct CliResultPipe;

impl CliResultPipe {
    /// The name that the split gives the pipe.
    pub(crate) const NAME: &str = "future-result-x259d0d1f6f88b3ab";
}

impl Payload<SplitCtx> for CliResultPipe {
    type Wire = Vec<Result<(), ErrorCode>>;
    type Items = Weighed<Result<(), ErrorCode>>;

    fn table(ctx: &mut SplitCtx) -> (&mut Core, &mut Pipes<Self::Items>) {
        let results = ctx.layer::<CliState>().results;
        (&mut ctx.core, ctx.pipes.get(results))
    }

    fn lift(_ctx: &mut SplitCtx, wire: Self::Wire) -> wasmtime::Result<Self::Items> {
        Ok(Weighed(wire))
    }

    fn lower(_ctx: &mut SplitCtx, items: Self::Items) -> wasmtime::Result<Self::Wire> {
        Ok(items.0)
    }
}

impl Weigh for ErrorCode {
    fn weight(&self) -> usize {
        0
    }
}

/// The state of `wasi:cli` in a store.
pub(crate) struct CliState {
    pub results: TableId<Weighed<Result<(), ErrorCode>>>,
    pub stdio: Stdio,
    /// How many outputs hold bytes of guests that have not arrived yet.
    unwritten: watch::Sender<usize>,
}

impl Layer for CliState {
    fn new(_: &Bounds, pipes: &mut Tables) -> Self {
        CliState {
            results: pipes.register(PipeKind {
                name: "cli result",
                what: "an error code in a future",
            }),
            stdio: Stdio::default(),
            unwritten: watch::Sender::new(0),
        }
    }

    fn resources(&self) -> usize {
        0
    }
}

impl SplitCtx {
    /// Sets the destinations of the guests' standard streams.
    pub fn set_stdio(&mut self, stdio: Stdio) -> &mut Self {
        self.layer::<CliState>().stdio = stdio;
        self
    }

    /// Waits until all of the guests' output to stdout and stderr has arrived.
    #[cfg(feature = "serve")]
    pub(crate) fn output_written(&mut self) -> impl Future<Output = ()> + Send + use<> {
        let mut unwritten = self.layer::<CliState>().unwritten.subscribe();
        async move {
            // An error means that the store is gone, with the bytes that it held.
            let _ = unwritten.wait_for(|outputs| *outputs == 0).await;
        }
    }
}

/// Defines the three interfaces, in every version.
pub fn add_to_linker<T: SplitView>(linker: &mut Linker<T>) -> Result<()> {
    for name in versions("wasi:cli/stdin") {
        let mut stdin = linker.instance(&name)?;
        add_poll(&mut stdin, POLL)?;
        stdin.func_wrap(
            "read-via-stream",
            |mut store: StoreContextMut<'_, T>, ()| {
                Ok((read_via_stream(store.data_mut().split())?,))
            },
        )?;
    }
    for (interface, stream) in [
        ("wasi:cli/stdout", Stdio::stdout as fn(&Stdio) -> _),
        ("wasi:cli/stderr", Stdio::stderr),
    ] {
        for name in versions(interface) {
            let mut out = linker.instance(&name)?;
            add_poll(&mut out, POLL)?;
            out.func_wrap(
                "write-via-stream",
                move |mut store: StoreContextMut<'_, T>,
                      (data,): (Resource<Reader<BytesPipe>>,)| {
                    let ctx = store.data_mut().split();
                    let to = stream(&ctx.layer::<CliState>().stdio);
                    Ok((write_via_stream(ctx, data, to)?,))
                },
            )?;
        }
    }
    Ok(())
}

/// Defines the pipe of `wasi:cli` that the split calls `name`. `false`: `wasi:cli` has no such pipe.
pub(super) fn add_typed_pipe<T: View<Ctx = SplitCtx>>(
    linker: &mut LinkerInstance<'_, T>,
    name: &str,
) -> Result<bool> {
    let known = name == CliResultPipe::NAME;
    if known {
        add_pipe::<T, CliResultPipe>(linker, &Names::plain())?;
    }
    Ok(known)
}

type ResultReader = Resource<Reader<CliResultPipe>>;

fn read_via_stream(ctx: &mut SplitCtx) -> Result<(Resource<Reader<BytesPipe>>, ResultReader)> {
    let (tell, told) = oneshot::channel();
    let source = Input {
        from: Box::into_pin(ctx.layer::<CliState>().stdio.stdin()),
        tell: Some(tell),
    };
    let stream = ctx.pipes.bytes.add_source(&ctx.core, source)?;
    Ok((Resource::new_own(stream), result_future(ctx, told)?))
}

fn write_via_stream(
    ctx: &mut SplitCtx,
    data: Resource<Reader<BytesPipe>>,
    to: Box<dyn AsyncWrite + Send + Sync>,
) -> Result<ResultReader> {
    let (tell, told) = oneshot::channel();
    let output = Output {
        to: Box::into_pin(to),
        pending: Bytes::new(),
        share: ctx.budget.share(),
        is_unwritten: false,
        unwritten: ctx.layer::<CliState>().unwritten.clone(),
        tell: Some(tell),
    };
    ctx.pipes
        .bytes
        .attach_sink(&mut ctx.core, data.rep(), output)?;
    result_future(ctx, told)
}

/// A future of the outcome that is sent; success if the sender is dropped.
fn result_future(
    ctx: &mut SplitCtx,
    told: oneshot::Receiver<Result<(), ErrorCode>>,
) -> Result<ResultReader> {
    let source = OneShot::new(async move { Some(told.await.unwrap_or(Ok(()))) });
    let results = ctx.layer::<CliState>().results;
    let results = ctx.pipes.get(results);
    Ok(Resource::new_own(results.add_source(&ctx.core, source)?))
}

/// Standard input.
struct Input {
    from: Pin<Box<dyn AsyncRead + Send + Sync>>,
    tell: Option<oneshot::Sender<Result<(), ErrorCode>>>,
}

impl Source<Chunk> for Input {
    fn poll_items(&mut self, cx: &mut Context<'_>, max: usize) -> Poll<Option<Chunk>> {
        let mut bytes = BytesMut::zeroed(max.min(READ));
        let mut buf = ReadBuf::new(&mut bytes);
        let result = ready!(self.from.as_mut().poll_read(cx, &mut buf));
        let n = buf.filled().len();
        if let Err(error) = result {
            tell(&mut self.tell, Err(code(&error)));
            return Poll::Ready(None);
        }
        if n == 0 {
            tell(&mut self.tell, Ok(()));
            return Poll::Ready(None);
        }
        bytes.truncate(n);
        Poll::Ready(Some(Chunk(bytes.freeze())))
    }
}

/// Standard output or error.
struct Output {
    to: Pin<Box<dyn AsyncWrite + Send + Sync>>,
    pending: Bytes,
    /// The budget for pending bytes.
    share: Share,
    /// Whether it is counted in `unwritten`.
    is_unwritten: bool,
    unwritten: watch::Sender<usize>,
    tell: Option<oneshot::Sender<Result<(), ErrorCode>>>,
}

impl Output {
    fn set_unwritten(&mut self, is_unwritten: bool) {
        if std::mem::replace(&mut self.is_unwritten, is_unwritten) != is_unwritten {
            self.unwritten.send_modify(|outputs| {
                if is_unwritten {
                    *outputs += 1;
                } else {
                    *outputs -= 1;
                }
            });
        }
    }

    /// Writes pending bytes, then flushes, so that a terminal shows them and a file has them.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.pending.is_empty() {
            let n = ready!(self.to.as_mut().poll_write(cx, &self.pending))?;
            if n == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            let _ = self.pending.split_to(n);
        }
        self.share.set(0);
        self.to.as_mut().poll_flush(cx)
    }
}

impl Sink<Chunk> for Output {
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Option<usize>> {
        let flushed = ready!(self.poll_flush(cx));
        self.set_unwritten(false);
        match flushed {
            Ok(()) => Poll::Ready(Some(READ)),
            Err(error) => {
                tell(&mut self.tell, Err(code(&error)));
                Poll::Ready(None)
            }
        }
    }

    fn put(&mut self, items: Chunk) {
        self.share.set(items.0.len());
        self.pending = items.0;
        self.set_unwritten(true);
    }

    fn close(mut self: Box<Self>) {
        // The end is seen only after room was made, which flushes everything.
        tell(&mut self.tell, Ok(()));
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.set_unwritten(false);
    }
}

fn tell(to: &mut Option<oneshot::Sender<Result<(), ErrorCode>>>, result: Result<(), ErrorCode>) {
    if let Some(to) = to.take() {
        // The receiver may be gone.
        let _ = to.send(result);
    }
}

fn code(error: &io::Error) -> ErrorCode {
    match error.kind() {
        io::ErrorKind::BrokenPipe => ErrorCode::Pipe,
        io::ErrorKind::InvalidData => ErrorCode::IllegalByteSequence,
        _ => ErrorCode::Io,
    }
}
