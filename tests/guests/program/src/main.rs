//! A program as anybody writes it: no word of WASI.

fn main() -> Result<(), String> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    println!("main, with {arguments:?}");
    if arguments.is_empty() {
        Err("no arguments".to_owned())
    } else {
        Ok(())
    }
}
