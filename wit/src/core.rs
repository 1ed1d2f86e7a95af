//! The split ABI's own WIT, and how it gets into a `Resolve`.

use crate::names::{CORE_PACKAGE, TASKS};
use crate::refused::{Reason, Refused};
use wit_parser::{InterfaceId, PackageName, Resolve, TypeDefKind, TypeId, UnresolvedPackageGroup};

/// The WIT of `isyswasfa:core`. It needs [`IO_WIT`] beside it.
pub const CORE_WIT: &str = include_str!("../core/core.wit");

/// The WIT of `wasi:io/poll@0.2.0`, which [`CORE_WIT`] takes handles of.
pub const IO_WIT: &str = include_str!("../wasi/0.2.0/deps/io/poll.wit");

/// The items of `isyswasfa:core` that a split uses, in the resolve of the split.
#[derive(Clone, Copy)]
pub(crate) struct Core {
    pub tasks: InterfaceId,
    pub pending: TypeId,
    pub ready: TypeId,
    pub bytes: InterfaceId,
    pub reader: TypeId,
    pub writer: TypeId,
    pub status: TypeId,
}

impl Core {
    /// Finds `isyswasfa:core` in `resolve`, or puts it there.
    pub fn install(resolve: &mut Resolve) -> Result<Core, Refused> {
        let named = |resolve: &Resolve, name: &str| {
            let mut packages = resolve.package_names.iter();
            packages
                .find(|(package, _)| package.to_string() == name)
                .map(|(_, id)| *id)
        };
        let foreign = |package: &str, detail: String| Refused {
            item: TASKS.to_owned(),
            reason: Reason::ForeignCore {
                package: package.to_owned(),
                detail,
            },
        };
        let package = match named(resolve, CORE_PACKAGE) {
            Some(package) => package,
            None => {
                let io = PackageName {
                    namespace: "wasi".to_owned(),
                    name: "io".to_owned(),
                    version: Some(semver::Version::new(0, 2, 0)),
                };
                let deps = if resolve.package_names.contains_key(&io) {
                    Vec::new()
                } else {
                    vec![parse("io.wit", IO_WIT)]
                };
                let pushed = resolve.push_groups(parse("core.wit", CORE_WIT), deps);
                pushed.map_err(|error| foreign(&io.to_string(), error.to_string()))?
            }
        };
        let interface = |name: &str| {
            let found = resolve.packages[package].interfaces.get(name).copied();
            found.ok_or_else(|| foreign(CORE_PACKAGE, format!("it has no interface `{name}`")))
        };
        let ty = |interface: InterfaceId, name: &str| {
            let found = resolve.interfaces[interface].types.get(name).copied();
            found.ok_or_else(|| foreign(CORE_PACKAGE, format!("it has no type `{name}`")))
        };
        let resource = |interface: InterfaceId, name: &str| {
            let id = ty(interface, name)?;
            match resolve.types[id].kind {
                TypeDefKind::Resource => Ok(id),
                _ => Err(foreign(
                    CORE_PACKAGE,
                    format!("its `{name}` is no resource"),
                )),
            }
        };
        let (tasks, bytes) = (interface("tasks")?, interface("bytes")?);
        Ok(Core {
            tasks,
            pending: resource(tasks, "pending")?,
            ready: ty(tasks, "ready")?,
            bytes,
            reader: resource(bytes, "reader")?,
            writer: resource(bytes, "writer")?,
            status: ty(bytes, "status")?,
        })
    }
}

/// Parses WIT that this crate embeds.
fn parse(name: &str, text: &str) -> UnresolvedPackageGroup {
    match UnresolvedPackageGroup::parse(name, text) {
        Ok(group) => group,
        Err((_, error)) => panic!("`{name}` of this crate is not valid WIT: {error}"),
    }
}
