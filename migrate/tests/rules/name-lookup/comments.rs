use wasi::sockets::instance_network::instance_network;
use wasi::sockets::ip_name_lookup::resolve_addresses;

fn f(name: &str) {
    // Of the name.
    let stream = resolve_addresses(&instance_network(), name).unwrap(); // resolve_addresses
    stream.subscribe().block();
    /* one */ let _ = stream.resolve_next_address().unwrap(); // two
}

fn g(name: &str) -> bool {
    resolve_addresses(&instance_network(), name).is_ok()
}
