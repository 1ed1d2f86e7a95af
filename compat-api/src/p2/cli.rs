//! `wasi:cli` of WASI 0.2.

pub use crate::cli::{
    terminal_input, terminal_output, terminal_stderr, terminal_stdin, terminal_stdout,
};

/// `wasi:cli/environment`: what the program was started with.
pub mod environment {
    pub use crate::cli::environment::{get_arguments, get_environment};

    /// The folder that the program was started in.
    pub fn initial_cwd() -> Option<String> {
        crate::cli::environment::get_initial_cwd()
    }
}

/// `wasi:cli/exit`: ending the program. What is written and not flushed may be lost.
pub mod exit {
    pub use crate::cli::exit::{exit, exit_with_code};
}

/// `wasi:cli/stdin`.
pub mod stdin {
    pub use crate::p2::io::streams::InputStream;

    use crate::cli::stdin::read_via_stream;
    use crate::p2::io::source::Source;
    use crate::p2::io::streams::input;
    use std::rc::Rc;

    thread_local! {
        // One for all handles: what one has read ahead is not lost for another.
        static STDIN: Rc<Source<u8>> = input(read_via_stream());
    }

    /// The program's input.
    pub fn get_stdin() -> InputStream {
        InputStream::new(STDIN.with(Rc::clone))
    }
}

/// `wasi:cli/stdout`.
pub mod stdout {
    pub use crate::p2::io::streams::OutputStream;

    use crate::cli::stdout::write_via_stream;
    use crate::p2::io::output::Output;
    use std::rc::Rc;

    thread_local! {
        // One for all handles, so that the order of writes is kept.
        static STDOUT: Rc<Output> = super::output(write_via_stream);
    }

    /// The program's output.
    pub fn get_stdout() -> OutputStream {
        OutputStream::new(STDOUT.with(Rc::clone))
    }
}

/// `wasi:cli/stderr`.
pub mod stderr {
    pub use crate::p2::io::streams::OutputStream;

    use crate::cli::stderr::write_via_stream;
    use crate::p2::io::output::Output;
    use std::rc::Rc;

    thread_local! {
        // One for all handles, so that the order of writes is kept.
        static STDERR: Rc<Output> = super::output(write_via_stream);
    }

    /// The program's output for messages.
    pub fn get_stderr() -> OutputStream {
        OutputStream::new(STDERR.with(Rc::clone))
    }
}

use crate::cli::types::ErrorCode;
use crate::p2::io::output::Output;
use crate::p2::io::sink::Bursts;
use crate::wit_bindgen::{FutureReader, StreamReader};
use std::rc::Rc;

/// Where messages or output go.
fn output(
    write_via_stream: fn(StreamReader<u8>) -> FutureReader<Result<(), ErrorCode>>,
) -> Rc<Output> {
    let sink = Bursts::new(move |stream, _| {
        let written = write_via_stream(stream);
        Box::pin(async { written.await.map_err(Into::into) })
    });
    Rc::new(Output::new(sink, true))
}

/// The world `wasi:cli/command`.
pub mod command {
    /// Exports a type that implements [`Guest`](crate::p2::exports::cli::run::Guest) as `wasi:cli/run` of WASI 0.3.
    ///
    /// ```
    /// use compat_api::p2;
    ///
    /// struct Hello;
    ///
    /// impl p2::exports::cli::run::Guest for Hello {
    ///     async fn run() -> Result<(), ()> {
    ///         let stdout = p2::cli::stdout::get_stdout();
    ///         stdout.blocking_write_and_flush(b"hello\n").await.map_err(drop)
    ///     }
    /// }
    ///
    /// p2::cli::command::export!(Hello);
    /// ```
    #[doc(inline)]
    pub use crate::__export_p2_command as export;
}
