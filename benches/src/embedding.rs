//! A program that calls a guest, or is called by one: through `bindgen!` of ours, and through wasmtime's own.

use crate::composition::{Backend, guest};
use crate::program::{async_engine, plain_engine};
use crate::state::State;
use anyhow::Result;
use polyfill_host::embed;
use std::hint::black_box;
use wasmtime::Store;
use wasmtime::component::{Accessor, Component, HasSelf, Linker};

mod ours {
    polyfill_host::bindgen!({ path: "guests/wit", world: "callee" });

    pub mod host {
        polyfill_host::bindgen!({ path: "guests/wit", world: "host-caller" });
    }
}

mod native {
    wasmtime::component::bindgen!({ path: "guests/wit", world: "callee" });

    pub mod host {
        wasmtime::component::bindgen!({ path: "guests/wit", world: "host-caller" });
    }
}

/// What the guest calls.
#[derive(Clone)]
struct Host;

impl ours::host::bench::calls::host::Host for Host {
    async fn answer(&self, a: u32) -> u32 {
        a.wrapping_add(1)
    }
}

impl native::host::bench::calls::host::Host for State {}

impl<T: 'static> native::host::bench::calls::host::HostWithStore<T> for HasSelf<State> {
    async fn answer(_: &Accessor<T, Self>, a: u32) -> u32 {
        a.wrapping_add(1)
    }
}

/// A guest of ours that the program calls.
pub struct OurCallee(ours::Callee<State>);

impl OurCallee {
    pub async fn new() -> Result<Self> {
        let wasm = guest(Backend::Split, "bench-callee")?;
        let engine = plain_engine()?;
        let component = embed::component(&engine, &wasm)?;
        let mut linker = Linker::new(&engine);
        embed::add_wasi_to_linker(&mut linker)?;
        let store = Store::new(&engine, State::new());
        let guest = ours::Callee::instantiate_async(store, &component, &linker).await?;
        Ok(Self(guest))
    }

    pub async fn call(&mut self, n: u64) -> Result<()> {
        let calls = self.0.bench_calls_calls();
        for i in 0..n {
            black_box(calls.call_ready(i as u32).await?);
        }
        Ok(())
    }
}

/// The same of wasmtime.
pub struct NativeCallee(Store<State>, native::Callee);

impl NativeCallee {
    pub async fn new() -> Result<Self> {
        let engine = async_engine()?;
        let component = Component::new(&engine, guest(Backend::Native, "bench-callee")?)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        let mut store = Store::new(&engine, State::new());
        let guest = native::Callee::instantiate_async(&mut store, &component, &linker).await?;
        Ok(Self(store, guest))
    }

    pub async fn call(&mut self, n: u64) -> Result<()> {
        let calls = self.1.bench_calls_calls();
        let called = async |store: &Accessor<State>| -> Result<()> {
            for i in 0..n {
                black_box(calls.call_ready(store, i as u32).await?);
            }
            Ok(())
        };
        self.0.run_concurrent(called).await?
    }
}

/// A guest of ours that calls the program.
pub struct OurCaller(ours::host::HostCaller<State>);

impl OurCaller {
    pub async fn new() -> Result<Self> {
        let wasm = guest(Backend::Split, "bench-host-caller")?;
        let engine = plain_engine()?;
        let component = embed::component(&engine, &wasm)?;
        let mut linker = Linker::new(&engine);
        embed::add_wasi_to_linker(&mut linker)?;
        ours::host::HostCaller::add_to_linker(&mut linker, |_: &mut State| Host)?;
        let store = Store::new(&engine, State::new());
        let guest = ours::host::HostCaller::instantiate_async(store, &component, &linker).await?;
        Ok(Self(guest))
    }

    pub async fn call(&mut self, n: u64) -> Result<()> {
        Ok(self.0.bench_calls_measure_host().call_call_host(n).await?)
    }
}

/// The same of wasmtime.
pub struct NativeCaller(Store<State>, native::host::HostCaller);

impl NativeCaller {
    pub async fn new() -> Result<Self> {
        let engine = async_engine()?;
        let component = Component::new(&engine, guest(Backend::Native, "bench-host-caller")?)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        native::host::HostCaller::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
        let mut store = Store::new(&engine, State::new());
        let guest =
            native::host::HostCaller::instantiate_async(&mut store, &component, &linker).await?;
        Ok(Self(store, guest))
    }

    pub async fn call(&mut self, n: u64) -> Result<()> {
        let measure = self.1.bench_calls_measure_host();
        let called = async |store: &Accessor<State>| Ok(measure.call_call_host(store, n).await?);
        self.0.run_concurrent(called).await?
    }
}
