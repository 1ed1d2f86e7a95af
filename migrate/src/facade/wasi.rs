//! What WASI 0.2 has, as types and colours: the results of its functions, and which of them are async in the facade.

use super::types::Ty;
use crate::moves::moves;
use crate::rust::{self, kebab};
use rustc_hash::FxHashSet;
use serde::Deserialize;
use std::sync::LazyLock;

/// `compat-api/src/p2/colour.toml`, of which this is a copy; a test compares them.
const COLOUR: &str = include_str!("../../data/colour.toml");

#[derive(Deserialize)]
struct Colour {
    r#async: Vec<String>,
    async_exports: Vec<String>,
}

static ASYNC: LazyLock<FxHashSet<String>> = LazyLock::new(|| {
    let colour: Colour = toml::from_str(COLOUR).expect("the list of async functions parses");
    let exports = colour.async_exports.into_iter();
    colour
        .r#async
        .into_iter()
        .chain(exports)
        .map(|path| item(&path.split("::").collect::<Vec<_>>()))
        .collect()
});

/// The name of an item of WASI by its Rust path: `io::poll::Pollable::block` is `wasi:io/poll.pollable.block`.
pub fn item(path: &[impl AsRef<str>]) -> String {
    let mut name = String::new();
    let (exported, path) = match path.split_first() {
        Some((first, rest)) if first.as_ref() == "exports" => ("exports/", rest),
        _ => ("", path),
    };
    for (index, segment) in path.iter().enumerate() {
        match index {
            0 => name += &format!("{exported}wasi:"),
            1 => name.push('/'),
            _ => name.push('.'),
        }
        name += &kebab(segment.as_ref());
    }
    canonical(name)
}

/// `wasi:http/types.headers` is an alias of `wasi:http/types.fields`, and a type that is used elsewhere is that of its interface.
fn canonical(name: String) -> String {
    let Some((interface, rest)) = name.split_once('.') else {
        return name;
    };
    let (ty, member) = rest
        .split_once('.')
        .map_or((rest, None), |(ty, member)| (ty, Some(member)));
    let (interface, ty) = match (interface, ty) {
        ("wasi:http/types", "headers" | "trailers") => (interface, "fields"),
        (_, "pollable") => ("wasi:io/poll", ty),
        ("wasi:io/streams" | "wasi:http/types" | "wasi:filesystem/types", "error" | "io-error") => {
            ("wasi:io/error", "error")
        }
        (_, "input-stream" | "output-stream") => ("wasi:io/streams", ty),
        ("wasi:filesystem/preopens", "descriptor") => ("wasi:filesystem/types", ty),
        ("wasi:http/outgoing-handler", _) if ty != "handle" => ("wasi:http/types", ty),
        ("wasi:sockets/tcp-create-socket", "tcp-socket") => ("wasi:sockets/tcp", ty),
        ("wasi:sockets/udp-create-socket", "udp-socket") => ("wasi:sockets/udp", ty),
        _ => (interface, ty),
    };
    match member {
        Some(member) => format!("{interface}.{ty}.{member}"),
        None => format!("{interface}.{ty}"),
    }
}

/// Whether a function blocked in 0.2, and is async in the facade.
pub fn is_async(function: &str) -> bool {
    ASYNC.contains(function)
}

/// Whether exactly one async function has this method's name, whatever it is called on, and none that is not async. Its type's name.
pub fn only_async_method(method: &str) -> bool {
    const UNIQUE: [&str; 8] = [
        "block",
        "blocking_read",
        "blocking_skip",
        "blocking_flush",
        "blocking_splice",
        "blocking_write_and_flush",
        "blocking_write_zeroes_and_flush",
        "read_directory_entry",
    ];
    const DESCRIPTOR: [&str; 13] = [
        "create_directory_at",
        "link_at",
        "metadata_hash",
        "metadata_hash_at",
        "open_at",
        "readlink_at",
        "remove_directory_at",
        "rename_at",
        "set_times_at",
        "stat_at",
        "symlink_at",
        "unlink_file_at",
        "is_same_object",
    ];
    UNIQUE.contains(&method) || DESCRIPTOR.contains(&method)
}

/// Whether a function says what has happened without waiting for it.
pub fn asks(function: &str) -> bool {
    const ASK: [&str; 9] = [
        "wasi:io/poll.pollable.ready",
        "wasi:io/streams.input-stream.read",
        "wasi:io/streams.output-stream.check-write",
        "wasi:http/types.future-incoming-response.get",
        "wasi:http/types.future-trailers.get",
        "wasi:sockets/tcp.tcp-socket.accept",
        "wasi:sockets/tcp.tcp-socket.finish-connect",
        "wasi:sockets/udp.incoming-datagram-stream.receive",
        "wasi:sockets/ip-name-lookup.resolve-address-stream.resolve-next-address",
    ];
    ASK.contains(&function)
}

/// Whether a method of such a name and number of arguments blocks on a type of WASI, and may be something else on another type.
pub fn is_ambiguous(method: &str, arguments: usize) -> bool {
    matches!(
        (method, arguments),
        ("read" | "write", 2)
            | ("stat" | "sync_data" | "get_type" | "get_flags", 0)
            | ("set_size", 1)
            | ("set_times", 2)
    )
}

/// How many arguments an async function takes, with its receiver.
pub fn arity(function: &str) -> usize {
    match function.rsplit('.').next().unwrap_or(function) {
        "blocking-read"
        | "blocking-skip"
        | "blocking-write-and-flush"
        | "blocking-write-zeroes-and-flush" => 2,
        "create-directory-at"
        | "readlink-at"
        | "remove-directory-at"
        | "unlink-file-at"
        | "set-size"
        | "is-same-object" => 2,
        "blocking-splice" | "read" | "write" | "stat-at" | "set-times" | "symlink-at"
        | "metadata-hash-at" => 3,
        "advise" | "rename-at" => 4,
        "open-at" | "link-at" | "set-times-at" => 5,
        _ => 1,
    }
}

/// Whether 0.2 has such an item.
pub fn exists(item: &str) -> bool {
    moves().get(item.trim_start_matches("exports/")).is_some() || item.starts_with("exports/")
}

/// The result of a function, or of a method by the type's name and its own.
pub fn result(function: &str) -> Option<Ty> {
    let found = rust::signature(function).or_else(|| {
        let (ty, method) = function.rsplit_once('.')?;
        (method == "new").then(|| rust::signature(&format!("{ty}.constructor")))?
    })?;
    Some(converted(found))
}

pub fn field(record: &str, name: &str) -> Option<Ty> {
    rust::field(record, &syn::parse_str(name).ok()?).map(converted)
}

fn converted(ty: &rust::Ty) -> Ty {
    match ty {
        rust::Ty::Wasi(name) => Ty::Wasi(canonical(name.to_string()).into()),
        rust::Ty::Option(ty) => Ty::std("Option", vec![converted(ty)]),
        rust::Ty::Result(ty) => Ty::std("Result", vec![converted(ty)]),
        rust::Ty::List(ty) => Ty::std("Vec", vec![converted(ty)]),
        rust::Ty::Tuple(types) => Ty::Tuple(types.iter().map(converted).collect()),
        rust::Ty::Stream | rust::Ty::Unknown => Ty::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_items() {
        assert_eq!(
            item(&["http", "types", "Headers", "new"]),
            "wasi:http/types.fields.new"
        );
        assert_eq!(
            item(&["filesystem", "types", "InputStream"]),
            "wasi:io/streams.input-stream"
        );
        assert!(is_async("wasi:io/poll.poll"));
        assert!(is_async("exports/wasi:cli/run.guest.run"));
        assert!(!is_async("wasi:io/streams.input-stream.read"));
        assert!(is_async("wasi:filesystem/types.descriptor.read"));
    }

    /// The facade has the list; the program that is published alone has this copy of it.
    #[test]
    fn the_list_is_the_facades() {
        let facade = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../compat-api/src/p2/colour.toml");
        // A package of this program alone has no facade beside it.
        if let Ok(theirs) = std::fs::read_to_string(facade) {
            assert_eq!(theirs, COLOUR, "copy it to `migrate/data`");
        }
    }
}
