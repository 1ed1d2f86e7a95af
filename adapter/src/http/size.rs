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
    entries: &[(String, Vec<u8>)],
    name: &str,
    values: impl IntoIterator<Item = &'a [u8]>,
) -> usize {
    let mut size = of(name, values);
    let mut names = vec![name];
    for (name, value) in entries {
        size += VALUE + value.len();
        // Those of one name mostly follow one another.
        let is_known = |other: &&str| other.eq_ignore_ascii_case(name);
        if !names.iter().rev().any(is_known) {
            size += NAME + name.len();
            names.push(name);
        }
    }
    size
}
