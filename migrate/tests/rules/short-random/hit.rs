use wasi::random::insecure::get_insecure_random_bytes;

fn f() -> [u8; 16] {
    wasi::random::random::get_random_bytes(16).try_into().unwrap_or_else(|_| get_insecure_random_bytes(16).try_into().unwrap())
}
