//! The fingerprints of findings, by which code scanning knows them again after other lines have changed.

use super::FileReport;
use crate::place::line;
use std::collections::HashMap;

/// A fingerprint for each finding of a file: of its rule, the file, the text of its line, and how many such there were before.
pub fn fingerprints(file: &FileReport) -> Vec<String> {
    let path = file.path();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let one = file.findings.iter().map(|finding| {
        let line = line(&file.source.text, finding.range.start).trim();
        let key = format!("{}\n{path}\n{line}", finding.rule);
        let count = seen.entry(key.clone()).or_default();
        *count += 1;
        format!("{:016x}:{count}", hash(key.as_bytes()))
    });
    one.collect()
}

/// FNV-1a. The hashers of the standard library may change with its version, and fingerprints must not.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(hash(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
