use std::io::Read;
use wasip3::filesystem::types::Descriptor;

fn other(mut file: std::fs::File, _at: &Descriptor) -> usize {
    let mut bytes = [0; 16];
    file.read(&mut bytes).unwrap()
}
