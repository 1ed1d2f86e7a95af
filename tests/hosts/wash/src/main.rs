//! Serves a component on `wash-runtime`, which wasmCloud's hosts are made of: `isyswasfa-wash-host COMPONENT`.
//!
//! It prints the URL when the workload has been started, and serves until it is killed. What the runtime refuses, it says in
//! the runtime's words, and fails.

use anyhow::{Context, Result, bail};
use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;
use wash_runtime::engine::Engine;
use wash_runtime::host::{Host, HostApi, HostBuilder};
use wash_runtime::plugin::wasi_http::HttpServer;
use wash_runtime::types::{Component, LocalResources, Workload, WorkloadStartRequest};
use wash_runtime::wit::WitInterface;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .init();
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(file), None) = (arguments.next(), arguments.next()) else {
        bail!("usage: isyswasfa-wash-host COMPONENT");
    };
    let bytes =
        std::fs::read(&file).with_context(|| format!("failed to read `{}`", file.display()))?;

    let engine = Engine::builder().build()?;
    let (host, address) = start(&engine).await?;
    let workload = Workload {
        namespace: "tests".into(),
        name: "component".into(),
        annotations: HashMap::new(),
        service: None,
        host_interfaces: exports(&engine, &bytes)?,
        components: vec![Component {
            bytes: bytes.into(),
            local_resources: LocalResources::default(),
            ..Component::default()
        }],
        volumes: vec![],
    };
    let request = WorkloadStartRequest { workload };
    let started = host.workload_start(request).await?.workload_status;
    println!("{} on http://{address}", started.message);
    std::future::pending().await
}

/// A host that listens. Its HTTP server cannot say which free port it has got, so one is looked for before.
async fn start(engine: &Engine) -> Result<(Arc<Host>, SocketAddr)> {
    for _ in 0..10 {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let host = HostBuilder::new()
            .with_engine(engine.clone())
            .with_plugin(Arc::new(HttpServer::new(address)))?
            .build()?;
        match host.start().await {
            Ok(host) => return Ok((host, address)),
            // Somebody else has taken it in between.
            Err(error) if is_taken(&error) => {}
            Err(error) => return Err(error),
        }
    }
    bail!("no port stays free")
}

fn is_taken(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<std::io::Error>();
    cause.is_some_and(|error| error.kind() == ErrorKind::AddrInUse)
}

/// What a workload wants of its host is in its manifest. It is to be called by what it exports, so that is wanted: without, the
/// runtime would start a component that nothing ever calls, and say that all is well.
fn exports(engine: &Engine, component: &[u8]) -> Result<Vec<WitInterface>> {
    let engine = engine.inner();
    let component = wasmtime::component::Component::new(engine, component)?;
    let component = component.component_type();
    let names = component.exports(engine).map(|(name, _)| name.into());
    Ok(names.collect())
}
