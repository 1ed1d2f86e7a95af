use compat_api::p2::cli::stdin::get_stdin;
use compat_api::p2::io::streams::{InputStream, StreamError};
use std::collections::HashMap;
use std::rc::Rc;

struct Inputs {
    all: HashMap<String, Rc<InputStream>>,
}

impl Inputs {
    async fn read(&self, name: &str) -> Option<Result<Vec<u8>, StreamError>> {
        let input = self.all.get(name)?;
        Some(input.blocking_read(10).await)
    }
}

pub async fn first() -> Option<u8> {
    let inputs = Inputs {
        all: [("stdin".to_owned(), Rc::new(get_stdin()))].into(),
    };
    inputs.read("stdin").await?.ok()?.first().copied()
}
