//! Makes a server's handler of a component's file: reads it, finds out its ABI, compiles and links it.

use super::exchange::Exchange;
use super::guest::GuestFactory;
use super::handler::{Failure, Handler};
use super::native::Native;
use super::plain::Plain;
use super::pool::Sharing;
use super::split::Split;
use crate::abi::Abi;
use crate::bad_input::BadInput;
use crate::bridge::Islands;
use crate::engine::{EngineOptions, Features};
use crate::guest::Guest;
use crate::http;
use crate::link;
use crate::load::Engines;
use crate::options::ServeOptions;
use crate::split::SplitPre;
use ::http::{Request, Response};
use isyswasfa_tools::Artifact;
use std::path::Path;
use std::sync::Arc;
use wasmtime::Engine;
use wasmtime::component::InstancePre;
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::{p2, p3};

/// Loads components, all in the same way.
pub struct Loader {
    engines: Engines,
    engine: EngineOptions,
    guests: GuestFactory,
    serve: ServeOptions,
}

/// What is loaded, and by whom.
struct Loading<'a> {
    loader: &'a Loader,
    path: &'a Path,
    artifact: &'a Artifact,
    guests: GuestFactory,
}

impl Loader {
    /// What guests may use is checked now, so that no request has to fail for it.
    ///
    /// # Errors
    /// If a directory for guests cannot be opened.
    pub fn new(
        engine: EngineOptions,
        guests: GuestFactory,
        serve: ServeOptions,
    ) -> Result<Self, BadInput> {
        guests.options().check()?;
        Ok(Self {
            engines: Engines::new(engine.clone()),
            engine,
            guests,
            serve,
        })
    }

    /// Loads the component in the file `path`. Takes as long as compiling does: seconds, perhaps.
    ///
    /// # Errors
    /// If there is no such file, or it is no component that can be served: says why, and what to do.
    pub fn load(&self, path: &Path) -> Result<App, BadInput> {
        let artifact = Artifact::open(path)?;
        let abi = artifact.shape().http_abi(path)?;
        let bridges = artifact.bridges();
        let islands = Islands::load(path, bridges, &self.engine, self.guests.options())?;
        let loading = Loading {
            loader: self,
            path,
            artifact: &artifact,
            guests: self.guests.before(islands),
        };
        let served = match abi {
            Abi::Native => loading.native().map(Served::Native),
            Abi::Plain => loading.plain().map(Served::Plain),
            Abi::Split => loading.split().map(Served::Split),
        }?;
        let instances = self.engine.pooling_total_component_instances as usize;
        let each = self.serve.instances.concurrent_reuse(abi);
        Ok(App {
            served,
            capacity: instances.saturating_mul(each),
        })
    }
}

impl Loading<'_> {
    fn split(&self) -> Result<Split, BadInput> {
        let (engine, pre) = self.link(Abi::Split)?;
        let handler = http::Handler::new(SplitPre::new(pre)).ok_or_else(|| {
            BadInput::new(format!(
                "`{}` exports `wasi:http/handler` in a version of the split ABI that this host does \
                 not know",
                self.path.display()
            ))
            .help("build the guest with the `compat-api` that came with this host")
        })?;
        let sharing = self.sharing(Abi::Split);
        Ok(Split::new(engine, handler, self.guests.clone(), sharing))
    }

    fn sharing(&self, abi: Abi) -> Sharing {
        let serve = &self.loader.serve;
        let instances = &serve.instances;
        Sharing {
            max_reuse: instances.reuse(abi),
            max_concurrent_reuse: instances.concurrent_reuse(abi),
            idle_timeout: instances.idle_timeout,
            request_timeout: serve.request_timeout,
        }
    }

    fn native(&self) -> Result<Native, BadInput> {
        let (engine, pre) = self.link(Abi::Native)?;
        let pre = p3::bindings::ServicePre::new(pre).map_err(|error| misfit(self.path, &error))?;
        let sharing = self.sharing(Abi::Native);
        Ok(Native::new(engine, pre, self.guests.clone(), sharing))
    }

    fn plain(&self) -> Result<Plain, BadInput> {
        let (engine, pre) = self.link(Abi::Plain)?;
        let pre = p2::bindings::ProxyPre::new(pre).map_err(|error| misfit(self.path, &error))?;
        let serve = &self.loader.serve;
        let instances = &serve.instances;
        Ok(Plain::new(
            engine,
            pre,
            self.guests.clone(),
            instances.reuse(Abi::Plain),
            instances.idle_timeout,
            serve.request_timeout,
        ))
    }

    /// Compiles and links it.
    fn link(&self, abi: Abi) -> Result<(Engine, InstancePre<Guest>), BadInput> {
        let options = self.guests.options();
        let engines = &self.loader.engines;
        let mut prepared = engines.prepare(self.artifact, abi, options)?;
        if prepared.features == Features::Async && options.p3 {
            super::stdio::add_to_linker(&mut prepared.linker).map_err(link::not_linked)?;
        }
        let pre = prepared.link(self.path, self.artifact.bridges().from(0))?;
        Ok((pre.engine().clone(), pre))
    }
}

fn misfit(path: &Path, error: &wasmtime::Error) -> BadInput {
    BadInput::new(format!(
        "the HTTP handler that `{}` exports does not have the type that its name promises: {error:#}",
        path.display()
    ))
    .help("build the guest against the interfaces of `wasi:http` as published")
}

/// A loaded component of any ABI.
pub struct App {
    served: Served,
    capacity: usize,
}

enum Served {
    /// The split ABI.
    Split(Split),
    /// Native WASI 0.3.
    Native(Native),
    /// WASI 0.2.
    Plain(Plain),
}

impl App {
    /// The ABI that it is served through.
    pub fn abi(&self) -> Abi {
        match &self.served {
            Served::Split(_) => Abi::Split,
            Served::Native(_) => Abi::Native,
            Served::Plain(_) => Abi::Plain,
        }
    }
}

impl Handler for App {
    async fn handle(
        &self,
        exchange: &Arc<Exchange>,
        request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, Failure> {
        match &self.served {
            Served::Split(split) => split.handle(exchange, request).await,
            Served::Native(native) => native.handle(exchange, request).await,
            Served::Plain(plain) => plain.handle(exchange, request).await,
        }
    }

    fn capacity(&self) -> usize {
        self.capacity
    }

    fn close(&self) {
        match &self.served {
            Served::Split(split) => split.close(),
            Served::Native(native) => native.close(),
            Served::Plain(plain) => plain.close(),
        }
    }
}
