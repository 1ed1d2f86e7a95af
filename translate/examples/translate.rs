//! `translate IN OUT`

fn main() {
    let mut args = std::env::args().skip(1);
    let (input, output) = (args.next().unwrap(), args.next().unwrap());
    match isyswasfa_translate::translate(&std::fs::read(input).unwrap()) {
        Ok(bytes) => std::fs::write(output, bytes).unwrap(),
        Err(error) => {
            eprintln!("error: {error}");
            std::process::exit(2);
        }
    }
}
