use wasi::random::random;

trait Guest {
    fn run() -> Result<(), ()>;
}

struct Tool;

impl Guest for Tool {
    fn run() -> Result<(), ()> {
        random::get_random_u64();
        Ok(())
    }
}
