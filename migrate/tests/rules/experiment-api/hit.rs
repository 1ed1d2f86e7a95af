#[allow(warnings)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "proxy",
        isyswasfa: "-hash-all",
        with: { "wasi:http/types@0.3.0-draft": generate },
    });
}

use bindings::isyswasfa::io::pipe;
use isyswasfa_guest::{self, copy};

async fn all(mut parts: Vec<Vec<u8>>) {
    let (tx, rx) = pipe::make_pipe();
    isyswasfa_guest::spawn(async move {
        let mut sink = isyswasfa_guest::sink(tx);
        for part in parts.drain(..) {
            isyswasfa_guest::write_all(&mut sink, &part).await;
        }
    });
    copy(rx, isyswasfa_guest::stream(other())).await;
}
