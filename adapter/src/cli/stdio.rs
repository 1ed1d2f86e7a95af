//! `wasi:cli/stdin`, `stdout` and `stderr`.

use super::stdin::Stdin;
use crate::Adapter;
use crate::bindings::p2::cli as p2;
use crate::bindings::p2::io::streams::{OutputStream, StreamError};
use crate::bindings::p3::cli::types::ErrorCode;
use crate::bindings::p3::cli::{stderr, stdin, stdout};
use crate::bindings::{wit_future, wit_stream};
use crate::output;
use crate::resolve::resolve;
use polyfill_guest::{FutureReader, StreamReader, spawn_local};

type Ended = FutureReader<Result<(), ErrorCode>>;

impl stdin::Guest for Adapter {
    fn read_via_stream() -> (StreamReader<u8>, Ended) {
        let (mut writer, reader) = wit_stream::new();
        let (end, ended) = wit_future::new(|| Ok(()));
        spawn_local(async move {
            let result = Stdin::get().copy(&mut writer).await.map_err(code);
            drop(writer);
            resolve(end, result);
        });
        (reader, ended)
    }
}

impl stdout::Guest for Adapter {
    fn write_via_stream(data: StreamReader<u8>) -> Ended {
        write(data, p2::stdout::get_stdout())
    }
}

impl stderr::Guest for Adapter {
    fn write_via_stream(data: StreamReader<u8>) -> Ended {
        write(data, p2::stderr::get_stderr())
    }
}

fn write(data: StreamReader<u8>, to: OutputStream) -> Ended {
    let (end, ended) = wit_future::new(|| Ok(()));
    spawn_local(async move {
        let result = output::copy(data, &to).await.map_err(code);
        drop(to);
        resolve(end, result);
    });
    ended
}

/// 0.2 does not say what is wrong with a standard stream.
fn code(error: StreamError) -> ErrorCode {
    match error {
        // Whoever was at the other end has gone.
        StreamError::Closed => ErrorCode::Pipe,
        StreamError::LastOperationFailed(_) => ErrorCode::Io,
    }
}
