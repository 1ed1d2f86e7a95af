//! The types of WIT in Rust, which cross between host and guests in both ABIs.

use bytes::Bytes;
use wasmtime::component::{
    ComponentType, Lift, Lower, Resource, ResourceAny, ResourceDynamic, Val,
};
use wasmtime::{Result, StoreContextMut, bail};

use crate::split::SplitView;

/// A type of WIT in Rust. Generated code implements it, and only generated code uses its items.
///
/// The canonical ABI is wasmtime's: `ComponentType`, `Lift` and `Lower`. A stream, a future or a host resource crosses as a
/// number. [`arrive`](Value::arrive) makes a host value of it after lifting, and [`leave`](Value::leave) makes a number of the
/// value before lowering.
pub trait Value: ComponentType + Lift + Lower + Sized + Send + Sync + 'static {
    /// Whether it contains streams, futures or resources.
    #[doc(hidden)]
    const HANDLES: bool = false;

    /// Whether it points to memory of its own.
    #[doc(hidden)]
    const POINTS: bool = false;

    /// How the split ABI's host carries a `stream` of it.
    #[doc(hidden)]
    const CARRIER: Carrier = Carrier::Values;

    /// How many bytes it takes beside itself.
    #[doc(hidden)]
    fn weight(&self) -> usize {
        0
    }

    /// Takes over a value that was lifted in this store.
    #[doc(hidden)]
    fn arrive<S: SplitView>(&mut self, store: &mut StoreContextMut<'_, S>) -> Result<()> {
        let _ = store;
        Ok(())
    }

    /// Prepares a value to be lowered in this store.
    #[doc(hidden)]
    fn leave<S: SplitView>(&mut self, store: &mut StoreContextMut<'_, S>) -> Result<()> {
        let _ = store;
        Ok(())
    }

    /// The value as an item of a pipe, after `leave`.
    #[doc(hidden)]
    fn into_val<H: Handles>(self, handles: &mut H) -> Result<Val>;

    /// The value of an item of a pipe, before `arrive`.
    #[doc(hidden)]
    fn from_val<H: Handles>(val: Val, handles: &mut H) -> Result<Self>;

    /// The value as an optional payload, of a side of a `result`.
    #[doc(hidden)]
    fn into_payload<H: Handles>(self, handles: &mut H) -> Result<Option<Box<Val>>> {
        Ok(Some(Box::new(self.into_val(handles)?)))
    }

    /// The value of an optional payload.
    #[doc(hidden)]
    fn from_payload<H: Handles>(val: Option<Box<Val>>, handles: &mut H) -> Result<Self> {
        match val {
            Some(val) => Self::from_val(*val, handles),
            None => bail!(UNEXPECTED),
        }
    }

    /// Of [`Carrier::Bytes`].
    #[doc(hidden)]
    fn from_bytes(bytes: Bytes) -> Vec<Self> {
        let _ = bytes;
        unreachable!("only bytes are carried as bytes")
    }

    /// Of [`Carrier::Bytes`].
    #[doc(hidden)]
    fn into_bytes(items: Vec<Self>) -> Bytes {
        let _ = items;
        unreachable!("only bytes are carried as bytes")
    }

    /// Of [`Carrier::Units`].
    #[doc(hidden)]
    fn from_count(count: usize) -> Vec<Self> {
        let _ = count;
        unreachable!("only nothing is counted")
    }
}

/// How many bytes several values take.
pub(super) fn weight_of<T: Value>(values: &[T]) -> usize {
    let inside: usize = if T::POINTS {
        values.iter().map(Value::weight).sum()
    } else {
        0
    };
    size_of_val(values) + inside
}

/// How the split ABI's host carries a pipe's items.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// As bytes: `isyswasfa:core/bytes`.
    Bytes,
    /// As a count: pipes without payload.
    Units,
    /// One by one.
    Values,
}

/// The trap of a guest whose pipe has another type than its interface says.
pub(super) const UNEXPECTED: &str =
    "an item of a pipe is of another type than the function's that has brought the pipe";

/// Converts between handles and numbers in dynamic values.
#[doc(hidden)]
pub trait Handles {
    /// A host resource that a guest will own.
    fn own<R: 'static>(&mut self, rep: u32) -> Result<ResourceAny>;
    /// A host resource that a guest has handed over.
    fn taken<R: 'static>(&mut self, handle: ResourceAny) -> Result<Resource<R>>;
    /// The same for the ends of pipes of values.
    fn own_dynamic(&mut self, end: ResourceDynamic) -> Result<ResourceAny>;
    /// The same for the ends of pipes of values.
    fn taken_dynamic(&mut self, handle: ResourceAny) -> Result<ResourceDynamic>;
    /// A resource that the guest implements.
    fn guest(&mut self, handle: ResourceAny) -> Result<ResourceAny>;
}

impl<S: 'static> Handles for StoreContextMut<'_, S> {
    fn own<R: 'static>(&mut self, rep: u32) -> Result<ResourceAny> {
        Resource::<R>::new_own(rep).try_into_resource_any(self)
    }

    fn taken<R: 'static>(&mut self, handle: ResourceAny) -> Result<Resource<R>> {
        handle.try_into_resource(self)
    }

    fn own_dynamic(&mut self, end: ResourceDynamic) -> Result<ResourceAny> {
        end.try_into_resource_any(self)
    }

    fn taken_dynamic(&mut self, handle: ResourceAny) -> Result<ResourceDynamic> {
        handle.try_into_resource_dynamic(self)
    }

    fn guest(&mut self, handle: ResourceAny) -> Result<ResourceAny> {
        Ok(handle)
    }
}

/// For values that have no handles in them.
pub(super) struct NoHandles;

/// The message for a mistake in [`Value::HANDLES`].
const NONE: &str = "a type without handles has one";

impl Handles for NoHandles {
    fn own<R: 'static>(&mut self, _: u32) -> Result<ResourceAny> {
        bail!(NONE)
    }

    fn taken<R: 'static>(&mut self, _: ResourceAny) -> Result<Resource<R>> {
        bail!(NONE)
    }

    fn own_dynamic(&mut self, _: ResourceDynamic) -> Result<ResourceAny> {
        bail!(NONE)
    }

    fn taken_dynamic(&mut self, _: ResourceAny) -> Result<ResourceDynamic> {
        bail!(NONE)
    }

    fn guest(&mut self, _: ResourceAny) -> Result<ResourceAny> {
        bail!(NONE)
    }
}
