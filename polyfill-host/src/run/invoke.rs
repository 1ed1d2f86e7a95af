//! Calls one function of a component, with arguments and result in WAVE.

mod lookup;

use super::error::InvokeError;
use super::{native as run_native, split as run_split, wave};
use crate::guest::Guest;
use crate::split::{DynamicCall, SplitPre};
use lookup::{Found, Kind, Wanted};
use std::sync::Arc;
use wasm_wave::untyped::UntypedFuncCall;
use wasm_wave::value::{Type as WaveType, Value};
use wasmtime::Store;
use wasmtime::component::{InstancePre, Type, Val};

/// Why a function could not be called.
pub(super) enum CallFailure {
    /// There is no such function, or it has other parameters.
    Invoke(InvokeError),
    /// The guest trapped or exited.
    Ended(Arc<wasmtime::Error>),
}

impl From<InvokeError> for CallFailure {
    fn from(error: InvokeError) -> Self {
        CallFailure::Invoke(error)
    }
}

impl From<wasmtime::Error> for CallFailure {
    fn from(error: wasmtime::Error) -> Self {
        CallFailure::Ended(Arc::new(error))
    }
}

impl From<Arc<wasmtime::Error>> for CallFailure {
    fn from(error: Arc<wasmtime::Error>) -> Self {
        CallFailure::Ended(error)
    }
}

/// Calls a function of a native component, async or not.
pub(super) async fn native(
    pre: InstancePre<Guest>,
    mut store: Store<Guest>,
    call: &str,
    until_idle: bool,
) -> Result<String, CallFailure> {
    let prepared = Prepared::new(&pre, call)?;
    let instance = pre.instantiate_async(&mut store).await?;
    let func = prepared.found.func(&mut store, &instance)?;
    let mut results = prepared.results();
    store
        .run_concurrent(async |store| {
            func.call_concurrent(store, &prepared.arguments, &mut results)
                .await?;
            run_native::end(store, until_idle).await;
            Ok::<_, wasmtime::Error>(())
        })
        .await??;
    prepared.render(results)
}

/// Calls a function of a 0.2 component.
pub(super) async fn plain(
    pre: InstancePre<Guest>,
    mut store: Store<Guest>,
    call: &str,
) -> Result<String, CallFailure> {
    let prepared = Prepared::new(&pre, call)?;
    let instance = pre.instantiate_async(&mut store).await?;
    let func = prepared.found.func(&mut store, &instance)?;
    let mut results = prepared.results();
    func.call_async(&mut store, &prepared.arguments, &mut results)
        .await?;
    prepared.render(results)
}

/// Calls a function of a split component; both halves of an async one.
pub(super) async fn split(
    pre: InstancePre<Guest>,
    store: Store<Guest>,
    call: &str,
    until_idle: bool,
) -> Result<String, CallFailure> {
    let prepared = Prepared::new(&pre, call)?;
    let instance = SplitPre::new(pre).instantiate(store).await?;
    let call = DynamicCall {
        interface: prepared.found.interface.clone(),
        function: prepared.found.function.clone(),
        is_split: prepared.found.kind == Kind::SplitAsync,
        arguments: prepared.arguments.clone(),
        has_result: prepared.result.is_some(),
    };
    let results = instance.call_dynamic(call).await;
    let results = results.map_err(|died| died.shared_reason())?;
    run_split::end(&instance, until_idle)
        .await
        .map_err(|died| died.shared_reason())?;
    prepared.render(results)
}

/// A function, and arguments that match it.
struct Prepared {
    found: Found,
    arguments: Vec<Val>,
    result: Option<WaveType>,
}

impl Prepared {
    fn new(pre: &InstancePre<Guest>, call: &str) -> Result<Self, InvokeError> {
        let (wanted, function_call) = Wanted::parse(call)?;
        let untyped = UntypedFuncCall::parse(function_call)
            .map_err(|error| malformed(call, &error.to_string()))?;
        let found = Found::find(pre.component(), &wanted)?;
        let wave_type = |what: String, ty: &Type| {
            wave::type_of(ty).map_err(|kind| InvokeError::Unwritable {
                function: found.name.clone(),
                what,
                kind,
            })
        };
        let types = found
            .params
            .iter()
            .map(|(name, ty)| wave_type(format!("its parameter `{name}`"), ty));
        let types = types.collect::<Result<Vec<_>, _>>()?;
        let arguments: Vec<Value> = untyped
            .to_wasm_params(&types)
            .map_err(|error| malformed(call, &error.to_string()))?;
        let result = found
            .result
            .as_ref()
            .map(|ty| wave_type("its result".to_owned(), ty))
            .transpose()?;
        Ok(Self {
            arguments: arguments
                .iter()
                .zip(&found.params)
                .map(|(value, (_, ty))| wave::argument(value, ty))
                .collect(),
            found,
            result,
        })
    }

    /// Room for the result.
    fn results(&self) -> Vec<Val> {
        vec![Val::Bool(false); usize::from(self.result.is_some())]
    }

    fn render(&self, results: Vec<Val>) -> Result<String, CallFailure> {
        let (Some(ty), Some(val)) = (&self.result, results.first()) else {
            return Ok("()".to_owned());
        };
        let value = wave::to_wave(ty, val)
            .ok_or_else(|| wasmtime::format_err!("the result is not of its type: {val:?}"))?;
        let text = wasm_wave::to_string(&value)
            .map_err(|error| wasmtime::format_err!("failed to write the result: {error}"))?;
        Ok(text)
    }
}

fn malformed(call: &str, reason: &str) -> InvokeError {
    InvokeError::Malformed {
        call: call.to_owned(),
        reason: reason.to_owned(),
    }
}
