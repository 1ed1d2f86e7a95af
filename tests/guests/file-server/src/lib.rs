//! Serves the files of the first preopened directory. The file's stream is the body: not a byte passes through here.

use compat_api::exports::http::handler::Guest;
use compat_api::filesystem::preopens;
use compat_api::filesystem::types::{DescriptorFlags, OpenFlags, PathFlags};
use compat_api::http::types::{ErrorCode, Fields, Request, Response};
use compat_api::wit_future;

struct FileServer;

compat_api::http::service::export!(FileServer);

impl Guest for FileServer {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let path = request.get_path_with_query().unwrap_or_default();
        let (directory, _) = preopens::get_directories()
            .pop()
            .ok_or(ErrorCode::ConfigurationError)?;
        let opened = directory.open_at(
            PathFlags::empty(),
            path.trim_start_matches('/').into(),
            OpenFlags::empty(),
            DescriptorFlags::READ,
        );
        let (_, trailers) = wit_future::new(|| Ok(None));
        match opened.await {
            Ok(file) => {
                let (content, _ended) = file.read_via_stream(0);
                let (response, _sent) = Response::new(Fields::new(), Some(content), trailers);
                Ok(response)
            }
            Err(_) => {
                let (response, _sent) = Response::new(Fields::new(), None, trailers);
                response.set_status_code(404).expect("a status");
                Ok(response)
            }
        }
    }
}
