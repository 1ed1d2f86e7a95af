//! Resources that a guest implements.

use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use wasmtime::component::__internal::{
    CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext, LowerContext,
};
use wasmtime::component::{ComponentType, Lift, Lower, ResourceAny, Val};
use wasmtime::{Result, StoreContextMut, bail};

use super::abi::handle_abi;
use super::value::{Handles, UNEXPECTED, Value};
use crate::split::{Later, SplitView};

/// A resource that a guest implements, owned by the host. `K` tells the types of several resources apart.
///
/// Dropping it drops the guest's resource at the instance's next turn.
pub struct GuestResource<K>(State, PhantomData<fn(K)>);

enum State {
    Here(Arc<Owned>),
    /// Just lifted.
    Crossing(ResourceAny),
}

/// The host's handle.
struct Owned {
    handle: ResourceAny,
    /// Whether a guest has the resource again.
    given: AtomicBool,
    later: Arc<Later>,
}

impl Drop for Owned {
    fn drop(&mut self) {
        if !self.given.load(Relaxed) {
            self.later.drop_handles([self.handle]);
        }
    }
}

impl<K> GuestResource<K> {
    /// The same resource, lent for a call: it is not dropped before the call is over.
    #[doc(hidden)]
    pub fn lend(&self) -> Self {
        match &self.0 {
            State::Here(owned) => GuestResource(State::Here(owned.clone()), PhantomData),
            State::Crossing(_) => unreachable!("what the host is given has arrived"),
        }
    }
}

impl<K> fmt::Debug for GuestResource<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GuestResource")
    }
}

handle_abi! {
    impl<K: ['static]> for GuestResource<K>;
    typecheck(ty, types) {
        ResourceAny::typecheck(ty, types)
    }
    lower(this, ty, with) {
        let State::Here(owned) = &this.0 else {
            bail!("a resource that has not arrived");
        };
        if let InterfaceType::Own(_) = ty {
            owned.given.store(true, Relaxed);
        }
        with!(owned.handle)
    }
    lift(ty, from) {
        Ok(GuestResource(State::Crossing(from!(ResourceAny)?), PhantomData))
    }
}

impl<K: 'static> Value for GuestResource<K> {
    const HANDLES: bool = true;

    fn arrive<S: SplitView>(&mut self, store: &mut StoreContextMut<'_, S>) -> Result<()> {
        if let State::Crossing(handle) = self.0 {
            self.0 = State::Here(Arc::new(Owned {
                handle,
                given: AtomicBool::new(false),
                later: store.data_mut().split().later.clone(),
            }));
        }
        Ok(())
    }

    fn into_val<H: Handles>(self, handles: &mut H) -> Result<Val> {
        let State::Here(owned) = &self.0 else {
            bail!("a resource that has not arrived");
        };
        owned.given.store(true, Relaxed);
        Ok(Val::Resource(handles.guest(owned.handle)?))
    }

    fn from_val<H: Handles>(val: Val, handles: &mut H) -> Result<Self> {
        match val {
            Val::Resource(handle) => Ok(GuestResource(
                State::Crossing(handles.guest(handle)?),
                PhantomData,
            )),
            _ => bail!(UNEXPECTED),
        }
    }
}
