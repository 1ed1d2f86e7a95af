//! Sources and sinks behind traits, and functions that are generic over them.

use wasip2::cli::{environment, stdin::get_stdin, stdout::get_stdout};
use wasip2::exports::cli::run::Guest;
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

/// Where bytes come from.
pub trait Source {
    type Error: std::fmt::Debug;

    fn pull(&mut self, most: u64) -> Result<Option<Vec<u8>>, Self::Error>;

    fn pull_all(&mut self) -> Result<Vec<u8>, Self::Error> {
        let mut all = Vec::new();
        while let Some(bytes) = self.pull(4096)? {
            all.extend(bytes);
        }
        Ok(all)
    }
}

/// Where bytes go.
pub trait Sink {
    fn push(&mut self, bytes: &[u8]) -> Result<(), StreamError>;

    fn name(&self) -> String {
        String::from("a sink")
    }
}

struct Stream(InputStream);

impl Source for Stream {
    type Error = StreamError;

    fn pull(&mut self, most: u64) -> Result<Option<Vec<u8>>, StreamError> {
        match self.0.blocking_read(most) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(StreamError::Closed) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

struct Text<'a>(&'a str);

impl<'a> Source for Text<'a> {
    type Error = std::convert::Infallible;

    fn pull(&mut self, most: u64) -> Result<Option<Vec<u8>>, Self::Error> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(self.0.len());
        let (now, later) = self.0.split_at(most);
        self.0 = later;
        Ok(Some(now.as_bytes().to_vec()))
    }
}

struct Standard {
    stream: OutputStream,
    written: usize,
}

impl Sink for Standard {
    fn push(&mut self, bytes: &[u8]) -> Result<(), StreamError> {
        bytes.chunks(4096).try_for_each(|chunk| self.stream.blocking_write_and_flush(chunk))?;
        self.written += bytes.len();
        Ok(())
    }

    fn name(&self) -> String {
        "the standard output".into()
    }
}

impl Sink for Vec<u8> {
    fn push(&mut self, bytes: &[u8]) -> Result<(), StreamError> {
        self.extend_from_slice(bytes);
        Ok(())
    }
}

/// Passes everything on, in upper case.
fn shout<S, T>(source: &mut S, sink: &mut T) -> Result<usize, String>
where
    S: Source,
    T: Sink + ?Sized,
{
    let mut count = 0;
    while let Some(bytes) = source.pull(100).map_err(|error| format!("{error:?}"))? {
        count += bytes.len();
        sink.push(&bytes.to_ascii_uppercase()).map_err(|error| format!("{}: {error:?}", sink.name()))?;
    }
    Ok(count)
}

fn length<S: Source>(mut source: S) -> Result<usize, S::Error> {
    source.pull_all().map(|all| all.len())
}

struct Program;

impl Guest for Program {
    fn run() -> Result<(), ()> {
        let mut out = Standard { stream: get_stdout(), written: 0 };
        let arguments = environment::get_arguments();
        let title = arguments.get(1).cloned().unwrap_or_else(|| "untitled\n".to_owned());
        let mut kept = Vec::new();
        shout(&mut Text(&title), &mut kept).map_err(|_| ())?;
        out.push(&kept).map_err(drop)?;
        let all = shout(&mut Stream(get_stdin()), &mut out).map_err(|message| eprintln!("{message}"))?;
        let of_title = length(Text(&title)).map_err(|_| ())?;
        eprintln!("{all} after {of_title}, {} in all", out.written);
        Ok(())
    }
}

wasip2::cli::command::export!(Program);
