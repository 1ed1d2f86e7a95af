use wasip3::filesystem::types::Descriptor;

async fn names(directory: &Descriptor) -> Vec<String> {
    let (mut entries, _end) = directory.read_directory();
    let mut names = Vec::new();
    while let Some(entry) = entries.next().await {
        names.push(entry.name);
    }
    names
}
