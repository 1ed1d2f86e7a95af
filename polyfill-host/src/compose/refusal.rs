//! Why components do not compose, one sentence each: which component, which import, what could serve it.

use super::fit;
use super::part::Part;
use super::wiring::{Import, Wire, Wiring};
use crate::bad_input::BadInput;

/// Some parts speak the split ABI, others native WASI 0.3.
pub(super) fn two_abis<'a>(
    split: impl Iterator<Item = &'a Part>,
    native: impl Iterator<Item = &'a Part>,
) -> BadInput {
    let files = |parts: &mut dyn Iterator<Item = &'a Part>| {
        list(parts.map(|part| part.name.as_str()).collect())
    };
    let (split, native) = (files(&mut { split }), files(&mut { native }));
    BadInput::new(format!(
        "components of two ABIs cannot call each other: {split} speaks the split ABI, {native} native WASI 0.3"
    ))
    .help(
        "build all of them for the same one: with `cargo build` and, for native WASI 0.3, `--no-default-features --features native`",
    )
}

/// The composer cannot read a part.
pub(super) fn not_understood(name: &str, error: &anyhow::Error) -> BadInput {
    BadInput::new(format!("`{name}` cannot be composed: {}", causes(error)))
        .help("it may be damaged, or use a feature that the composer does not know")
}

/// Each wire fits, but not all of them together.
pub(super) fn not_encoded(name: &str, error: &anyhow::Error) -> BadInput {
    BadInput::new(format!(
        "`{name}` and what was plugged into it do not make a component: {}",
        causes(error)
    ))
    .help("the components must agree on the types of the interfaces that they share")
}

/// Nothing before the plug has an open import that is meant by `name`.
pub(super) fn no_such_import(wiring: &Wiring<'_>, plug: usize, name: &str) -> BadInput {
    let file = &wiring.parts[plug].name;
    let is_named = |import: &Import<'_>| fit::is_named(import.name, name);
    if let Some(taken) = wiring.imports(0..plug).into_iter().find(is_named) {
        return BadInput::new(format!(
            "nothing is left for `{file}` to serve: the import `{}` of `{}` is served by `{}` already",
            taken.name,
            wiring.parts[taken.part].name,
            served_by(wiring, taken),
        ))
        .help("name another import, or leave one of the plugs out");
    }
    let behind = wiring.imports(plug..wiring.parts.len());
    if let Some(late) = behind.into_iter().find(is_named) {
        let importer = &wiring.parts[late.part].name;
        return BadInput::new(format!(
            "`{file}` comes before `{importer}`, whose import `{}` it was to serve",
            late.name
        ))
        .help("a plug serves what comes before it: give it behind");
    }
    BadInput::new(format!(
        "no component has an import `{name}` for `{file}` to serve: {}",
        open_imports(wiring, plug)
    ))
    .help("`polyfill-host inspect COMPONENT` shows what a component imports")
}

/// No open import has a name or a type that the plug exports.
pub(super) fn nothing_takes(wiring: &Wiring<'_>, plug: usize) -> BadInput {
    let part = &wiring.parts[plug];
    let file = &part.name;
    let imports = wiring.imports(0..plug);
    let pairs = |fits: fn(&str, &str) -> bool| {
        imports.iter().find_map(|import| {
            let export = part.exports().iter().find(|it| fits(it, import.name))?;
            Some((export, *import))
        })
    };
    if let Some((_, import)) = pairs(fit::is_compatible) {
        return BadInput::new(format!(
            "nothing takes `{file}`: the import `{}` of `{}`, which it fits, is served by `{}` already",
            import.name,
            wiring.parts[import.part].name,
            served_by(wiring, import),
        ))
        .help("leave one of the two out, or name other imports: `--plug IMPORT=FILE`");
    }
    if let Some((export, import)) = pairs(fit::is_same) {
        return BadInput::new(format!(
            "nothing takes `{file}`: it exports `{export}`, but `{}` imports `{}`, a version that is not compatible",
            wiring.parts[import.part].name, import.name,
        ))
        .help("build both against the same version of the interface");
    }
    let exports = match part.exports() {
        [] => "nothing".to_owned(),
        exports => list(exports.iter().map(String::as_str).collect()),
    };
    BadInput::new(format!(
        "nothing takes `{file}`: it exports {exports}, and {}",
        open_imports(wiring, plug)
    ))
    .help("leave it out, or give it behind the component that it is for")
}

/// A plug fits several labels.
pub(super) fn ambiguous(wiring: &Wiring<'_>, plug: usize, fitting: &[Import<'_>]) -> BadInput {
    let file = &wiring.parts[plug].name;
    let mut importers: Vec<_> = fitting.iter().map(|import| import.part).collect();
    importers.dedup();
    let imports = importers.iter().map(|part| {
        let names = fitting.iter().filter(|import| import.part == *part);
        let mut names: Vec<_> = names.map(|import| import.name).collect();
        names.dedup();
        format!("{} of `{}`", list(names), wiring.parts[*part].name)
    });
    let imports = imports.collect::<Vec<_>>().join(", ");
    BadInput::new(format!("`{file}` fits more than one import: {imports}")).help(format!(
        "say which: `--plug {}={file}`, with commas between several",
        fitting[0].name
    ))
}

/// Several exports of a plug have the type of the import that it was named for.
pub(super) fn several_exports(
    wiring: &Wiring<'_>,
    plug: usize,
    import: Import<'_>,
    exports: Vec<&str>,
) -> BadInput {
    BadInput::new(format!(
        "more than one export of `{}` fits the import `{}` of `{}`: {}",
        wiring.parts[plug].name,
        import.name,
        wiring.parts[import.part].name,
        list(exports),
    ))
    .help("say which in a `.wac` file")
}

/// No export of a plug has the name or the type of the import that it was named for.
pub(super) fn no_export_fits(
    wiring: &Wiring<'_>,
    plug: usize,
    import: Import<'_>,
    reason: Option<&anyhow::Error>,
) -> BadInput {
    let part = &wiring.parts[plug];
    let found = match (part.exports(), reason) {
        ([], _) => "it exports nothing".to_owned(),
        ([only], Some(reason)) => format!("its export is `{only}`: {}", causes(reason)),
        (exports, _) => format!(
            "its exports are {}",
            list(exports.iter().map(String::as_str).collect())
        ),
    };
    BadInput::new(format!(
        "no export of `{}` fits the import `{}` of `{}`: {found}",
        part.name, import.name, wiring.parts[import.part].name
    ))
    .help("`polyfill-host inspect COMPONENT` shows the functions of both")
}

/// An export has the name of an import, but not its type.
pub(super) fn misfit(
    wiring: &Wiring<'_>,
    plug: usize,
    import: Import<'_>,
    reason: &anyhow::Error,
) -> BadInput {
    BadInput::new(format!(
        "`{}` exports `{}` in another shape than `{}` imports it: {}",
        wiring.parts[plug].name,
        import.name,
        wiring.parts[import.part].name,
        causes(reason)
    ))
    .help("build both against the same WIT")
}

/// An import of a plug that only a component which needs the plug could serve.
pub(super) fn cycle(wiring: &Wiring<'_>, import: Import<'_>, provider: usize) -> BadInput {
    let importer = &wiring.parts[import.part].name;
    let provider = &wiring.parts[provider].name;
    BadInput::new(format!(
        "`{importer}` imports `{}`, which only `{provider}` exports, and that needs `{importer}`: a cycle",
        import.name
    ))
    .help(
        "components call one another in one direction only: split one of the two; \
         if the import is meant to stay open, write a `.wac` file",
    )
}

/// An import of a plug that a component before it could serve, if it stood behind the plug.
pub(super) fn too_early(wiring: &Wiring<'_>, import: Import<'_>, provider: usize) -> BadInput {
    let importer = &wiring.parts[import.part].name;
    let provider = &wiring.parts[provider].name;
    BadInput::new(format!(
        "`{provider}` stands before `{importer}`, whose import `{}` it could serve",
        import.name
    ))
    .help(format!(
        "plugs serve only components before them: pass `{provider}` after `{importer}`; \
         if the import is meant to stay open, write a `.wac` file"
    ))
}

/// A part that others call directly, and that is at a bridge to one of them, or would have to be on both sides of one.
pub(super) fn across_a_bridge(parts: &[Part], wire: &Wire) -> BadInput {
    let plug = &parts[wire.plug].name;
    let importer = &parts[wire.importer].name;
    BadInput::new(format!(
        "the import `{}` of `{importer}` and `{plug}` must be bridged, since one is async and the other is not, but other \
         connections put both into one store",
        wire.import
    ))
    .help("give the component that both sides need twice, each time behind the one that it is for")
}

fn served_by<'a>(wiring: &Wiring<'a>, import: Import<'_>) -> &'a str {
    let server = wiring.server_of(import.part, import.name);
    // A part has no import that is neither open nor served.
    server.map_or("", |plug| &wiring.parts[plug].name)
}

/// What the parts before a plug import that nothing serves; what only the host can have is left out.
fn open_imports(wiring: &Wiring<'_>, plug: usize) -> String {
    let open = wiring.open(0..plug);
    let of = |part: usize| {
        let own = open
            .iter()
            .filter(|import| import.part == part && !import.name.starts_with("isyswasfa:core/"));
        let names: Vec<_> = own.map(|import| import.name).collect();
        let file = &wiring.parts[part].name;
        match names.is_empty() {
            true => format!("`{file}` has no open import"),
            false => format!("`{file}` imports {}", list(names)),
        }
    };
    (0..plug).map(of).collect::<Vec<_>>().join("; ")
}

fn list(names: Vec<&str>) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn causes(error: &anyhow::Error) -> String {
    let causes: Vec<_> = error.chain().map(ToString::to_string).collect();
    causes.join(": ")
}
