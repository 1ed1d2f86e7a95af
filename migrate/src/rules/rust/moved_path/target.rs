//! The item of 0.3 for an item of 0.2 with the same meaning, and the spelling of its name.

use crate::moves::{Change, moves};
use crate::rust::{WasiPath, camel, snake};
use crate::wit::wasi::exists_0_3;

/// The item of 0.3, if it means the same: `wasi:http/types.request.get-method`.
pub fn target(wasi: &WasiPath) -> Option<String> {
    let full = wasi.full();
    // Items that bindings add: `Guest`, `export!`.
    let generated = |name: &String| matches!(name.as_str(), "guest" | "export");
    if wasi.rest.is_empty() || wasi.rest.iter().all(generated) {
        let world = format!("{} (world)", wasi.interface);
        let to = moves().target(&wasi.interface).or_else(|| {
            moves()
                .target(&world)
                .map(|to| to.trim_end_matches(" (world)"))
        })?;
        return Some(
            wasi.rest
                .iter()
                .fold(to.to_owned(), |to, part| format!("{to}.{part}")),
        );
    }
    let parts: Vec<_> = wasi.rest.iter().collect();
    // Another rule has already written the name of 0.3.
    if moves().get(full).is_none() && exists_0_3(full) {
        return Some(full.to_owned());
    }
    // Named through an interface that only `use`s it, and still does.
    if !full.starts_with(&format!("{}.", wasi.interface)) {
        return reused(wasi);
    }
    let entry = moves().get(full);
    match (parts.as_slice(), entry) {
        (_, Some(entry))
            if parts.len() == 2 && entry.change == Change::Reshaped && is_function(full) =>
        {
            None
        }
        // It is called in the same way. `short-random` reports the difference.
        ([name], Some(_)) if name.ends_with("-random-bytes") => Some(full.to_owned()),
        // `name-lookup` rewrites its calls.
        ([name], Some(_)) if name.as_str() == "resolve-addresses" => Some(full.to_owned()),
        (_, Some(entry))
            if parts.len() == 1 && entry.change == Change::Reshaped && is_function(full) =>
        {
            None
        }
        // A function that became an associated function: `TcpSocket::create`.
        ([_], Some(_))
            if moves()
                .target(full)
                .is_some_and(|to| to.matches('.').count() > 1) =>
        {
            None
        }
        (_, Some(_)) => moves().target(full).map(str::to_owned),
        // `OutgoingResponse::new`: a constructor; other names of types' own: a case, `from_list`, an associated function.
        ([ty, name], None) => {
            let parent = format!("{}.{ty}", wasi.interface);
            let constructor = moves()
                .get(&format!("{parent}.constructor"))
                .filter(|_| name.as_str() == "new");
            if constructor.is_some_and(|entry| entry.change != Change::Kept) {
                return None;
            }
            Some(format!("{}.{name}", moves().target(&parent)?))
        }
        _ => None,
    }
}

fn reused(wasi: &WasiPath) -> Option<String> {
    let here = moves().target(&wasi.interface)?;
    let (ty, name) = match wasi.rest.as_slice() {
        [_] => (wasi.full(), None),
        [_, name] => (wasi.full().strip_suffix(&format!(".{name}"))?, Some(name)),
        _ => return None,
    };
    let to = moves().target(ty)?.rsplit('.').next()?;
    match name {
        None => Some(format!("{here}.{to}")),
        Some(name) => {
            let is_method = is_function(&format!("{ty}.{name}"));
            let constructor = moves()
                .get(&format!("{ty}.constructor"))
                .filter(|_| name.as_str() == "new");
            let is_same = constructor.is_none_or(|entry| entry.change == Change::Kept);
            (is_same && !is_method).then(|| format!("{here}.{to}.{name}"))
        }
    }
}

/// Whether it is a case that has a payload in 0.3, and had none in 0.2.
pub fn has_payload(case: &str) -> bool {
    let cases = [
        "wasi:filesystem/types.descriptor-type.other",
        "wasi:sockets/types.error-code.other",
    ];
    cases.contains(&case)
}

fn is_function(name: &str) -> bool {
    crate::rust::signature(name).is_some()
}

/// The new name in the spelling of the old one.
pub fn rust_name(old: &str, new: &str) -> String {
    let upper = old.starts_with(|c: char| c.is_uppercase());
    match upper {
        true if old.contains('_') || old.len() > 1 && old.chars().all(|c| !c.is_lowercase()) => {
            snake(new).to_uppercase()
        }
        true => camel(new),
        false => snake(new),
    }
}
