//! Every name that the split ABI adds to WIT, in one place.

use semver::{Prerelease, Version};
use wit_parser::{Function, FunctionKind, PackageName, Resolve};

/// What the name of an async function's first half ends with: `foo-isyswasfa-start`.
pub const START: &str = "-isyswasfa-start";
/// What the name of an async function's second half ends with: `foo-isyswasfa-result`.
pub const RESULT: &str = "-isyswasfa-result";
/// The function of a moved interface (and of a resource outside an interface) that runs the component behind it.
pub const POLL: &str = "isyswasfa-poll";
/// What the name of a world-level function's poll ends with: `foo-isyswasfa-poll`.
pub const POLL_SUFFIX: &str = "-isyswasfa-poll";
/// What a getter's name ends with: `foo: get() -> T` becomes `foo-isyswasfa-get: func() -> T`.
pub const GET: &str = "-isyswasfa-get";
/// What a setter's name ends with: `foo: set(v: T)` becomes `foo-isyswasfa-set: func(v: T)`.
pub const SET: &str = "-isyswasfa-set";
/// The pre-release that marks the version of a moved package: `wasi:http@0.3.2-isyswasfa`.
pub const MOVED: &str = "isyswasfa";
/// The parameter of an async function's second half.
pub const READY: &str = "ready";

/// The package of the split ABI's own interfaces.
pub const CORE_PACKAGE: &str = "isyswasfa:core@0.1.0";
/// The interface of tasks.
pub const TASKS: &str = "isyswasfa:core/tasks@0.1.0";
/// The interface of `stream<u8>`.
pub const BYTES: &str = "isyswasfa:core/bytes@0.1.0";
/// The interface that awaits WASI 0.2 pollables.
pub const POLLABLES: &str = "isyswasfa:core/pollables@0.1.0";
/// What the names of pipe interfaces start with: `isyswasfa:pipes/stream-u32@0.1.0`.
pub const PIPES: &str = "isyswasfa:pipes/";
/// The version of the pipe interfaces' package.
pub const PIPES_VERSION: Version = Version::new(0, 1, 0);
/// What [`Pipe::interface`](crate::Pipe::interface) says of a pipe that belongs to the world itself.
pub const ROOT: &str = "$root";

/// The resource of a pipe's reading end, in an interface that is nothing but the pipe.
pub const READER: &str = "reader";
/// The resource of a pipe's writing end, in an interface that is nothing but the pipe.
pub const WRITER: &str = "writer";
/// The function that makes a pipe, in an interface that is nothing but the pipe.
pub const NEW: &str = "new";

/// The version that the interfaces of a package move to: its own with the pre-release `isyswasfa`
/// (`0.3.2-isyswasfa`, `1.0.0-rc.1.isyswasfa`), or `0.0.0-isyswasfa` if it has none.
pub fn moved_version(version: Option<&Version>) -> Version {
    let mut moved = version.cloned().unwrap_or(Version::new(0, 0, 0));
    let pre = match moved.pre.as_str() {
        "" => MOVED.to_owned(),
        pre => format!("{pre}.{MOVED}"),
    };
    moved.pre =
        Prerelease::new(&pre).expect("an identifier appended to a valid pre-release is valid");
    moved
}

/// The name of the package that the moved interfaces of `package` go to.
pub fn moved_package(package: &PackageName) -> PackageName {
    PackageName {
        namespace: package.namespace.clone(),
        name: package.name.clone(),
        version: Some(moved_version(package.version.as_ref())),
    }
}

/// Whether a package of this version holds moved interfaces, that is, whether [`moved_version`] made it.
pub fn is_moved(version: &Version) -> bool {
    version.pre.as_str().rsplit('.').next() == Some(MOVED)
}

/// The names that the halves of the async function `name` have: `(start, result)`. `name` is as in
/// [`Function::name`]: `foo`, `[method]r.foo` or `[static]r.foo`. The second half of a method is static.
pub fn split_name(name: &str) -> (String, String) {
    let result = match name.strip_prefix("[method]") {
        Some(rest) => format!("[static]{rest}{RESULT}"),
        None => format!("{name}{RESULT}"),
    };
    (format!("{name}{START}"), result)
}

/// The name of a function as in [`Function::name`], from its parts.
pub(crate) fn function_name(kind: &FunctionKind, resource: Option<&str>, item: &str) -> String {
    match (kind, resource) {
        (FunctionKind::Constructor(_), Some(resource)) => format!("[constructor]{resource}"),
        (FunctionKind::Method(_) | FunctionKind::AsyncMethod(_), Some(resource)) => {
            format!("[method]{resource}.{item}")
        }
        (_, Some(resource)) => format!("[static]{resource}.{item}"),
        (_, None) => item.to_owned(),
    }
}

/// The name that an item has in messages: `request.new`, `handle`.
pub(crate) fn spoken(resolve: &Resolve, function: &Function) -> String {
    match function
        .kind
        .resource()
        .and_then(|id| resolve.types[id].name.as_deref())
    {
        Some(resource) => format!("{resource}.{}", function.item_name()),
        None => function.item_name().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_moves_to_a_pre_release_of_itself() {
        let moved = |text: &str| moved_version(Some(&Version::parse(text).unwrap())).to_string();
        assert_eq!(moved("0.3.2"), "0.3.2-isyswasfa");
        assert_eq!(moved("1.0.0-rc.1"), "1.0.0-rc.1.isyswasfa");
        assert_eq!(moved("1.0.0+build.7"), "1.0.0-isyswasfa+build.7");
        assert_eq!(moved_version(None).to_string(), "0.0.0-isyswasfa");
        assert!(is_moved(&moved_version(None)));
        assert!(!is_moved(&Version::new(0, 3, 2)));
    }

    #[test]
    fn halves_keep_their_resource() {
        let names = |start: &str, result: &str| (start.to_owned(), result.to_owned());
        assert_eq!(
            split_name("foo"),
            names("foo-isyswasfa-start", "foo-isyswasfa-result")
        );
        assert_eq!(
            split_name("[method]r.foo"),
            names(
                "[method]r.foo-isyswasfa-start",
                "[static]r.foo-isyswasfa-result"
            )
        );
        assert_eq!(
            split_name("[static]r.foo"),
            names(
                "[static]r.foo-isyswasfa-start",
                "[static]r.foo-isyswasfa-result"
            )
        );
    }
}
