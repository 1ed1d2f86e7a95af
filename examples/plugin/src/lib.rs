//! A plugin for the program in `../embed`: says how long notes are.
//!
//! ```sh
//! cargo build --release --target wasm32-wasip2
//! cargo build --release --target wasm32-wasip2 --no-default-features --features native    # or: for WASI 0.3
//! ```

use wit_bindgen::{StreamReader, spawn_local};

wit_bindgen::generate!({ world: "plugin", path: "../wit" });

use example::notes::store;

struct Plugin;

export!(Plugin);

impl exports::example::notes::report::Guest for Plugin {
    async fn lines(names: Vec<String>) -> StreamReader<String> {
        let (mut lines, report) = wit_stream::new();
        // Goes on after the stream has been returned.
        spawn_local(async move {
            for name in names {
                let line = match store::read(name.clone()).await {
                    Some(text) => format!("{name}: {} words", text.split_whitespace().count()),
                    None => format!("{name}: there is no such note"),
                };
                if lines.write_one(line).await.is_some() {
                    // Nobody reads the report any more.
                    break;
                }
            }
        });
        report
    }
}
