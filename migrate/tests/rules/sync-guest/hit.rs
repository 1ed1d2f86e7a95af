use wasi::exports::cli::run::Guest as Run;

struct Tool;

impl Run for Tool {
    fn run() -> Result<(), ()> {
        helper();
        Ok(())
    }
}

fn helper() {}
