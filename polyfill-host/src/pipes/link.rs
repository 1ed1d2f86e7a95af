//! Defines a pipe's resources and functions for guests, for any payload known when the host is compiled.

use std::marker::PhantomData;

use isyswasfa_core::Outcome;
use wasmtime::component::{ComponentType, Lift, LinkerInstance, Lower, Resource, ResourceType};
use wasmtime::{Result, StoreContextMut};

use super::payload::Payload;
use crate::core::{View, called};

/// `isyswasfa:core/bytes.status`, for wasmtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
enum Status {
    #[component(name = "blocked")]
    Blocked,
    #[component(name = "closed")]
    Closed,
}

impl From<isyswasfa_core::Status> for Status {
    fn from(status: isyswasfa_core::Status) -> Self {
        match status {
            isyswasfa_core::Status::Blocked => Status::Blocked,
            isyswasfa_core::Status::Closed => Status::Closed,
        }
    }
}

/// Both ends of a new pipe.
type Ends<P> = (Resource<Writer<P>>, Resource<Reader<P>>);

/// The reader of a pipe, as a resource's type parameter.
pub struct Reader<P>(PhantomData<fn(P)>);

/// The writer of a pipe, as a resource's type parameter.
pub struct Writer<P>(PhantomData<fn(P)>);

/// The names of a pipe's resources and functions in their interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    reader: String,
    writer: String,
    new: String,
}

impl Names {
    /// The names in an interface of its own: `reader`, `writer`, `new`.
    pub fn plain() -> Self {
        Names {
            reader: "reader".into(),
            writer: "writer".into(),
            new: "new".into(),
        }
    }

    /// The names in a user's interface: `NAME-reader`, `NAME-writer`, `NAME-new`.
    pub fn prefixed(name: &str) -> Self {
        Names {
            reader: format!("{name}-reader"),
            writer: format!("{name}-writer"),
            new: format!("{name}-new"),
        }
    }

    pub(crate) fn reader(&self) -> &str {
        &self.reader
    }

    pub(crate) fn writer(&self) -> &str {
        &self.writer
    }

    pub(crate) fn constructor(&self) -> &str {
        &self.new
    }

    /// The name of a method of the reader.
    pub(crate) fn of_reader(&self, method: &str) -> String {
        format!("[method]{}.{method}", self.reader)
    }

    /// The name of a method of the writer.
    pub(crate) fn of_writer(&self, method: &str) -> String {
        format!("[method]{}.{method}", self.writer)
    }
}

/// Defines the pipe with payload `P` in an interface.
///
/// # Errors
///
/// If one of its names is defined already.
pub fn add_pipe<T, P>(linker: &mut LinkerInstance<'_, T>, names: &Names) -> Result<()>
where
    T: View,
    P: Payload<T::Ctx>,
{
    linker.resource(
        names.reader(),
        ResourceType::host::<Reader<P>>(),
        |mut store, rep| {
            let (core, pipes) = P::table(called(&mut store));
            pipes.drop_reader(core, rep)
        },
    )?;
    linker.resource(
        names.writer(),
        ResourceType::host::<Writer<P>>(),
        |mut store, rep| {
            let (core, pipes) = P::table(called(&mut store));
            pipes.drop_writer(core, rep)
        },
    )?;
    linker.func_wrap(
        names.constructor(),
        |mut store: StoreContextMut<'_, T>, ()| -> Result<(Ends<P>,)> {
            let pipe = P::table(called(&mut store)).1.create()?;
            Ok(((Resource::new_own(pipe), Resource::new_own(pipe)),))
        },
    )?;
    add_reader::<T, P>(linker, names)?;
    add_writer::<T, P>(linker, names)
}

fn add_reader<T, P>(linker: &mut LinkerInstance<'_, T>, names: &Names) -> Result<()>
where
    T: View,
    P: Payload<T::Ctx>,
{
    linker.func_wrap(
        &names.of_reader("read"),
        |mut store: StoreContextMut<'_, T>,
         (reader, component, token, max): (Resource<Reader<P>>, u64, u32, u32)| {
            let ctx = called(&mut store);
            let (core, pipes) = P::table(ctx);
            let waiter = core.waiter(component, token)?;
            let outcome = pipes.read(core, reader.rep(), waiter, max as usize)?;
            let result = match outcome.into_result() {
                Ok(items) => Ok(P::lower(ctx, items)?),
                Err(status) => Err(Status::from(status)),
            };
            Ok((result,))
        },
    )?;
    linker.func_wrap(
        &names.of_reader("cancel-read"),
        |mut store: StoreContextMut<'_, T>, (reader,): (Resource<Reader<P>>,)| {
            let ctx = called(&mut store);
            let items = P::table(ctx).1.cancel_read(reader.rep())?;
            Ok((P::lower(ctx, items)?,))
        },
    )
}

fn add_writer<T, P>(linker: &mut LinkerInstance<'_, T>, names: &Names) -> Result<()>
where
    T: View,
    P: Payload<T::Ctx>,
{
    linker.func_wrap(
        &names.of_writer("write"),
        |mut store: StoreContextMut<'_, T>,
         (writer, component, token, items): (Resource<Writer<P>>, u64, u32, P::Wire)| {
            let ctx = called(&mut store);
            let items = P::lift(ctx, items)?;
            let (core, pipes) = P::table(ctx);
            let waiter = core.waiter(component, token)?;
            Ok((count(pipes.write(core, writer.rep(), waiter, items)?),))
        },
    )?;
    linker.func_wrap(
        &names.of_writer("written"),
        |mut store: StoreContextMut<'_, T>,
         (writer, component, token): (Resource<Writer<P>>, u64, u32)| {
            let (core, pipes) = P::table(called(&mut store));
            let waiter = core.waiter(component, token)?;
            Ok((count(pipes.written(core, writer.rep(), waiter)?),))
        },
    )?;
    linker.func_wrap(
        &names.of_writer("cancel-write"),
        |mut store: StoreContextMut<'_, T>, (writer,): (Resource<Writer<P>>,)| {
            let pipes = P::table(called(&mut store)).1;
            Ok((pipes.cancel_write(writer.rep())? as u32,))
        },
    )?;
    linker.func_wrap(
        &names.of_writer("take-back"),
        |mut store: StoreContextMut<'_, T>, (writer,): (Resource<Writer<P>>,)| {
            let ctx = called(&mut store);
            let items = P::table(ctx).1.take_back(writer.rep())?;
            Ok((P::lower(ctx, items)?,))
        },
    )
}

/// The number of items written, as the guest sees it.
fn count(outcome: Outcome<usize>) -> Result<u32, Status> {
    // An offer is a guest's list: its length fits.
    let outcome = outcome.map(|n| n as u32);
    outcome.into_result().map_err(Status::from)
}
