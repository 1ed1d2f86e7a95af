//! Looks up the exports of an instance.

use wasmtime::component::{ComponentExportIndex, Func, Instance};
use wasmtime::{AsContextMut, Result, format_err};

/// The function `name` of an interface that a component exports, or of the world itself.
///
/// # Errors
///
/// If the component exports no such interface, or the function isn't there.
pub(crate) fn index(
    mut store: impl AsContextMut,
    instance: &Instance,
    interface: Option<&str>,
    name: &str,
) -> Result<ComponentExportIndex> {
    let parent = match interface {
        Some(interface) => {
            let found = instance.get_export_index(&mut store, None, interface);
            Some(found.ok_or_else(|| format_err!("the component does not export `{interface}`"))?)
        }
        None => None,
    };
    instance
        .get_export_index(&mut store, parent.as_ref(), name)
        .ok_or_else(|| format_err!("the component does not export the function `{name}`"))
}

/// The function `name` of an interface that a component exports, or of the world itself, whatever its types are.
///
/// # Errors
///
/// If it isn't there.
pub(crate) fn func(
    mut store: impl AsContextMut,
    instance: &Instance,
    interface: Option<&str>,
    name: &str,
) -> Result<Func> {
    let index = self::index(&mut store, instance, interface, name)?;
    let func = instance.get_func(&mut store, index);
    func.ok_or_else(|| format_err!("`{name}`, which the component exports, is not a function"))
}
