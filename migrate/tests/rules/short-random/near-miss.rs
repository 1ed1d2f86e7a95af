use wasi::random::random::{get_random_bytes, get_random_u64};

fn f(count: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < count {
        bytes.extend(get_random_bytes((count - bytes.len()) as u64));
    }
    bytes.extend(get_random_u64().to_le_bytes());
    bytes
}
