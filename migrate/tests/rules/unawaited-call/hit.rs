use wasi::filesystem::types::{Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags};

async fn f(folder: &Descriptor, names: &[String]) -> Result<(), ErrorCode> {
    folder.create_directory_at("new")?;
    let file = folder.open_at(PathFlags::empty(), &names[0], OpenFlags::CREATE, DescriptorFlags::WRITE)?;
    file.set_size(0)?;
    let sizes: Vec<_> = names.iter().map(|name| folder.stat_at(PathFlags::empty(), name)).collect();
    file.sync()
}
