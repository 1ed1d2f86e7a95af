use wasi::http::types::IncomingRequest;

fn f(request: IncomingRequest) {
    let method = request /* whose */ . /* which */ method /* it has */ ( /* nothing */ ); // request.method()
}
