//! `wasi:filesystem`.

mod convert;
mod descriptor;
mod directory;
mod error;
mod read;
mod write;

use crate::Adapter;
use crate::bindings::p2;
use crate::bindings::p3::filesystem::{preopens, types};
use descriptor::Descriptor;

impl types::Guest for Adapter {
    type Descriptor = Descriptor;
}

impl preopens::Guest for Adapter {
    fn get_directories() -> Vec<(types::Descriptor, String)> {
        p2::filesystem::preopens::get_directories()
            .into_iter()
            .map(|(directory, name)| (types::Descriptor::new(Descriptor::new(directory)), name))
            .collect()
    }
}
