//! The names of interfaces, as they stand in components.

use super::{
    CORE, NAMESPACE, PIPES, PIPES_PACKAGE, PIPES_VERSION, Role, is_moved, original_version,
};
use semver::Version;
use std::fmt;

/// An interface's name as it stands in a component: `wasi:http/types@0.3.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceName<'a> {
    /// `wasi:http`
    pub package: &'a str,
    /// `types`
    pub interface: &'a str,
    /// `0.3.0`; `None` if the package has no version.
    pub version: Option<Version>,
}

impl<'a> InterfaceName<'a> {
    /// Takes the name apart; `None` if it is no interface's (`run`, a world-level function).
    pub fn parse(name: &'a str) -> Option<Self> {
        let (path, version) = match name.split_once('@') {
            Some((path, version)) => (path, Some(Version::parse(version).ok()?)),
            None => (name, None),
        };
        let (package, interface) = path.split_once('/')?;
        package.contains(':').then_some(Self {
            package,
            interface,
            version,
        })
    }

    /// Whether the split has moved this interface (`…-isyswasfa`).
    pub fn is_split(&self) -> bool {
        self.version.as_ref().is_some_and(is_moved)
    }

    /// Whether it is an interface of the split ABI itself: of tasks, or of pipes.
    pub fn is_core(&self) -> bool {
        [CORE, PIPES_PACKAGE].contains(&self.package)
    }

    /// Whether it is the interface `path`, in any version: `wasi:http/handler`.
    pub fn is(&self, path: &str) -> bool {
        path.split_once('/') == Some((self.package, self.interface))
    }

    /// The name that the interface had before the split moved it; its own if that has not.
    pub fn original(&self) -> Self {
        Self {
            version: self.version.as_ref().and_then(original_version),
            ..self.clone()
        }
    }
}

impl fmt::Display for InterfaceName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.package, self.interface)?;
        match &self.version {
            Some(version) => write!(f, "@{version}"),
            None => Ok(()),
        }
    }
}

/// Whether a component that imports or exports this (an interface, or a function of the world itself) is one of the split ABI.
///
/// One such name is enough, and none is needed where nothing is async: each interface that is split for what it has uses the
/// interfaces of the split ABI itself.
pub fn is_split(name: &str) -> bool {
    match InterfaceName::parse(name) {
        Some(interface) => interface.is_split() || interface.package.starts_with(NAMESPACE),
        None => matches!(
            Role::of(name),
            Some((Role::Start | Role::Result | Role::Poll, _))
        ),
    }
}

/// The name that an interface had before the split moved it; `None` if that has not.
///
/// `a:b/c@1.0.0-isyswasfa` stands for `a:b/c@1.0.0`, and `a:b/c@0.0.0-isyswasfa` for `a:b/c`.
pub fn original_name(name: &str) -> Option<String> {
    let interface = InterfaceName::parse(name).filter(InterfaceName::is_split)?;
    Some(interface.original().to_string())
}

/// The name of the interface that is nothing but a pipe: `isyswasfa:pipes/stream-u32@0.1.0` for `stream-u32`.
pub fn pipe_interface(pipe: &str) -> String {
    format!("{PIPES}{pipe}@{PIPES_VERSION}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_apart_and_put_together() {
        for name in [
            "wasi:http/types@0.3.0",
            "a:b/c@1.0.0-rc.1.isyswasfa+build.7",
            "a:b/c",
        ] {
            assert_eq!(InterfaceName::parse(name).unwrap().to_string(), name);
        }
        for other in ["run", "a/b", "a:b/c@1", "a:b"] {
            assert_eq!(InterfaceName::parse(other), None, "{other}");
        }
        let handler = InterfaceName::parse("wasi:http/handler@0.3.0").unwrap();
        assert!(handler.is("wasi:http/handler"));
        assert!(!handler.is("wasi:http/types") && !handler.is("handler"));
    }

    #[test]
    fn a_split_name_has_an_original() {
        for (name, original) in [
            ("a:b/c@0.3.2-isyswasfa", "a:b/c@0.3.2"),
            ("a:b/c@1.0.0-rc.1.isyswasfa", "a:b/c@1.0.0-rc.1"),
            ("a:b/c@0.0.0-isyswasfa", "a:b/c"),
            ("a:b/c@1.0.0-isyswasfa+build.7", "a:b/c@1.0.0+build.7"),
            (
                "a:b/c@1.0.0-rc.1.isyswasfa+build.7",
                "a:b/c@1.0.0-rc.1+build.7",
            ),
            ("a:b/c@0.0.0-isyswasfa+build", "a:b/c@0.0.0+build"),
        ] {
            assert_eq!(original_name(name).as_deref(), Some(original));
        }
        for other in ["a:b/c@1.0.0", "a:b/c", "f", "a:b/c@1.0.0-isyswasfa.1"] {
            assert_eq!(original_name(other), None, "{other}");
        }
    }

    #[test]
    fn one_name_tells_that_a_component_is_split() {
        for name in [
            "a:b/c@0.3.2-isyswasfa",
            "a:b/c@1.0.0-rc.1.isyswasfa",
            "isyswasfa:core/tasks@0.1.0",
            "isyswasfa:pipes/stream-u32@0.1.0",
            "f-isyswasfa-start",
            "f-isyswasfa-poll",
        ] {
            assert!(is_split(name), "{name}");
        }
        for name in [
            "a:b/c@0.3.2",
            "a:b/c",
            "f",
            "isyswasfa",
            "a:isyswasfa/c",
            "f-isyswasfa-get",
        ] {
            assert!(!is_split(name), "{name}");
        }
    }

    #[test]
    fn pipes_have_interfaces_of_their_own() {
        let name = pipe_interface("stream-u32");
        assert_eq!(name, "isyswasfa:pipes/stream-u32@0.1.0");
        assert!(InterfaceName::parse(&name).unwrap().is_core());
    }
}
