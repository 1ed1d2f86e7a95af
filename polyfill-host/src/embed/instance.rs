//! An instance of a component of either ABI, which many tasks can use at once.

use isyswasfa_wit::names;
use wasmtime::component::{self, Component, ComponentNamedList, Lift, Linker, Lower, TypedFunc};
use wasmtime::{AsContextMut, Result, Store, StoreContextMut};

use super::export::Export;
use super::imports::is_concurrent;
use super::native::{NativeInstance, NativePre};
use super::value::Value;
use crate::exports;
use crate::split::{Died, Results, SplitInstance, SplitPre, SplitView, TypedHalves, split_name};
use crate::wasi;

/// A component that is ready to be instantiated.
pub struct Pre<T: 'static>(PreOf<T>);

enum PreOf<T: 'static> {
    Split(SplitPre<T>),
    Native(NativePre<T>),
}

impl<T: 'static> Clone for Pre<T> {
    fn clone(&self) -> Self {
        Pre(match &self.0 {
            PreOf::Split(pre) => PreOf::Split(pre.clone()),
            PreOf::Native(pre) => PreOf::Native(pre.clone()),
        })
    }
}

impl<T: SplitView> Pre<T> {
    /// Prepares a component whose imports the linker has. The host adds the pipes of a split component.
    ///
    /// # Errors
    ///
    /// If the linker lacks an import.
    pub fn new(linker: &Linker<T>, component: &Component) -> Result<Self> {
        let engine = component.engine();
        if is_split(component) || !is_concurrent(engine) {
            let mut linker = linker.clone();
            // The embedder may have defined them for another component.
            linker.allow_shadowing(true);
            wasi::add_value_pipes(&mut linker, component)?;
            let pre = SplitPre::new(linker.instantiate_pre(component)?);
            return Ok(Pre(PreOf::Split(pre)));
        }
        let pre = linker.instantiate_pre(component)?;
        Ok(Pre(PreOf::Native(NativePre::new(pre))))
    }

    /// Instantiates the component in a store of its own, which is driven by a task from then on.
    ///
    /// # Errors
    ///
    /// If there is no room for another instance, or a start function traps.
    pub async fn instantiate(&self, store: Store<T>) -> Result<Instance<T>> {
        Ok(Instance(match &self.0 {
            PreOf::Split(pre) => InstanceOf::Split(pre.instantiate(store).await?),
            PreOf::Native(pre) => InstanceOf::Native(pre.instantiate(store).await?),
        }))
    }
}

/// Whether a component is split, by the names of its imports and exports.
pub fn is_split(component: &Component) -> bool {
    let engine = component.engine();
    let ty = component.component_type();
    let imports = ty.imports(engine).map(|(name, _)| name);
    let mut names = imports.chain(ty.exports(engine).map(|(name, _)| name));
    names.any(names::is_split)
}

/// A handle on an instance. Calls can be made on clones of it at the same time; the guest's tasks run concurrently.
///
/// The instance ends, with all that it has under way, when the last handle is dropped.
pub struct Instance<T: 'static>(pub(super) InstanceOf<T>);

pub(super) enum InstanceOf<T: 'static> {
    Split(SplitInstance<T>),
    Native(NativeInstance<T>),
}

impl<T: 'static> Clone for Instance<T> {
    fn clone(&self) -> Self {
        Instance(match &self.0 {
            InstanceOf::Split(instance) => InstanceOf::Split(instance.clone()),
            InstanceOf::Native(instance) => InstanceOf::Native(instance.clone()),
        })
    }
}

impl<T: SplitView> Instance<T> {
    /// Reads or changes the store's data.
    ///
    /// # Errors
    ///
    /// If the instance has died: its data is gone.
    pub async fn with<R: Send + 'static>(
        &self,
        what: impl FnOnce(&mut T) -> R + Send + 'static,
    ) -> Result<R, Died> {
        match &self.0 {
            InstanceOf::Split(instance) => instance.with(what).await,
            InstanceOf::Native(instance) => {
                let what = move |mut store: StoreContextMut<'_, T>, _| what(store.data_mut());
                instance.with_store(what).await
            }
        }
    }

    /// Why the instance has died, if it has.
    pub async fn died(&self) -> Option<Died> {
        match &self.0 {
            InstanceOf::Split(instance) => instance.died().await,
            InstanceOf::Native(instance) => instance.died(),
        }
    }

    /// Looks up exports: calls `look` once.
    ///
    /// # Errors
    ///
    /// That of `look`, or if the instance has died. It stays usable.
    pub async fn look_up<R: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Lookup<'_, T>) -> Result<R> + Send + 'static,
    ) -> Result<R> {
        let of = self.clone();
        match &self.0 {
            InstanceOf::Split(instance) => {
                let found = instance.enter(move |alive| {
                    Box::pin(async move {
                        let instance = alive.instance;
                        let store = alive.store.as_context_mut();
                        Ok(look(&mut Lookup {
                            store,
                            instance,
                            of,
                        }))
                    })
                });
                found.await?
            }
            InstanceOf::Native(instance) => {
                let look = move |store: StoreContextMut<'_, T>, instance| {
                    look(&mut Lookup {
                        store,
                        instance,
                        of: of.clone(),
                    })
                };
                instance.with_store(look).await?
            }
        }
    }
}

/// Looks up exports.
pub struct Lookup<'a, T: 'static> {
    store: StoreContextMut<'a, T>,
    instance: component::Instance,
    of: Instance<T>,
}

impl<T: SplitView> Lookup<'_, T> {
    /// The instance.
    pub fn instance(&self) -> Instance<T> {
        self.of.clone()
    }

    /// The async function `name` of an interface (its names in native and in split components), or of the world itself.
    ///
    /// # Errors
    ///
    /// If there is none, or it has other types.
    pub fn async_export<P, R>(
        &mut self,
        interface: Option<(&str, &str)>,
        name: &str,
    ) -> Result<Export<T, P, R>>
    where
        P: ComponentNamedList + Lower + Value,
        R: Results + Value,
    {
        match &self.of.0 {
            InstanceOf::Split(_) => {
                let (start, result) = split_name(name);
                let start = self.find(interface, &start)?;
                let result = self.find(interface, &result)?;
                Ok(Export::halves(
                    self.of.clone(),
                    TypedHalves::new(start, result),
                ))
            }
            InstanceOf::Native(_) => self.export(interface, name),
        }
    }

    /// The same for a function that is not async.
    ///
    /// # Errors
    ///
    /// If there is none, or it has other types.
    pub fn export<P, R>(
        &mut self,
        interface: Option<(&str, &str)>,
        name: &str,
    ) -> Result<Export<T, P, R>>
    where
        P: ComponentNamedList + Lower + Value,
        R: Results + Value,
    {
        let function = self.find(interface, name)?;
        Ok(Export::whole(self.of.clone(), function))
    }

    fn find<P, R>(&mut self, interface: Option<(&str, &str)>, name: &str) -> Result<TypedFunc<P, R>>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let Lookup {
            store,
            instance,
            of,
        } = self;
        let interface = interface.map(|(native, split)| match of.0 {
            InstanceOf::Split(_) => split,
            InstanceOf::Native(_) => native,
        });
        let found = exports::index(&mut *store, instance, interface, name)?;
        let function = instance.get_typed_func(&mut *store, found);
        function.map_err(|error| error.context(format!("the exported function `{name}`")))
    }
}
