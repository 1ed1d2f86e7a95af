//! `deflate`, of HTTP, a piece at a time: however much a piece inflates to, it is handed on in pieces of a bounded size.

use compat_api::http::types::ErrorCode;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use wit_bindgen::StreamWriter;

const PIECE: usize = 64 * 1024;

/// Whoever was to read what we write has gone.
pub struct Gone;

/// Why inflating ended early.
pub enum Failed {
    Gone,
    /// The bytes are not what `deflate` makes.
    Malformed,
}

impl From<Gone> for Failed {
    fn from(Gone: Gone) -> Self {
        Failed::Gone
    }
}

/// What the client is told of a body that cannot be inflated.
pub fn malformed() -> ErrorCode {
    ErrorCode::HttpProtocolError
}

/// Compresses.
pub struct Deflate(Compress);

impl Deflate {
    pub fn new() -> Self {
        // With zlib's header, which is what HTTP calls `deflate`.
        Self(Compress::new(Compression::default(), true))
    }

    /// Everything that `piece` becomes is written at once, so that a body which comes slowly is not held back.
    pub async fn write(&mut self, piece: &[u8], to: &mut StreamWriter<u8>) -> Result<(), Gone> {
        self.run(piece, FlushCompress::Sync, to).await
    }

    pub async fn finish(mut self, to: &mut StreamWriter<u8>) -> Result<(), Gone> {
        self.run(&[], FlushCompress::Finish, to).await
    }

    async fn run(
        &mut self,
        mut input: &[u8],
        flush: FlushCompress,
        to: &mut StreamWriter<u8>,
    ) -> Result<(), Gone> {
        loop {
            let mut output = Vec::with_capacity(PIECE);
            let before = self.0.total_in();
            let status = self
                .0
                .compress_vec(input, &mut output, flush)
                .expect("a compressor takes anything");
            input = &input[(self.0.total_in() - before) as usize..];
            // It had room to spare: there is no more.
            let is_done = status == Status::StreamEnd || output.len() < PIECE;
            write(output, to).await?;
            if is_done && input.is_empty() {
                return Ok(());
            }
        }
    }
}

/// Decompresses.
pub struct Inflate {
    /// Made when the first two bytes are there, which tell whether zlib's header is: some clients leave it out.
    state: Option<Decompress>,
    start: Vec<u8>,
    ended: bool,
}

impl Inflate {
    pub fn new() -> Self {
        Self {
            state: None,
            start: Vec::new(),
            ended: false,
        }
    }

    pub async fn write(&mut self, piece: &[u8], to: &mut StreamWriter<u8>) -> Result<(), Failed> {
        if self.state.is_some() {
            return self.run(piece, to).await;
        }
        self.start.extend_from_slice(piece);
        if let [first, second, ..] = self.start[..] {
            let has_header = first & 0x0f == 8 && u16::from_be_bytes([first, second]) % 31 == 0;
            self.state = Some(Decompress::new(has_header));
            let start = std::mem::take(&mut self.start);
            return self.run(&start, to).await;
        }
        Ok(())
    }

    /// Whether the end of the compressed data has come.
    pub fn is_whole(&self) -> bool {
        // No body at all is what some clients send for an empty one.
        self.ended || (self.state.is_none() && self.start.is_empty())
    }

    async fn run(&mut self, mut input: &[u8], to: &mut StreamWriter<u8>) -> Result<(), Failed> {
        let Some(state) = &mut self.state else {
            return Ok(());
        };
        // What comes behind the end is nobody's.
        while !self.ended {
            let mut output = Vec::with_capacity(PIECE);
            let before = state.total_in();
            let status = state
                .decompress_vec(input, &mut output, FlushDecompress::None)
                .map_err(|_| Failed::Malformed)?;
            input = &input[(state.total_in() - before) as usize..];
            self.ended = status == Status::StreamEnd;
            let is_done = output.len() < PIECE;
            write(output, to).await?;
            if is_done && input.is_empty() {
                return Ok(());
            }
        }
        Ok(())
    }
}

async fn write(piece: Vec<u8>, to: &mut StreamWriter<u8>) -> Result<(), Gone> {
    if piece.is_empty() || to.write_all(piece).await.is_empty() {
        return Ok(());
    }
    Err(Gone)
}
