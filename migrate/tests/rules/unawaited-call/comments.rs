use wasi::filesystem::types::{Descriptor, ErrorCode};

async fn f(file: &Descriptor) -> Result<(), ErrorCode> {
    // file.sync()?;
    file . /* data too */ sync( /* all */ ) /* or */ ? /* not */;
    folder_of(file).create_directory_at( /* called */ "new" /* so */ )
}

fn folder_of(file: &Descriptor) -> &Descriptor {
    file
}
