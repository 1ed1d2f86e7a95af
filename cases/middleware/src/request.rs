//! The request as the handler behind us gets it.

use crate::codec::{self, Failed, Inflate};
use compat_api::http::types::{ErrorCode, Fields, Request, Trailers};
use compat_api::wit_bindgen::{FutureReader, StreamReader, StreamResult, StreamWriter};
use compat_api::{spawn_local, wit_future, wit_stream};

const PIECE: usize = 64 * 1024;

type End = Result<Option<Trailers>, ErrorCode>;

/// The same request with its body inflated, under these headers.
pub fn decoded(request: Request, headers: Fields) -> Result<Request, ErrorCode> {
    let method = request.get_method();
    let scheme = request.get_scheme();
    let authority = request.get_authority();
    let path = request.get_path_with_query();
    let options = request.get_options();

    let (fared, on_fared) = wit_future::new(|| Ok(()));
    let (body, trailers) = Request::consume_body(request, on_fared);
    let (plain, plain_body) = wit_stream::new();
    let (end, on_end) = wit_future::new(|| Err(codec::malformed()));
    let (onward, sent) = Request::new(headers, Some(plain_body), on_end, options);
    spawn_local(async move {
        // Whoever reads the request may have heard enough of it.
        let _ = end.write(inflate(body, trailers, plain).await).await;
    });
    spawn_local(async move {
        // How the handler fared with the body is how we did.
        let _ = fared.write(sent.await).await;
    });

    // They are those of a request that came in.
    let valid = onward.set_method(&method).is_ok()
        && onward.set_scheme(scheme.as_ref()).is_ok()
        && onward.set_authority(authority.as_deref()).is_ok()
        && onward.set_path_with_query(path.as_deref()).is_ok();
    if valid {
        Ok(onward)
    } else {
        Err(ErrorCode::HttpRequestUriInvalid)
    }
}

/// Passes the body on, and answers how it ended.
async fn inflate(
    mut body: StreamReader<u8>,
    trailers: FutureReader<End>,
    mut plain: StreamWriter<u8>,
) -> End {
    let mut inflate = Inflate::new();
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        let result;
        (result, piece) = body.read(piece).await;
        match inflate.write(&piece, &mut plain).await {
            Ok(()) => {}
            Err(Failed::Malformed) => return Err(codec::malformed()),
            // Nobody will look at the trailers either.
            Err(Failed::Gone) => return Ok(None),
        }
        piece.clear();
        if result == StreamResult::Dropped {
            break;
        }
    }
    drop(plain);
    // If the body broke off, this is why; else it must have been whole.
    let trailers = trailers.await?;
    if inflate.is_whole() {
        Ok(trailers)
    } else {
        Err(codec::malformed())
    }
}
