use wasip3::http::types::{Request, RequestOptions};

fn limits(options: &RequestOptions, request: &Request) -> Result<(), String> {
    options.set_connect_timeout(None).map_err(|error| error.to_string())?;
    request.set_scheme(None).map_err(|()| "no".to_string())
}
