//! The environment and permissions of guests.

use super::{Limits, Outbound, Output};
use crate::trace::TraceFile;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use wasmtime_wasi::sockets::SocketAddrUse;
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

/// The environment and permissions of guests. By default they have the clock, random numbers and outgoing HTTP, but no
/// environment, no files and no sockets.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GuestOptions {
    /// Environment variables.
    pub env: Vec<(String, String)>,
    /// Directories of the host.
    pub dirs: Vec<Preopen>,
    /// The working directory that guests see; paths are still relative to `dirs` only.
    pub cwd: Option<String>,
    /// Whether guests read this process's stdin. Otherwise their stdin is empty.
    pub inherit_stdin: bool,
    /// Where a guest's stdout goes.
    pub stdout: Output,
    /// Where a guest's stderr goes.
    pub stderr: Output,
    /// Whether guests may use sockets, with the addresses that `outbound` allows.
    pub inherit_network: bool,
    /// Whether guests may use TCP, if `inherit_network` is set.
    pub tcp: bool,
    /// Whether guests may use UDP, if `inherit_network` is set.
    pub udp: bool,
    /// Whether guests may ask for the addresses of host names.
    pub ip_name_lookup: bool,
    /// The hosts that guests may reach by HTTP and by sockets.
    pub outbound: Outbound,
    /// Whether all of `wasi:cli`'s interfaces are there, or only those that `wasi:http`'s worlds name.
    pub cli: bool,
    /// Whether `wasi:http` is there.
    pub http: bool,
    /// Whether WASI 0.3 interfaces are there.
    pub p3: bool,
    /// Limits on one instance.
    pub limits: Limits,
    /// How many calls may wait at a bridge for a component that handles one call at a time; further callers wait.
    pub bridge_queue: NonZeroUsize,
    /// Whether native components of WASI 0.3 are translated to the split ABI, and run on an engine without async support.
    pub translate: bool,
    /// What calls of split components are traced to.
    pub trace: Option<Arc<TraceFile>>,
}

impl Default for GuestOptions {
    fn default() -> Self {
        Self {
            env: Vec::new(),
            dirs: Vec::new(),
            cwd: None,
            inherit_stdin: false,
            stdout: Output::Lines { prefix: true },
            stderr: Output::Lines { prefix: true },
            inherit_network: false,
            tcp: true,
            udp: true,
            ip_name_lookup: false,
            outbound: Outbound::any(),
            cli: true,
            http: true,
            p3: true,
            limits: Limits::default(),
            bridge_queue: Self::DEFAULT_BRIDGE_QUEUE,
            translate: false,
            trace: None,
        }
    }
}

impl GuestOptions {
    /// How many calls may wait at a bridge by default.
    pub const DEFAULT_BRIDGE_QUEUE: NonZeroUsize = NonZeroUsize::new(64).unwrap();

    /// A WASI context for one instance, without stdout and stderr.
    ///
    /// # Errors
    /// If a directory cannot be opened.
    pub fn wasi(&self) -> Result<WasiCtxBuilder, DirectoryError> {
        let mut builder = WasiCtxBuilder::new();
        builder.envs(&self.env);
        for dir in &self.dirs {
            dir.open(&mut builder)?;
        }
        if let Some(cwd) = &self.cwd {
            builder.initial_cwd(cwd);
        }
        if self.inherit_stdin {
            builder.inherit_stdin();
        }
        if self.inherit_network {
            let outbound = self.outbound.clone();
            builder.socket_addr_check(move |address, reason| {
                let allowed = allows_socket(&outbound, address, reason);
                Box::pin(std::future::ready(allowed))
            });
        }
        builder
            .allow_tcp(self.tcp)
            .allow_udp(self.udp)
            .allow_ip_name_lookup(self.ip_name_lookup);
        if let Some(max) = self.limits.max_random_size {
            builder.max_random_size(max);
        }
        Ok(builder)
    }

    /// Tries [`GuestOptions::wasi`], so that errors appear before the first instance is made.
    pub fn check(&self) -> Result<(), DirectoryError> {
        self.wasi().map(drop)
    }
}

/// A guest may be reached from anywhere; the list limits the addresses that it may reach.
fn allows_socket(outbound: &Outbound, address: SocketAddr, reason: SocketAddrUse) -> bool {
    match reason {
        SocketAddrUse::TcpConnect | SocketAddrUse::UdpSend => outbound.allows_address(address),
        SocketAddrUse::TcpBind
        | SocketAddrUse::TcpListen
        | SocketAddrUse::TcpAccept
        | SocketAddrUse::UdpBind
        | SocketAddrUse::UdpReceive => true,
    }
}

/// A directory of the host that guests may use: `HOST[::GUEST][::ro]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preopen {
    /// The directory.
    pub host: PathBuf,
    /// Its name for guests.
    pub guest: String,
    /// Whether guests may only read.
    pub read_only: bool,
}

impl Preopen {
    fn open(&self, builder: &mut WasiCtxBuilder) -> Result<(), DirectoryError> {
        let perms = if self.read_only {
            FsPerms::ReadOnly
        } else {
            FsPerms::ReadWrite
        };
        let opened = builder.preopened_dir(&self.host, &self.guest, perms);
        opened.map(drop).map_err(|reason| DirectoryError {
            host: self.host.clone(),
            reason,
        })
    }
}

/// A directory for guests cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error(
    "failed to open the directory `{}` that `--dir` names: {}",
    .host.display(),
    .reason.root_cause()
)]
pub struct DirectoryError {
    host: PathBuf,
    reason: wasmtime::Error,
}

impl DirectoryError {
    /// What the user can do about it.
    pub fn help(&self) -> &'static str {
        "`--dir` takes `HOST[::GUEST][::ro]`, where HOST is a directory that exists"
    }
}

impl FromStr for Preopen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (path, read_only) = match text.strip_suffix("::ro") {
            Some(path) => (path, true),
            None => (text, false),
        };
        let (host, guest) = path.split_once("::").unwrap_or((path, path));
        if host.is_empty() || guest.is_empty() {
            return Err("expected `HOST[::GUEST][::ro]`".to_owned());
        }
        Ok(Self {
            host: host.into(),
            guest: guest.to_owned(),
            read_only,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preopens_are_host_guest_and_read_only() {
        let parse = |text: &str| {
            let dir: Preopen = text.parse().unwrap();
            (
                dir.host.to_str().unwrap().to_owned(),
                dir.guest,
                dir.read_only,
            )
        };
        let expect = |host: &str, guest: &str, ro| (host.to_owned(), guest.to_owned(), ro);
        assert_eq!(parse("data"), expect("data", "data", false));
        assert_eq!(parse("data::/"), expect("data", "/", false));
        assert_eq!(parse("data::ro"), expect("data", "data", true));
        assert_eq!(parse("data::/x::ro"), expect("data", "/x", true));
        for text in ["", "::/x", "data::", "::ro"] {
            assert!(text.parse::<Preopen>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_directory_that_is_not_there_is_named() {
        let options = GuestOptions {
            dirs: vec!["/no/such/place".parse().unwrap()],
            ..GuestOptions::default()
        };
        let error = options.check().unwrap_err();
        assert!(error.to_string().contains("`/no/such/place`"), "{error}");
    }
}
