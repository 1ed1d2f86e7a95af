//! Reads from the wasm stack which components are entered, and through which functions.

use isyswasfa_wit::names::Role;
use wasmtime::WasmBacktrace;

/// A component that was entered and has not returned yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name of its code.
    pub module: Box<str>,
    pub how: How,
    /// The exported function, or the best name for it.
    pub function: Box<str>,
}

/// The kind of function through which a component was entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// `foo-isyswasfa-start`
    Start,
    /// `foo-isyswasfa-result`
    Result,
    /// `isyswasfa-poll`
    Poll,
    /// Any other.
    Call,
}

impl How {
    pub fn name(self) -> &'static str {
        match self {
            How::Start => "start",
            How::Result => "result",
            How::Poll => "poll",
            How::Call => "call",
        }
    }
}

/// The components on the stack, the outermost first. No component is entered twice, so there is one entry for each.
pub fn entries(stack: &WasmBacktrace) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for frame in stack.frames().iter().rev() {
        // Code that the engine puts between components has no name, and code that tools put into them is not theirs.
        let module = frame.module().name();
        let Some(module) = module.filter(|name| !name.starts_with("wit-component:")) else {
            continue;
        };
        let function = frame.func_name().unwrap_or_default();
        let exported = exported(function);
        let entry = match (exported, entries.last()) {
            (None, Some(last)) if *last.module == *module => continue,
            (None, _) => (How::Call, after_hash(function)),
            (Some(exported), _) => exported,
        };
        entries.push(Entry {
            module: module.into(),
            how: entry.0,
            function: entry.1.into(),
        });
    }
    entries
}

/// The function behind an export of the split ABI, and which half the export is.
fn exported(export: &str) -> Option<(How, &str)> {
    match Role::of(after_hash(export))? {
        (Role::Start, function) => Some((How::Start, function)),
        (Role::Result, function) => Some((How::Result, function)),
        (Role::Poll, _) => Some((How::Poll, "")),
        (Role::Get | Role::Set, _) => None,
    }
}

/// A function of an interface is exported as `INTERFACE#FUNCTION`.
fn after_hash(export: &str) -> &str {
    export.rsplit_once('#').map_or(export, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_are_told_apart() {
        let of = "wasi:http/handler@0.3.2-isyswasfa#";
        for (name, how, function) in [
            ("handle-isyswasfa-start", How::Start, "handle"),
            ("handle-isyswasfa-result", How::Result, "handle"),
            (
                "[static]r.get-isyswasfa-result",
                How::Result,
                "[static]r.get",
            ),
            ("isyswasfa-poll", How::Poll, ""),
        ] {
            assert_eq!(exported(&format!("{of}{name}")), Some((how, function)));
            assert_eq!(exported(name), Some((how, function)));
        }
        assert_eq!(exported("foo-isyswasfa-poll"), Some((How::Poll, "")));
        assert_eq!(exported("cabi_realloc"), None);
    }
}
