//! Explains why components do not compose: what could have served an import, and what prevents that.

use super::error::{Error, FittingImports, OpenImports};
use super::fit;
use super::part::Part;
use super::wiring::{Import, Wire, Wiring};
use crate::cause::Cause;
use isyswasfa_wit::names::{CORE, InterfaceName};

/// The composer cannot read a part.
pub(super) fn not_understood(name: &str, error: anyhow::Error) -> Error {
    Error::NotUnderstood {
        name: name.to_owned(),
        reason: error.into(),
    }
}

/// Each wire fits, but not all of them together.
pub(super) fn not_encoded(name: &str, error: anyhow::Error) -> Error {
    Error::NotEncoded {
        name: name.to_owned(),
        reason: error.into(),
    }
}

/// No part before the plug has an open import that `name` means.
pub(super) fn no_such_import(wiring: &Wiring<'_>, plug: usize, name: &str) -> Error {
    let is_named = |import: &Import<'_>| fit::is_named(import.name, name);
    if let Some(taken) = wiring.imports(0..plug).into_iter().find(is_named) {
        return Error::NothingLeft {
            plug: named(wiring, plug),
            import: taken.name.to_owned(),
            importer: named(wiring, taken.part),
            server: served_by(wiring, taken),
        };
    }
    let behind = wiring.imports(plug..wiring.parts.len());
    if let Some(late) = behind.into_iter().find(is_named) {
        return Error::BeforeImporter {
            plug: named(wiring, plug),
            importer: named(wiring, late.part),
            import: late.name.to_owned(),
        };
    }
    Error::NoSuchImport {
        plug: named(wiring, plug),
        import: name.to_owned(),
        open: open_imports(wiring, plug),
    }
}

/// No open import has the name or type of an export of the plug.
pub(super) fn nothing_takes(wiring: &Wiring<'_>, plug: usize) -> Error {
    let part = &wiring.parts[plug];
    let imports = wiring.imports(0..plug);
    let pairs = |fits: fn(&str, &str) -> bool| {
        imports.iter().find_map(|import| {
            let export = part.exports().iter().find(|it| fits(it, import.name))?;
            Some((export, *import))
        })
    };
    if let Some((_, import)) = pairs(fit::is_compatible) {
        return Error::ServedAlready {
            plug: named(wiring, plug),
            import: import.name.to_owned(),
            importer: named(wiring, import.part),
            server: served_by(wiring, import),
        };
    }
    if let Some((export, import)) = pairs(fit::is_same) {
        return Error::OtherVersion {
            plug: named(wiring, plug),
            export: export.clone(),
            importer: named(wiring, import.part),
            import: import.name.to_owned(),
        };
    }
    Error::NothingTakes {
        plug: named(wiring, plug),
        exports: part.exports().to_vec(),
        open: open_imports(wiring, plug),
    }
}

/// A plug fits several labels.
pub(super) fn ambiguous(wiring: &Wiring<'_>, plug: usize, fitting: &[Import<'_>]) -> Error {
    let mut importers: Vec<_> = fitting.iter().map(|import| import.part).collect();
    importers.dedup();
    let imports = importers.iter().map(|part| {
        let names = fitting.iter().filter(|import| import.part == *part);
        let mut names: Vec<_> = names.map(|import| import.name.to_owned()).collect();
        names.dedup();
        (named(wiring, *part), names)
    });
    Error::Ambiguous {
        plug: named(wiring, plug),
        imports: FittingImports(imports.collect()),
    }
}

/// Several exports of a plug have the type of the import that it was named for.
pub(super) fn several_exports(
    wiring: &Wiring<'_>,
    plug: usize,
    import: Import<'_>,
    exports: Vec<String>,
) -> Error {
    Error::SeveralExports {
        plug: named(wiring, plug),
        importer: named(wiring, import.part),
        import: import.name.to_owned(),
        exports,
    }
}

/// No export of a plug has the name or the type of the import that it was named for.
pub(super) fn no_export_fits(
    wiring: &Wiring<'_>,
    plug: usize,
    import: Import<'_>,
    reason: Option<anyhow::Error>,
) -> Error {
    Error::NoExportFits {
        plug: named(wiring, plug),
        importer: named(wiring, import.part),
        import: import.name.to_owned(),
        exports: wiring.parts[plug].exports().to_vec(),
        reason: reason.map(Cause::from),
    }
}

/// An export has the name of an import, but not its type.
pub(super) fn misfit(
    wiring: &Wiring<'_>,
    plug: usize,
    import: Import<'_>,
    reason: anyhow::Error,
) -> Error {
    Error::Misfit {
        plug: named(wiring, plug),
        importer: named(wiring, import.part),
        import: import.name.to_owned(),
        reason: reason.into(),
    }
}

/// An import of a plug could only be served by a component that needs the plug.
pub(super) fn cycle(wiring: &Wiring<'_>, import: Import<'_>, provider: usize) -> Error {
    Error::Cycle {
        importer: named(wiring, import.part),
        import: import.name.to_owned(),
        provider: named(wiring, provider),
    }
}

/// An import of a plug could be served by a component before it, if that came after the plug.
pub(super) fn too_early(wiring: &Wiring<'_>, import: Import<'_>, provider: usize) -> Error {
    Error::TooEarly {
        importer: named(wiring, import.part),
        import: import.name.to_owned(),
        provider: named(wiring, provider),
    }
}

/// A part would be on both sides of a bridge, since others call it directly.
pub(super) fn across_a_bridge(parts: &[Part], wire: &Wire) -> Error {
    Error::AcrossABridge {
        importer: parts[wire.importer].name().to_owned(),
        import: wire.import.clone(),
        plug: parts[wire.plug].name().to_owned(),
    }
}

fn named(wiring: &Wiring<'_>, part: usize) -> String {
    wiring.parts[part].name().to_owned()
}

fn served_by(wiring: &Wiring<'_>, import: Import<'_>) -> String {
    let server = wiring.server_of(import.part, import.name);
    // Each import is either open or served.
    server.map_or_else(String::new, |plug| named(wiring, plug))
}

/// Open imports of the parts before a plug, without those that only the host can serve.
fn open_imports(wiring: &Wiring<'_>, plug: usize) -> OpenImports {
    let open = wiring.open(0..plug);
    let of = |part: usize| {
        let own = open
            .iter()
            .filter(|import| import.part == part && !is_of_core(import.name));
        let names = own.map(|import| import.name.to_owned());
        (named(wiring, part), names.collect())
    };
    OpenImports((0..plug).map(of).collect())
}

/// Whether it is one of the split ABI's own interfaces, but for pipes.
fn is_of_core(import: &str) -> bool {
    InterfaceName::parse(import).is_some_and(|name| name.package == CORE)
}
