//! Calls of a guest's async exports.

use wasmtime::Result;
use wasmtime::component::{ComponentNamedList, Lower};

use super::ctx::SplitView;
use super::driver::Alive;
use super::halves::{Results, TypedHalves};
use super::instance::{Died, SplitInstance};
use crate::exports;

/// An async function that a component exports: `foo: async func(P) -> R`.
pub struct AsyncFunc<T: 'static, P, R: Results> {
    halves: TypedHalves<P, R>,
    instance: SplitInstance<T>,
}

impl<T: 'static, P, R: Results> Clone for AsyncFunc<T, P, R> {
    fn clone(&self) -> Self {
        AsyncFunc {
            halves: self.halves,
            instance: self.instance.clone(),
        }
    }
}

impl<T: SplitView> SplitInstance<T> {
    /// Looks up the async function `name` (or `[method]r.name`) of an exported interface, or of the world itself.
    ///
    /// # Errors
    ///
    /// If there is none, or it has other types. The instance stays usable.
    pub async fn async_func<P, R>(
        &self,
        interface: Option<&str>,
        name: &str,
    ) -> Result<AsyncFunc<T, P, R>>
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: Results,
    {
        let (start, result) = split_name(name);
        let interface = interface.map(str::to_string);
        let found = self
            .enter(move |alive| {
                Box::pin(async move { Ok(look_up(alive, interface.as_deref(), &start, &result)) })
            })
            .await?;
        Ok(AsyncFunc {
            halves: found?,
            instance: self.clone(),
        })
    }
}

fn look_up<T, P, R>(
    alive: &mut Alive<T>,
    interface: Option<&str>,
    start: &str,
    result: &str,
) -> Result<TypedHalves<P, R>>
where
    T: SplitView,
    P: ComponentNamedList + Lower + Send + Sync + 'static,
    R: Results,
{
    let Alive {
        store, instance, ..
    } = alive;
    let start = exports::index(&mut *store, instance, interface, start)?;
    let result = exports::index(&mut *store, instance, interface, result)?;
    Ok(TypedHalves::new(
        instance.get_typed_func(&mut *store, start)?,
        instance.get_typed_func(&mut *store, result)?,
    ))
}

pub(crate) use isyswasfa_wit::split_name;

impl<T, P, R> AsyncFunc<T, P, R>
where
    T: SplitView,
    P: ComponentNamedList + Lower + Send + Sync + 'static,
    R: Results,
{
    /// Calls the function. Many calls can be under way at once, on clones too.
    ///
    /// # Errors
    ///
    /// If the instance dies, or had died before.
    ///
    /// # Cancellation
    ///
    /// Dropping the future cancels the call: the guest drops its task at its next turn.
    pub async fn call(&self, params: P) -> Result<R, Died> {
        let call = self.halves.call(move |_: &mut Alive<T>| Ok((params, ())));
        self.instance
            .call_halves(call, |_, results| Ok(results))
            .await
    }
}
