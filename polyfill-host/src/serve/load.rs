//! Makes a server's handler of a component's file: reads it, finds out its ABI, compiles and links it.

use super::exchange::Exchange;
use super::guest::GuestFactory;
use super::handler::{Failure, Handler};
use super::native::Native;
use super::plain::Plain;
use super::pool::Sharing;
use super::split::Split;
use crate::abi::{Abi, Shape};
use crate::adapter;
use crate::bad_input::BadInput;
use crate::bridge::Islands;
use crate::bridge::section::Bridges;
use crate::engine::{EngineOptions, Features};
use crate::guest::Guest;
use crate::http;
use crate::link;
use crate::options::ServeOptions;
use crate::split::SplitPre;
use ::http::{Request, Response};
use std::borrow::Cow;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, Linker};
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
    wasm: &'a [u8],
    shape: Shape,
    bridges: Bridges,
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
        let wasm = read(path)?;
        let shape = Shape::read(path, &wasm)?;
        let abi = shape.http_abi(path)?;
        let bridges = Bridges::read(path, &wasm)?.unwrap_or_default();
        let islands = Islands::load(path, &bridges, &self.engine, self.guests.options())?;
        let loading = Loading {
            loader: self,
            path,
            wasm: &wasm,
            shape,
            bridges,
            guests: self.guests.before(islands),
        };
        match abi {
            Abi::Native => loading.native().map(App::Native),
            Abi::Plain => loading.plain().map(App::Plain),
            Abi::Split => loading.split().map(App::Split),
        }
    }
}

impl Loading<'_> {
    /// On an engine that does not know component-model-async: split components need it nowhere,
    /// which this proves at every start.
    fn split(&self) -> Result<Split, BadInput> {
        let (path, wasm) = (self.path, self.wasm);
        let engine = self.engine(Features::Plain)?;
        let plugged = match self.guests.options().cli {
            true => plug(path, wasm)?,
            // What the adapter stands on is not there.
            false => wasm.into(),
        };
        let component = compile(&engine, path, &plugged)?;
        let mut linker = link::linker_for(&component, Abi::Split, self.guests.options())?;
        let pre = self.link(&mut linker, &component)?;
        let handler = http::Handler::new(SplitPre::new(pre)).ok_or_else(|| {
            BadInput::new(format!(
                "`{}` exports `wasi:http/handler` in a version of the split ABI that this host does \
                 not know",
                path.display()
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

    fn engine(&self, features: Features) -> Result<Engine, BadInput> {
        self.loader.engines.get(features)
    }

    fn native(&self) -> Result<Native, BadInput> {
        let engine = self.engine(Features::Async)?;
        let component = compile(&engine, self.path, self.wasm)?;
        let pre = self.link_as(Features::Async, &component)?;
        let pre = p3::bindings::ServicePre::new(pre).map_err(|error| misfit(self.path, &error))?;
        let sharing = self.sharing(Abi::Native);
        Ok(Native::new(engine, pre, self.guests.clone(), sharing))
    }

    fn plain(&self) -> Result<Plain, BadInput> {
        let (path, wasm) = (self.path, self.wasm);
        // A plain engine is faster. A component that needs more says so in its imports, or, if it
        // is a composition of native components inside, when it does not compile.
        let mut features = Features::Plain;
        let mut compiled = None;
        if self.shape.mentions_native() {
            features = Features::Async;
        } else {
            let engine = self.engine(Features::Plain)?;
            match Component::new(&engine, wasm) {
                Ok(component) => compiled = Some((engine, component)),
                Err(_) => features = Features::Async,
            }
        }
        let (engine, component) = match compiled {
            Some(compiled) => compiled,
            None => {
                let engine = self.engine(features)?;
                let component = compile(&engine, path, wasm)?;
                (engine, component)
            }
        };
        let pre = self.link_as(features, &component)?;
        let pre = p2::bindings::ProxyPre::new(pre).map_err(|error| misfit(path, &error))?;
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

    fn link_as(
        &self,
        features: Features,
        component: &Component,
    ) -> Result<InstancePre<Guest>, BadInput> {
        let options = self.guests.options();
        let linker = link::linker(component.engine(), features, options);
        let mut linker = linker.map_err(link::not_linked)?;
        if features == Features::Async && options.p3 {
            super::stdio::add_to_linker(&mut linker).map_err(link::not_linked)?;
        }
        self.link(&mut linker, component)
    }

    fn link(
        &self,
        linker: &mut Linker<Guest>,
        component: &Component,
    ) -> Result<InstancePre<Guest>, BadInput> {
        let bridges = self.bridges.from(0);
        link::instantiate_pre(linker, component, &self.shape, self.path, bridges)
    }
}

/// Engines are made when they are needed, and kept: their pools are large.
pub(crate) struct Engines {
    options: EngineOptions,
    made: Mutex<Vec<(Features, Engine)>>,
}

impl Engines {
    pub(crate) fn new(options: EngineOptions) -> Self {
        Self {
            options,
            made: Mutex::default(),
        }
    }

    pub(crate) fn get(&self, features: Features) -> Result<Engine, BadInput> {
        let mut made = self.made.lock().unwrap();
        if let Some((_, engine)) = made.iter().find(|(own, _)| *own == features) {
            return Ok(engine.clone());
        }
        let engine = self.options.engine(features).map_err(|error| {
            BadInput::new(format!("failed to set up the engine: {error:#}")).help(
                "check the options `-C`, `-O` and `-W`; `-O pooling-allocator=n` needs the least \
                 address space",
            )
        })?;
        made.push((features, engine.clone()));
        Ok(engine)
    }
}

/// Reads the component in the file `path`, in either format.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, BadInput> {
    let file = path.display();
    let wasm = std::fs::read(path).map_err(|error| {
        let error = match error.kind() {
            io::ErrorKind::NotFound => BadInput::new(format!("there is no file `{file}`")),
            io::ErrorKind::IsADirectory => {
                BadInput::new(format!("`{file}` is a directory; a component was expected"))
            }
            _ => BadInput::new(format!("failed to read `{file}`: {error}")),
        };
        error.help("give the path of a component")
    })?;
    if is_text(&wasm) {
        return wat::parse_bytes(&wasm)
            .map(|wasm| wasm.into_owned())
            .map_err(|error| {
                BadInput::new(format!(
                    "`{file}` looks like WebAssembly text, but is not: {error}"
                ))
            });
    }
    Ok(wasm)
}

/// Plugs the adapter in for what this host does not implement itself.
pub(crate) fn plug<'a>(path: &Path, wasm: &'a [u8]) -> Result<Cow<'a, [u8]>, BadInput> {
    adapter::plug(wasm).map_err(|error| {
        BadInput::new(format!(
            "`{}` cannot be composed with the adapter for WASI 0.3: {error:#}",
            path.display()
        ))
        .help("build the guest with the `compat-api` that came with this host")
    })
}

/// Whether this is the text format, which wasmtime takes too.
fn is_text(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii_start();
    text.starts_with(b"(component") || text.starts_with(b"(module") || text.starts_with(b";;")
}

pub(crate) fn compile(engine: &Engine, path: &Path, wasm: &[u8]) -> Result<Component, BadInput> {
    Component::new(engine, wasm).map_err(|error| {
        BadInput::new(format!(
            "`{}` is not a valid component: {error:#}",
            path.display()
        ))
        .help("it may be damaged, or need a feature of WebAssembly that this host does not have")
    })
}

fn misfit(path: &Path, error: &wasmtime::Error) -> BadInput {
    BadInput::new(format!(
        "the HTTP handler that `{}` exports does not have the type that its name promises: {error:#}",
        path.display()
    ))
    .help("build the guest against the interfaces of `wasi:http` as published")
}

/// A loaded component of any ABI.
pub enum App {
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
        match self {
            App::Split(_) => Abi::Split,
            App::Native(_) => Abi::Native,
            App::Plain(_) => Abi::Plain,
        }
    }
}

impl Handler for App {
    async fn handle(
        &self,
        exchange: &Arc<Exchange>,
        request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, Failure> {
        match self {
            App::Split(split) => split.handle(exchange, request).await,
            App::Native(native) => native.handle(exchange, request).await,
            App::Plain(plain) => plain.handle(exchange, request).await,
        }
    }
}
