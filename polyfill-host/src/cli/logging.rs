//! This program's own log: on stderr, as `RUST_LOG` says.

use crate::BadInput;
use std::env::{self, VarError};
use tracing_subscriber::EnvFilter;

/// What is logged if `RUST_LOG` is not set. wasmtime's HTTP client warns of each connection that
/// ends early, which is no fault of ours or the guest's.
const DEFAULT: &str = "warn,wasmtime_wasi_http=error,polyfill_host=info";

/// Starts logging. `trace_calls`: also each split call, whatever `RUST_LOG` says.
pub(super) fn init(trace_calls: bool) -> Result<(), BadInput> {
    let mut filter = match env::var("RUST_LOG") {
        Ok(filter) if !filter.is_empty() => filter,
        Ok(_) | Err(VarError::NotPresent) => DEFAULT.to_owned(),
        Err(VarError::NotUnicode(_)) => {
            return Err(BadInput::new(
                "the environment variable `RUST_LOG` is not text",
            ));
        }
    };
    if trace_calls {
        filter.push_str(&format!(",{}=trace", crate::trace::TARGET));
    }
    let filter = EnvFilter::try_new(&filter).map_err(|error| {
        BadInput::new(format!(
            "the environment variable `RUST_LOG` is `{filter}`, which is no filter: {error}"
        ))
        .help("for example `RUST_LOG=debug`, or `RUST_LOG=warn,polyfill_host=trace`")
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never)
        .with_target(false)
        .without_time()
        .init();
    Ok(())
}
