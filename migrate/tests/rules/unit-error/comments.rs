use wasip3::http::types::RequestOptions;

fn limits(options: &RequestOptions) -> Result<(), String> {
    options.set_connect_timeout(None) // none
        .map_err(/* nothing known */ |()| "no".to_string()) // at all
}
