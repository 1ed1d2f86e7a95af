//! wasmtime's own WASI 0.2, with nothing of ours: runs and serves what was lowered.

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use isyswasfa_tests::within;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Result, Store};
use wasmtime_wasi::p2::bindings::CommandPre;
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// As much as a guest prints.
const OUTPUT: usize = 1 << 20;

/// The data of a store.
struct Data {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
}

impl WasiView for Data {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for Data {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: Default::default(),
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

fn store(engine: &Engine, wasi: &mut WasiCtxBuilder) -> Store<Data> {
    let data = Data {
        wasi: wasi.build(),
        http: WasiHttpCtx::new(),
        table: ResourceTable::new(),
    };
    Store::new(engine, data)
}

fn load(component: &Path) -> Result<(Engine, Linker<Data>, Component)> {
    let engine = Engine::new(&Config::new())?;
    let mut linker = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    let component = Component::from_file(&engine, component)?;
    Ok((engine, linker, component))
}

/// Runs a command to its end: what it has printed.
///
/// # Panics
///
/// If it fails.
pub async fn run(component: &Path, folder: &Path, argument: &str, stdin: &[u8]) -> String {
    let (engine, linker, component) = load(component).expect("it can be loaded");
    let output = MemoryOutputPipe::new(OUTPUT);
    let mut wasi = WasiCtxBuilder::new();
    wasi.stdin(MemoryInputPipe::new(stdin.to_vec()))
        .stdout(output.clone())
        .inherit_stderr()
        .inherit_network()
        .args(&["command", argument])
        .preopened_dir(folder, "work", FsPerms::ReadWrite)
        .expect("the folder is there");
    let mut store = store(&engine, &mut wasi);
    let pre = linker
        .instantiate_pre(&component)
        .and_then(CommandPre::new)
        .expect("it is a command");
    let running = async {
        let command = pre.instantiate_async(&mut store).await?;
        command.wasi_cli_run().call_run(&mut store).await
    };
    let ran = within("the command's end", running).await;
    ran.expect("it does not trap").expect("it ends well");
    drop(store);
    String::from_utf8(output.contents().to_vec()).expect("text")
}

/// A server; dropping it closes it.
pub struct Stock {
    pub address: SocketAddr,
    output: MemoryOutputPipe,
    accepting: JoinHandle<()>,
}

impl Stock {
    /// Serves a component, with an instance for each request.
    pub async fn serve(component: &Path) -> Self {
        let (engine, linker, component) = load(component).expect("it can be loaded");
        let pre = linker
            .instantiate_pre(&component)
            .and_then(ProxyPre::new)
            .expect("it is a handler");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let output = MemoryOutputPipe::new(OUTPUT);
        let guests = Arc::new(Guests {
            engine,
            pre,
            output: output.clone(),
        });
        let accepting = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let guests = guests.clone();
                connections.spawn(async move {
                    let service = service_fn(|request| guests.clone().answer(request));
                    // That a connection breaks is part of some cases.
                    let _ = http1::Builder::new()
                        .half_close(true)
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Stock {
            address,
            output,
            accepting,
        }
    }

    /// What guests have printed so far.
    pub fn printed(&self) -> String {
        String::from_utf8_lossy(&self.output.contents()).into_owned()
    }
}

impl Drop for Stock {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

struct Guests {
    engine: Engine,
    pre: ProxyPre<Data>,
    output: MemoryOutputPipe,
}

impl Guests {
    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<HyperOutgoingBody>> {
        let mut wasi = WasiCtxBuilder::new();
        let mut store = store(
            &self.engine,
            wasi.stdout(self.output.clone()).inherit_stderr(),
        );
        let (answered, answer) = tokio::sync::oneshot::channel();
        let request = store
            .data_mut()
            .http()
            .new_incoming_request(Scheme::Http, request)?;
        let out = store.data_mut().http().new_response_outparam(answered)?;
        let running = tokio::spawn(async move {
            let proxy = self.pre.instantiate_async(&mut store).await?;
            proxy
                .wasi_http_incoming_handler()
                .call_handle(&mut store, request, out)
                .await
        });
        match answer.await {
            Ok(answer) => Ok(answer?),
            Err(_) => {
                running.await.map_err(wasmtime::Error::from)??;
                Err(wasmtime::format_err!("no response"))
            }
        }
    }
}
