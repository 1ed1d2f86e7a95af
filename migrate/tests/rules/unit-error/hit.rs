use wasi::http::types::RequestOptions;

fn limits(timeout: Option<u64>) -> Result<RequestOptions, String> {
    let options = RequestOptions::new();
    options
        .set_connect_timeout(timeout)
        .map_err(|()| "failed to set connect_timeout".to_string())?;
    options.set_first_byte_timeout(timeout).unwrap_or_else(|()| panic!("no"));
    Ok(options)
}
