//! Finds the function of a call among a component's exports.

use crate::abi::InterfaceName;
use crate::run::error::InvokeError;
use isyswasfa_wit::names::Role;
use wasmtime::AsContextMut;
use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{Component, ComponentExportIndex, Func, Instance, Type};

/// The function in a call.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wanted<'a> {
    /// `None`: any interface, or the world itself.
    interface: Option<&'a str>,
    function: &'a str,
}

/// The form in which a function is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    AsIs,
    /// An async function, exported as two halves.
    SplitAsync,
}

/// A function that was found.
pub(super) struct Found {
    /// Its name, with its interface.
    pub(super) name: String,
    /// The name of the exported interface.
    pub(super) interface: Option<String>,
    /// The function's name before the split.
    pub(super) function: String,
    pub(super) kind: Kind,
    pub(super) params: Vec<(String, Type)>,
    pub(super) result: Option<Type>,
    index: ComponentExportIndex,
}

impl<'a> Wanted<'a> {
    /// Takes `INTERFACE.FUNCTION(ARGUMENTS)` apart: into the function to find, and `FUNCTION(ARGUMENTS)`.
    pub(super) fn parse(call: &'a str) -> Result<(Self, &'a str), InvokeError> {
        let path = call.split('(').next().unwrap_or(call);
        // A version has dots as well, but comes before the last one: `a:b/c@1.0.0.f`.
        let start = path.rfind('.').map_or(0, |dot| dot + 1);
        let wanted = Self {
            interface: (start > 0).then(|| &path[..start - 1]),
            function: path[start..].trim(),
        };
        match wanted.function {
            "" => Err(super::malformed(call, "it names no function")),
            _ => Ok((wanted, &call[start..])),
        }
    }

    fn is_in(&self, interface: Option<&str>) -> bool {
        match (self.interface, interface) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(wanted), Some(interface)) => {
                let Some(name) = InterfaceName::parse(interface) else {
                    return wanted == interface;
                };
                let full = format!("{}/{}", name.package, name.interface);
                // WIT has the version before the split.
                let original = name.original().to_string();
                [interface, name.interface, &full, &original].contains(&wanted)
            }
        }
    }
}

impl Found {
    /// # Errors
    /// If there is no such function, or there are several.
    pub(super) fn find(component: &Component, wanted: &Wanted<'_>) -> Result<Self, InvokeError> {
        let mut all = exports(component);
        let names = all.iter().map(|found| found.name.clone()).collect();
        all.retain(|found| {
            found.function == wanted.function && wanted.is_in(found.interface.as_deref())
        });
        let asked = match wanted.interface {
            Some(interface) => format!("{interface}.{}", wanted.function),
            None => wanted.function.to_owned(),
        };
        match all.len() {
            1 => Ok(all.remove(0)),
            0 => Err(InvokeError::NoFunction {
                asked,
                exports: names,
            }),
            _ => Err(InvokeError::SeveralFunctions {
                asked,
                found: all.into_iter().map(|found| found.name).collect(),
            }),
        }
    }

    /// The function of an instance.
    pub(super) fn func(
        &self,
        mut store: impl AsContextMut,
        instance: &Instance,
    ) -> wasmtime::Result<Func> {
        instance
            .get_func(&mut store, self.index)
            .ok_or_else(|| wasmtime::format_err!("`{}` is gone", self.name))
    }
}

/// All exported functions, of the world itself or of an interface, but those that the split has added.
fn exports(component: &Component) -> Vec<Found> {
    let engine = component.engine();
    let mut all = Vec::new();
    for (name, export) in component.component_type().exports(engine) {
        match export.ty {
            ComponentItem::ComponentFunc(func) => all.extend(one(component, None, name, &func)),
            ComponentItem::ComponentInstance(instance) => {
                for (function, export) in instance.exports(engine) {
                    if let ComponentItem::ComponentFunc(func) = export.ty {
                        all.extend(one(component, Some(name), function, &func));
                    }
                }
            }
            _ => {}
        }
    }
    all
}

fn one(
    component: &Component,
    interface: Option<&str>,
    export: &str,
    func: &ComponentFunc,
) -> Option<Found> {
    if export.starts_with('[') {
        // A function of a resource: there is no resource to call it on.
        return None;
    }
    let parent = match interface {
        Some(name) => Some(component.get_export_index(None, name)?),
        None => None,
    };
    let index = component.get_export_index(parent.as_ref(), export)?;
    let mut result = func.results().next();
    let (function, kind) = match Role::of(export) {
        Some((Role::Start, function)) => {
            // `result<T, pending>`
            result = match result {
                Some(Type::Result(halves)) => halves.ok(),
                _ => return None,
            };
            (function, Kind::SplitAsync)
        }
        Some((Role::Result | Role::Poll, _)) => return None,
        Some((Role::Get | Role::Set, _)) | None => (export, Kind::AsIs),
    };
    Some(Found {
        name: match interface {
            Some(interface) => format!("{interface}.{function}"),
            None => function.to_owned(),
        },
        interface: interface.map(str::to_owned),
        function: function.to_owned(),
        kind,
        params: func
            .params()
            .map(|(name, ty)| (name.to_owned(), ty))
            .collect(),
        result,
        index,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_names_interface_and_function() {
        let parse = |call| {
            Wanted::parse(call).map(|(wanted, rest)| (wanted.interface, wanted.function, rest))
        };
        assert_eq!(parse("run()"), Ok((None, "run", "run()")));
        assert_eq!(
            parse("line.pass(\"a.b(c)\")"),
            Ok((Some("line"), "pass", "pass(\"a.b(c)\")"))
        );
        assert_eq!(
            parse("a:b/c@1.0.0.f(1.5)"),
            Ok((Some("a:b/c@1.0.0"), "f", "f(1.5)"))
        );
        assert!(parse("(1)").is_err());
    }

    #[test]
    fn interfaces_go_by_several_names() {
        let name = "cases:round-trip/line@0.1.0-isyswasfa";
        for short in [
            "line",
            "cases:round-trip/line",
            "cases:round-trip/line@0.1.0",
            name,
        ] {
            let wanted = Wanted {
                interface: Some(short),
                function: "pass",
            };
            assert!(wanted.is_in(Some(name)), "{short}");
            assert!(!wanted.is_in(Some("cases:other/thing@0.1.0")), "{short}");
            assert!(!wanted.is_in(None), "{short}");
        }
        for (name, written) in [
            ("a:b/c@1.0.0-rc.1.isyswasfa", "a:b/c@1.0.0-rc.1"),
            ("a:b/c@1.0.0-isyswasfa+build", "a:b/c@1.0.0+build"),
            ("a:b/c@0.0.0-isyswasfa", "a:b/c"),
        ] {
            let wanted = Wanted {
                interface: Some(written),
                function: "pass",
            };
            assert!(wanted.is_in(Some(name)), "{name}");
        }
    }
}
