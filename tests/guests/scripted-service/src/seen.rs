//! A request as its handler sees it.

use compat_api::http::types::Request;
use compat_api::wit_future;
use std::fmt::Write;

pub async fn described(request: Request) -> String {
    let mut text = format!(
        "{:?} {:?} {:?} {:?}\n",
        request.get_method(),
        request.get_scheme(),
        request.get_authority(),
        request.get_path_with_query(),
    );
    let headers = request.get_headers();
    for (name, value) in headers.copy_all() {
        writeln!(text, "{name}: {}", value.escape_ascii()).expect("a string takes all");
    }
    let (_, handled) = wit_future::new(|| Ok(()));
    let (body, trailers) = Request::consume_body(request, handled);
    let body = body.collect().await;
    writeln!(
        text,
        "{} bytes: {}",
        body.len(),
        body[..body.len().min(40)].escape_ascii()
    )
    .expect("a string takes all");
    match trailers.await {
        Ok(Some(trailers)) => {
            for (name, value) in trailers.copy_all() {
                writeln!(text, "{name}: {}", value.escape_ascii()).expect("a string takes all");
            }
        }
        Ok(None) => text.push_str("no trailers\n"),
        Err(code) => writeln!(text, "{code:?}").expect("a string takes all"),
    }
    text
}
