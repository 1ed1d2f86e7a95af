//! A server whose requests each try one thing: the path is the probe, `/what/NUMBER`. See
//! `probe.rs`. `/fail/NUMBER` answers an error with a text of this length.

#[path = "../../probe-run/src/probe.rs"]
mod probe;

use compat_api::exports::http::handler::Guest;
use compat_api::http::types::{ErrorCode, Fields, Request, Response};
use compat_api::wit_bindgen::spawn_local;
use compat_api::{wit_future, wit_stream};

struct Probe;

compat_api::http::service::export!(Probe);

impl Guest for Probe {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let path = request.get_path_with_query().unwrap_or_default();
        let mut parts = path.trim_start_matches('/').split('/');
        let what = parts.next().unwrap_or_default();
        let number = parts.next().and_then(|number| number.parse::<usize>().ok());
        if what == "fail" {
            let text = format!("\x1b[2J{}", "e".repeat(number.unwrap_or(0)));
            return Err(ErrorCode::InternalError(Some(text)));
        }
        let text = probe::probe(what, number.unwrap_or(0)).await;
        let (mut writer, body) = wit_stream::new();
        spawn_local(async move {
            writer.write_all(text.into_bytes()).await;
        });
        let (response, _) =
            Response::new(Fields::new(), Some(body), wit_future::new(|| Ok(None)).1);
        Ok(response)
    }
}
