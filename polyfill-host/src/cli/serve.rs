//! `polyfill-host serve`.

use super::guests::{self, GuestArgs};
use super::settings::{For, Settings};
use super::startup::{self, Format};
use super::watch::watch;
use super::{Failure, signals, values};
use crate::BadInput;
use crate::serve::{
    App, GuestFactory, InstanceOptions, Loader, ServeOptions, Server, Shutdown, Stdio,
    raise_file_limit,
};
use crate::trace::TraceFile;
use clap::Args;
use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Serves a component over HTTP: one that exports wasi:http/handler (0.3, native or split) or
/// wasi:http/incoming-handler (0.2)
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(super) struct ServeArgs {
    /// The component's file
    component: PathBuf,

    /// Listen on this address; may be given several times. Port 0 takes any free port
    #[arg(long, value_name = "ADDRESS:PORT", default_values_t = [ServeOptions::DEFAULT_ADDRESS])]
    addr: Vec<SocketAddr>,

    /// How to tell that requests are served, and where
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Serve the component anew whenever its file changes. Requests under way stay with the old
    /// one; a file that cannot be served is reported, and the old one goes on
    #[arg(long)]
    watch: bool,

    /// Requests that one instance answers in its life [default: 128; 1 for a 0.2 component]
    #[arg(long, value_name = "N", value_parser = values::count)]
    max_instance_reuse_count: Option<usize>,

    /// Requests that one instance works on at once [default: 16; a 0.2 component always has 1]
    #[arg(long, value_name = "N", value_parser = values::count)]
    max_instance_concurrent_reuse_count: Option<usize>,

    /// How long an instance without work is kept: `5`, `5s`, `100ms`, …
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = values::duration)]
    idle_instance_timeout: Duration,

    /// How long a guest may take to answer a request; then the client gets 504 [default: 10m]
    ///
    /// It is also how long an instance may go on when its last response is out. A body may take
    /// longer, as long as it moves. The same as `-W timeout`.
    #[arg(long, value_name = "DURATION", value_parser = values::timeout)]
    request_timeout: Option<Duration>,

    /// How long a client may leave the server waiting: for a request's head, the next part of its
    /// body, or until it takes the next part of the response
    ///
    /// It also is how long a connection may be without a request. A stream of HTTP/2 whose client
    /// takes nothing of the response is reset after it, whatever else that client does.
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = values::timeout)]
    client_timeout: Duration,

    /// How long requests under way may take after SIGINT or SIGTERM; then they are cut off, and the
    /// exit status is 1
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = values::duration)]
    shutdown_timeout: Duration,

    /// Requests handled at once; more have to wait
    #[arg(long, value_name = "N", value_parser = values::count)]
    max_concurrent_requests: Option<usize>,

    /// Requests of one connection that are handled at once, which HTTP/2 has several of; more have
    /// to wait [default: a quarter of what all instances can work on]
    #[arg(long, value_name = "N", value_parser = values::count)]
    max_concurrent_requests_per_connection: Option<usize>,

    /// Requests of one client that are handled at once; more have to wait [default: half of what all
    /// instances can work on]
    ///
    /// A client is an IPv4 address, or the first 64 bits of an IPv6 address. Behind a reverse proxy,
    /// all requests come from its address: set this as high as the proxy may go.
    #[arg(long, value_name = "N", value_parser = values::count)]
    max_concurrent_requests_per_client: Option<usize>,

    /// Connections served at once [default: half of what the limit of open files leaves, at most
    /// 16384]
    ///
    /// For a further one, the connection is closed that has been without a request for longest; if all
    /// have one, it waits. The limit of open files (`ulimit -n`) is raised as far as the system lets
    /// it. 64 of them are kept for other things, and the other half is for what guests open: a higher
    /// number leaves less for that, and one that does not fit is lowered, which the log says.
    #[arg(long, value_name = "N", value_parser = values::count)]
    max_concurrent_connections: Option<usize>,

    /// Write guests' output without `stdout [N] :: ` before each line, N being the request's number
    #[arg(long)]
    no_logging_prefix: bool,

    #[command(flatten)]
    guests: GuestArgs,
}

const AFTER_HELP: &str = "\
Examples:
  polyfill-host serve app.wasm
  polyfill-host serve app.wasm --addr 127.0.0.1:0 --format json
  polyfill-host serve app.wasm --watch --request-timeout 5s
  polyfill-host serve native.wasm --abi split
  polyfill-host serve app.wasm --dir ./public::/public::ro --env MODE=test -S inherit-env
  polyfill-host serve app.wasm --allow-outbound api.example.com:443 -W max-memory-size=64M

`--format json` prints one line to stdout when requests are served:
  component  the path that was given
  abi        `isyswasfa`, `native` or `0.2`
  addresses  each `ADDRESS:PORT` that is listened on
  urls       the same as URLs
  pid        the server's process

SIGINT or SIGTERM lets requests in flight finish, within `--shutdown-timeout`; a second one ends the
server at once. The exit status is 1 if requests were cut off.
The exit status is 2 if the component or an option cannot be used.
The server's own log goes to stderr; `RUST_LOG` chooses how much (`RUST_LOG=debug`).";

/// How long the last output of guests may take to be written at least.
const FLUSH: Duration = Duration::from_secs(1);

type Prepared = (Loader, ServeOptions, Stdio, Option<Arc<TraceFile>>);

impl ServeArgs {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let mut settings = Settings::new(For::Serve);
        self.guests.apply(&mut settings)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let served = runtime.block_on(self.serve(settings));
        // What guests still do after their last response ends with the process.
        runtime.shutdown_background();
        served.map(|()| ExitCode::SUCCESS)
    }

    async fn serve(self, settings: Settings) -> Result<(), Failure> {
        raise_file_limit();
        let (loader, serve, stdio, trace) = self.prepare(settings)?;
        // Before compiling: a port in use is reported at once.
        let server = Server::bind(serve).await?;
        let loader = Arc::new(loader);
        let app = load(&loader, &self.component).await?;
        let abi = app.abi();
        let (current, handler) = tokio::sync::watch::channel(Arc::new(app));
        if self.watch {
            tokio::spawn(watch(&self.component, loader, current)?);
        }
        let shutdown = Shutdown::default();
        signals::handle(shutdown.clone())?;
        startup::announce(self.format, &self.component, abi, &server.addresses()?)?;
        let cut_off = server.run(handler, shutdown).await;
        // A reader that takes nothing must not keep the process.
        if tokio::time::timeout(self.shutdown_timeout.max(FLUSH), stdio.flush())
            .await
            .is_err()
        {
            tracing::warn!("what guests have printed last is lost: nobody reads it");
        }
        guests::finish(trace)?;
        match cut_off {
            0 => Ok(()),
            cut_off => Err(Failure::Other(anyhow::anyhow!(
                "connections with requests under way were cut off: {cut_off}; they were not done within \
                 `--shutdown-timeout` ({:?})",
                self.shutdown_timeout
            ))),
        }
    }

    fn prepare(&self, mut settings: Settings) -> Result<Prepared, Failure> {
        if !settings.guest.http {
            return Err(
                BadInput::new("`-S http=n` does not go with `serve`, which is about HTTP")
                    .help(
                        "leave it out; `--allow-outbound HOST` says where guests may send requests",
                    )
                    .into(),
            );
        }
        self.guests.resolve(&mut settings)?;
        let guest = &mut settings.guest;
        let prefix = !self.no_logging_prefix;
        guest.stdout = Settings::output(settings.stdout, prefix);
        guest.stderr = Settings::output(settings.stderr, prefix);
        let stdio = Stdio::process(guest.stdout, guest.stderr)?;
        let serve = ServeOptions {
            addresses: self.addr.clone(),
            max_connections: self.max_concurrent_connections,
            max_requests: self.max_concurrent_requests,
            max_requests_per_connection: self.max_concurrent_requests_per_connection,
            max_requests_per_client: self.max_concurrent_requests_per_client,
            client_timeout: self.client_timeout,
            shutdown_timeout: self.shutdown_timeout,
            request_timeout: self
                .request_timeout
                .or(settings.timeout)
                .unwrap_or(ServeOptions::DEFAULT_REQUEST_TIMEOUT),
            instances: InstanceOptions {
                max_reuse: self.max_instance_reuse_count,
                max_concurrent_reuse: self.max_instance_concurrent_reuse_count,
                idle_timeout: self.idle_instance_timeout,
            },
        };
        let trace = settings.guest.trace.clone();
        let guests = GuestFactory::new(Arc::new(settings.guest), stdio.clone());
        let loader = Loader::new(settings.engine, guests, serve.clone())?;
        Ok((loader, serve, stdio, trace))
    }
}

/// Loads the component; on a terminal, says so when that takes a while.
async fn load(loader: &Arc<Loader>, path: &Path) -> Result<App, Failure> {
    let mut loading = tokio::task::spawn_blocking({
        let (loader, path) = (loader.clone(), path.to_owned());
        move || loader.load(&path)
    });
    let loaded = match tokio::time::timeout(Duration::from_secs(1), &mut loading).await {
        Ok(loaded) => loaded,
        Err(_) => {
            if io::stderr().is_terminal() {
                eprintln!("Compiling {} …", path.display());
            }
            loading.await
        }
    };
    loaded
        .map_err(|error| Failure::Other(error.into()))?
        .map_err(Failure::from)
}
