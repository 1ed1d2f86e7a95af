use wasi::cli::stdout;

async fn f() {
    // The output.
    let output = stdout::get_stdout(); // stdout::get_stdout()
    /* now */ output.blocking_write_and_flush(b"// text").unwrap(); // written
}
