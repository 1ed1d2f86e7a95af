//! How large fields are, as hosts count them: names and values, each with what it takes to keep it.

/// The most that hosts take unless they are told otherwise. What is more makes many hosts of 0.2 trap.
pub const MOST: usize = 128 * 1024;

/// What a name takes beside its length.
const NAME: usize = 32;

/// What a value takes beside its length.
const VALUE: usize = 40;

/// Of the values of one name.
pub fn of<'a>(name: &str, values: impl IntoIterator<Item = &'a [u8]>) -> usize {
    let values = values.into_iter().map(|value| VALUE + value.len());
    NAME + name.len() + values.sum::<usize>()
}

/// Of these entries, and of more values of one name. A name counts once, however many values it has.
pub fn with<'a>(
    mut entries: Vec<(String, Vec<u8>)>,
    name: &str,
    values: impl IntoIterator<Item = &'a [u8]>,
) -> usize {
    for (name, _) in &mut entries {
        name.make_ascii_lowercase();
    }
    let all: usize = entries.iter().map(|(_, value)| VALUE + value.len()).sum();
    let mut names: Vec<_> = entries.into_iter().map(|(name, _)| name).collect();
    names.push(name.to_ascii_lowercase());
    names.sort_unstable();
    names.dedup();
    let names: usize = names.iter().map(|name| NAME + name.len()).sum();
    let added: usize = values.into_iter().map(|value| VALUE + value.len()).sum();
    all + names + added
}
