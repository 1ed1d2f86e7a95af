//! `future<T>` in the host: its readable end, from a guest or for one, and the writable end of those that the host makes.

use std::fmt;
use std::future::Future;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::stream::{self, StreamExt};
use wasmtime::component::__internal::{
    CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext, LowerContext,
};
use wasmtime::component::{self, ComponentType, Lift, Lower, Resource, ResourceDynamic, Val};
use wasmtime::{Result, StoreContextMut, bail};

use super::abi::handle_abi;
use super::channel::{Sender, channel};
use super::end::End;
use super::value::{Carrier, Handles, Value};
use super::{native_pipe, split_pipe};
use crate::pipes::{Reader, UnitPipe};
use crate::split::SplitView;

/// The readable end of a `future<T>`: a Rust future of its value, or of `None` if the writer is gone or the guest has trapped.
///
/// A reader for a guest is made with [`new`](FutureReader::new), of a [future](FutureReader::from_future) or of the
/// [value](FutureReader::ready). Dropping it tells the writer that nobody reads; a native one learns it when it writes.
pub struct FutureReader<T: Value>(End<T, component::FutureReader<T>>);

impl<T: Value> FutureReader<T> {
    /// A future that the host writes, for a guest to read (or the host).
    pub fn new() -> (FutureWriter<T>, FutureReader<T>) {
        let (sender, receiver) = channel();
        (FutureWriter(sender), FutureReader(End::here(receiver)))
    }

    /// A reader of the output of `future`, which is polled when somebody reads.
    pub fn from_future(future: impl Future<Output = T> + Send + 'static) -> FutureReader<T> {
        let batches = stream::once(future).map(|value| vec![value]);
        FutureReader(End::here(batches))
    }

    /// A reader of this value.
    pub fn ready(value: T) -> FutureReader<T> {
        FutureReader::from_future(std::future::ready(value))
    }
}

/// Its source is in a pinned box.
impl<T: Value> Unpin for FutureReader<T> {}

impl<T: Value> Future for FutureReader<T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let batch = self.0.batches().poll_next(cx);
        batch.map(|batch| batch?.into_iter().next())
    }
}

impl<T: Value> fmt::Debug for FutureReader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FutureReader")
    }
}

/// The writable end of a future that the host has made.
///
/// A guest that reads a future whose writer was dropped gets the default that it has for this case (split ABI), or traps (native
/// ABI, which has no other way).
pub struct FutureWriter<T>(Sender<T>);

impl<T> FutureWriter<T> {
    /// Writes the value.
    ///
    /// # Errors
    ///
    /// If the reader is gone: the value comes back.
    pub fn write(self, value: T) -> Result<(), T> {
        self.0
            .send(vec![value])
            .map_err(|mut batch| batch.pop().expect("the batch that was sent"))
    }

    /// Waits until the reader is dropped.
    pub async fn closed(&self) {
        std::future::poll_fn(|cx| self.0.poll_gone(cx)).await;
    }
}

impl<T> fmt::Debug for FutureWriter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FutureWriter")
    }
}

/// How the split ABI carries a future: only streams of bytes are special.
const fn carrier<T: Value>() -> Carrier {
    match T::CARRIER {
        Carrier::Bytes => Carrier::Values,
        carrier => carrier,
    }
}

handle_abi! {
    impl<T: [Value]> for FutureReader<T>;
    typecheck(ty, types) {
        match (ty, carrier::<T>()) {
            (InterfaceType::Future(_), _) => component::FutureReader::<T>::typecheck(ty, types),
            (_, Carrier::Units) => Resource::<Reader<UnitPipe>>::typecheck(ty, types),
            _ => ResourceDynamic::typecheck(ty, types),
        }
    }
    lower(this, ty, with) {
        match (&this.0, carrier::<T>()) {
            (End::Native(reader), _) => with!(reader),
            (End::Split(rep), Carrier::Units) => with!(Resource::<Reader<UnitPipe>>::new_own(*rep)),
            (End::Split(rep), _) => with!(split_pipe::value_reader(*rep)),
            (End::Here(_), _) => bail!("a future that has not left"),
        }
    }
    lift(ty, from) {
        Ok(FutureReader(match (ty, carrier::<T>()) {
            (InterfaceType::Future(_), _) => End::Native(from!(component::FutureReader<T>)?),
            (_, Carrier::Units) => End::Split(from!(Resource<Reader<UnitPipe>>)?.rep()),
            _ => End::Split(from!(ResourceDynamic)?.rep()),
        }))
    }
}

impl<T: Value> Value for FutureReader<T> {
    const HANDLES: bool = true;

    fn arrive<S: SplitView>(&mut self, store: &mut StoreContextMut<'_, S>) -> Result<()> {
        self.0.arrive(|end| match end {
            End::Native(reader) => native_pipe::read_future(store, reader),
            End::Split(rep) => split_pipe::read(store, rep, carrier::<T>()),
            End::Here(batches) => Ok(batches),
        })
    }

    fn leave<S: SplitView>(&mut self, store: &mut StoreContextMut<'_, S>) -> Result<()> {
        self.0.leave(|batches| {
            Ok(if store.data_mut().split().later.is_native() {
                End::Native(native_pipe::write_future(store, batches)?)
            } else {
                End::Split(split_pipe::write(store, batches, carrier::<T>())?)
            })
        })
    }

    fn into_val<H: Handles>(self, handles: &mut H) -> Result<Val> {
        split_pipe::to_val(self.0.rep()?, carrier::<T>(), handles)
    }

    fn from_val<H: Handles>(val: Val, handles: &mut H) -> Result<Self> {
        let rep = split_pipe::of_val(val, carrier::<T>(), handles)?;
        Ok(FutureReader(End::Split(rep)))
    }
}
