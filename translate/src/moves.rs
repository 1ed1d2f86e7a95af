//! The interfaces that are split in each component of a composition, since one of its components sees something async in them.

use crate::error::Result;
use crate::world::World;
use crate::{check_nesting, component, is_native, nest, validate, wasi};
use isyswasfa_wit::names::InterfaceName;
use semver::Version;
use wasmparser::WasmFeatures;

/// Interfaces that are split also where a component uses only what is synchronous in them. A version stands for all that are
/// compatible with it; WASI's interfaces are always known.
#[derive(Clone, Debug, Default)]
pub struct Moves {
    names: Vec<String>,
}

impl Moves {
    /// Adds the interface `name`, as it is called before the split.
    pub fn add(&mut self, name: impl Into<String>) {
        self.names.push(name.into());
    }

    /// Adds those that the native component in `bytes` needs split.
    ///
    /// # Errors
    /// If the component cannot be translated.
    pub fn add_of(&mut self, bytes: &[u8]) -> Result<()> {
        check_nesting(bytes)?;
        self.add_level(bytes)
    }

    fn add_level(&mut self, bytes: &[u8]) -> Result<()> {
        let component = component::read(bytes)?;
        if !nest::is_nest(&component)? {
            let types = validate(bytes, WasmFeatures::all())?;
            let world = World::read(bytes, types.as_ref(), &component, &Moves::default())?;
            let moved = world.split.interfaces.keys();
            let names = moved.filter_map(|id| world.original.id_of(*id));
            self.names.extend(names);
            return Ok(());
        }
        for nested in component.nested() {
            if is_native(nested) {
                self.add_level(nested)?;
            }
        }
        Ok(())
    }

    /// Whether the interface `name` is one of them.
    pub fn has(&self, name: &str) -> bool {
        wasi::moves(name) || self.added(name)
    }

    /// Whether it is one that was added.
    pub(crate) fn added(&self, name: &str) -> bool {
        self.names.iter().any(|moved| compatible(moved, name))
    }

    /// Whether the component in `bytes` imports or exports one of them.
    pub(crate) fn concern(&self, bytes: &[u8]) -> Result<bool> {
        let component = component::read(bytes)?;
        Ok(component.names().any(|name| self.has(name)))
    }
}

/// Whether both names are of one interface, in compatible versions.
pub fn compatible(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let (Some(one), Some(other)) = (InterfaceName::parse(one), InterfaceName::parse(other)) else {
        return false;
    };
    let track = |version: &Version| match (version.major, version.minor) {
        (0, 0) => (0, 0, version.patch),
        (0, minor) => (0, minor, 0),
        (major, _) => (major, 0, 0),
    };
    let same_path = one.package == other.package && one.interface == other.interface;
    match (&one.version, &other.version) {
        (Some(one), Some(other)) => same_path && one.pre == other.pre && track(one) == track(other),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_stands_for_those_compatible_with_it() {
        let mut moves = Moves::default();
        moves.add("a:b/c@1.2.0");
        moves.add("a:b/d");
        moves.add("a:b/e@0.0.1");
        for (name, moved) in [
            ("a:b/c@1.2.0", true),
            ("a:b/c@1.9.3", true),
            ("a:b/c@2.0.0", false),
            ("a:b/c", false),
            ("a:b/d", true),
            ("a:b/e@0.0.2", false),
            ("wasi:http/types@0.3.1", true),
            ("wasi:random/random@0.3.0", false),
        ] {
            assert_eq!(moves.has(name), moved, "{name}");
        }
    }
}
