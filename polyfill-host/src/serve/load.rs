//! Loads a component for a server: reads its file, determines its ABI, compiles and links it.

use super::error::ServeError;
use super::exchange::Exchange;
use super::guest::GuestFactory;
use super::handler::{Failure, Handler};
use super::native::Native;
use super::options::ServeOptions;
use super::plain::{Plain, Reuse};
use super::pool::Sharing;
use super::split::Split;
use crate::abi::Abi;
use crate::engine::{EngineOptions, Features};
use crate::guest::Guest;
use crate::http;
use crate::load::{self, Engines, LoadError};
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

/// A component that is being loaded, and its loader.
struct Loading<'a> {
    loader: &'a Loader,
    path: &'a Path,
    artifact: &'a Artifact,
    guests: GuestFactory,
}

impl Loader {
    /// Checks now what guests may use, so that no request fails for it.
    ///
    /// # Errors
    /// If a directory for guests cannot be opened.
    pub fn new(
        engine: EngineOptions,
        guests: GuestFactory,
        serve: ServeOptions,
    ) -> Result<Self, ServeError> {
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
    /// If there is no such file, or it is no component that can be served. The error says why, and what to do.
    pub fn load(&self, path: &Path) -> Result<App, ServeError> {
        let artifact = load::open(path, self.guests.options())?;
        let abi = artifact
            .shape()
            .http_abi(path)
            .map_err(|error| LoadError::Input(error.into()))?;
        let bridges = artifact.bridges();
        let islands = load::islands(path, bridges, &self.engine, self.guests.options())?;
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
    fn split(&self) -> Result<Split, ServeError> {
        let (engine, pre) = self.link(Abi::Split)?;
        let handler = http::Handler::new(SplitPre::new(pre));
        let handler = handler.ok_or_else(|| ServeError::UnknownVersion {
            path: self.path.to_owned(),
        })?;
        let sharing = self.sharing(Abi::Split);
        Ok(Split::new(engine, handler, self.guests.clone(), sharing))
    }

    fn misfit(&self, reason: wasmtime::Error) -> ServeError {
        ServeError::HandlerType {
            path: self.path.to_owned(),
            reason,
        }
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

    fn native(&self) -> Result<Native, ServeError> {
        let (engine, pre) = self.link(Abi::Native)?;
        let pre = p3::bindings::ServicePre::new(pre).map_err(|reason| self.misfit(reason))?;
        let sharing = self.sharing(Abi::Native);
        Ok(Native::new(engine, pre, self.guests.clone(), sharing))
    }

    fn plain(&self) -> Result<Plain, ServeError> {
        let (engine, pre) = self.link(Abi::Plain)?;
        let pre = p2::bindings::ProxyPre::new(pre).map_err(|reason| self.misfit(reason))?;
        let serve = &self.loader.serve;
        let instances = &serve.instances;
        let reuse = Reuse {
            max_reuse: instances.reuse(Abi::Plain),
            idle_timeout: instances.idle_timeout,
            request_timeout: serve.request_timeout,
        };
        Ok(Plain::new(engine, pre, self.guests.clone(), reuse))
    }

    /// Compiles and links it.
    fn link(&self, abi: Abi) -> Result<(Engine, InstancePre<Guest>), ServeError> {
        let options = self.guests.options();
        let engines = &self.loader.engines;
        let mut prepared = engines.prepare(self.artifact, abi, options)?;
        if prepared.features == Features::Async && options.p3 {
            super::stdio::add_to_linker(&mut prepared.linker).map_err(LoadError::Wasi)?;
        }
        let pre = prepared.link(self.path, self.artifact.bridges().from(0))?;
        Ok((pre.engine().clone(), pre))
    }
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
