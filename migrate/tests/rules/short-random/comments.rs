use wasi::random::random;

fn f() -> Vec<u8> {
    // get_random_bytes
    random:: /* 16 of them */ get_random_bytes( /* bytes */ 16) // all?
}
