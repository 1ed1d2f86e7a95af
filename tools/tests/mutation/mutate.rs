//! Damages a component, as a bad disk would, and as somebody who knows the format would.

use super::Random;

/// The component with some damage.
pub fn mutate(whole: &[u8], random: &mut Random) -> Vec<u8> {
    let mut wasm = whole.to_vec();
    for _ in 0..=random.below(3) {
        if wasm.len() < 16 {
            break;
        }
        match random.below(8) {
            0 => flip(&mut wasm, random),
            1 => wasm.truncate(8 + random.below(whole.len())),
            2 => repeat(&mut wasm, random),
            3 | 4 => nudge(&mut wasm, random),
            5 => sections(&mut wasm, random),
            _ => rename(&mut wasm, random),
        }
    }
    wasm
}

/// Changes a bit.
fn flip(wasm: &mut [u8], random: &mut Random) {
    let at = random.below(wasm.len());
    wasm[at] ^= 1 << random.below(8);
}

/// Makes a number, perhaps an index, one larger or smaller.
fn nudge(wasm: &mut [u8], random: &mut Random) {
    let at = 8 + random.below(wasm.len() - 8);
    wasm[at] = match random.below(2) {
        0 => wasm[at].wrapping_add(1),
        _ => wasm[at].wrapping_sub(1),
    };
}

/// Removes some bytes, or repeats them.
fn repeat(wasm: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(wasm.len());
    let end = (at + 1 + random.below(16)).min(wasm.len());
    match random.below(2) {
        0 => drop(wasm.drain(at..end)),
        _ => {
            let piece = wasm[at..end].to_vec();
            wasm.splice(at..at, piece);
        }
    }
}

/// Changes a letter of a name, or the whole name to another one of the same length. The result is often a valid component.
fn rename(wasm: &mut [u8], random: &mut Random) {
    let names = names(wasm);
    if names.is_empty() {
        return;
    }
    let (at, len) = names[random.below(names.len())];
    let others: Vec<_> = names
        .iter()
        .filter(|it| it.1 == len && it.0 != at)
        .collect();
    if others.is_empty() || random.below(3) == 0 {
        let letter = at + random.below(len);
        if wasm[letter].is_ascii_lowercase() {
            wasm[letter] = b'a' + random.below(26) as u8;
        }
    } else {
        let (from, _) = *others[random.below(others.len())];
        wasm.copy_within(from..from + len, at);
    }
}

/// The positions and lengths of names.
fn names(wasm: &[u8]) -> Vec<(usize, usize)> {
    let mut names = Vec::new();
    let mut at = 0;
    while at < wasm.len() {
        let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"-:/@.[]#".contains(byte);
        let len = wasm[at..].iter().take_while(|byte| is_letter(byte)).count();
        if len >= 4 {
            names.push((at, len));
        }
        at += len.max(1);
    }
    names
}

/// Removes a section, doubles it, or moves it.
fn sections(wasm: &mut Vec<u8>, random: &mut Random) {
    let mut sections = split(wasm);
    if sections.is_empty() {
        return;
    }
    let at = random.below(sections.len());
    match random.below(3) {
        0 => drop(sections.remove(at)),
        1 => sections.insert(random.below(sections.len()), sections[at].clone()),
        _ => {
            let section = sections.remove(at);
            sections.insert(random.below(sections.len() + 1), section);
        }
    }
    wasm.truncate(8);
    sections.iter().for_each(|section| wasm.extend(section));
}

/// The sections of the component itself, as far as it can be read.
fn split(wasm: &[u8]) -> Vec<Vec<u8>> {
    let (mut sections, mut at) = (Vec::new(), 8);
    while at < wasm.len() {
        let (mut size, mut shift, mut next) = (0usize, 0, at + 1);
        while let Some(byte) = wasm.get(next) {
            size |= usize::from(byte & 0x7f) << shift;
            (shift, next) = (shift + 7, next + 1);
            if byte & 0x80 == 0 || shift > 28 {
                break;
            }
        }
        let end = next.saturating_add(size).min(wasm.len());
        sections.push(wasm[at..end].to_vec());
        at = end;
    }
    sections
}
