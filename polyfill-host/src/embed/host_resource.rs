//! Resources that the host implements.

use std::fmt;
use std::mem::MaybeUninit;
use std::ops::Deref;
use std::sync::Arc;

use wasmtime::component::__internal::{
    CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext, LowerContext,
};
use wasmtime::component::{ComponentType, Lift, Lower, Resource, Val};
use wasmtime::{AsContextMut, Result, StoreContextMut, bail};

use super::abi::handle_abi;
use super::value::{Handles, UNEXPECTED, Value};
use crate::split::SplitView;

/// A resource that the host implements: what a guest's handle stands for, `own` or `borrow`.
///
/// It is shared, since guests may call methods of one resource at the same time, and drop their handle while a call is under
/// way. The resource is dropped when neither a guest nor the host has it any more.
pub struct HostResource<R: 'static>(State<R>);

enum State<R: 'static> {
    Here(Arc<R>),
    /// Between the canonical ABI and the store's table.
    Crossing(Resource<R>),
}

impl<R: Send + Sync + 'static> HostResource<R> {
    /// A new resource.
    pub fn new(resource: R) -> Self {
        HostResource(State::Here(Arc::new(resource)))
    }

    /// The resource, to be kept.
    pub fn into_inner(self) -> Arc<R> {
        match self.0 {
            State::Here(resource) => resource,
            State::Crossing(_) => unreachable!("{CROSSING}"),
        }
    }
}

/// Why the host never has a handle that is between ABI and table.
const CROSSING: &str = "what the host is given has arrived";

impl<R: Send + Sync + 'static> From<Arc<R>> for HostResource<R> {
    fn from(resource: Arc<R>) -> Self {
        HostResource(State::Here(resource))
    }
}

impl<R: 'static> Deref for HostResource<R> {
    type Target = R;

    fn deref(&self) -> &R {
        match &self.0 {
            State::Here(resource) => resource,
            State::Crossing(_) => unreachable!("{CROSSING}"),
        }
    }
}

impl<R: 'static> Clone for HostResource<R> {
    fn clone(&self) -> Self {
        match &self.0 {
            State::Here(resource) => HostResource(State::Here(resource.clone())),
            State::Crossing(_) => unreachable!("{CROSSING}"),
        }
    }
}

impl<R: 'static> fmt::Debug for HostResource<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostResource")
    }
}

handle_abi! {
    impl<R: [Send + Sync + 'static]> for HostResource<R>;
    typecheck(ty, types) {
        Resource::<R>::typecheck(ty, types)
    }
    lower(this, ty, with) {
        match &this.0 {
            State::Crossing(handle) => with!(handle),
            State::Here(_) => bail!("a resource that has not left"),
        }
    }
    lift(ty, from) {
        Ok(HostResource(State::Crossing(from!(Resource<R>)?)))
    }
}

impl<R: Send + Sync + 'static> Value for HostResource<R> {
    const HANDLES: bool = true;

    fn arrive<S: SplitView>(&mut self, store: &mut StoreContextMut<'_, S>) -> Result<()> {
        if let State::Crossing(handle) = &self.0 {
            let resources = store.data_mut().split().host_resources();
            self.0 = State::Here(if handle.owned() {
                resources.take(handle.rep())?
            } else {
                resources.get(handle.rep())?
            });
        }
        Ok(())
    }

    fn leave<S: SplitView>(&mut self, store: &mut StoreContextMut<'_, S>) -> Result<()> {
        if let State::Here(resource) = &self.0 {
            let resources = store.data_mut().split().host_resources();
            let rep = resources.push(resource.clone())?;
            self.0 = State::Crossing(Resource::new_own(rep));
        }
        Ok(())
    }

    fn into_val<H: Handles>(self, handles: &mut H) -> Result<Val> {
        match self.0 {
            State::Crossing(handle) => Ok(Val::Resource(handles.own::<R>(handle.rep())?)),
            State::Here(_) => bail!("a resource that has not left"),
        }
    }

    fn from_val<H: Handles>(val: Val, handles: &mut H) -> Result<Self> {
        match val {
            Val::Resource(handle) => Ok(HostResource(State::Crossing(handles.taken(handle)?))),
            _ => bail!(UNEXPECTED),
        }
    }
}

/// Drops what a guest's handle stands for.
pub(super) fn dropped<S: SplitView, R: Send + Sync + 'static>(
    mut store: StoreContextMut<'_, S>,
    rep: u32,
) -> Result<()> {
    let mut store = store.as_context_mut();
    let resources = store.data_mut().split().host_resources();
    resources.take::<R>(rep).map(drop)
}
