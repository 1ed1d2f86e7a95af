//! The printer of a split as WIT: the world and everything that it reaches.

use crate::place::Places;
use crate::split::Split;
use std::collections::HashSet;
use wit_component::{OutputToString, WitPrinter};
use wit_parser::{PackageId, Resolve};

/// The split world and all interfaces that it reaches, as one text: the world's package, then the others in
/// `package … { … }` form.
pub fn print(split: &Split) -> String {
    let (resolve, main, others) = pruned(split);
    let mut printer = WitPrinter::<OutputToString>::default();
    printer
        .print(&resolve, main, &others)
        .expect("a split has names for everything that needs one");
    printer.output.into()
}

/// The same as files of a WIT folder, as paths and texts. The world's package is at the top, the others are in `deps`.
pub fn files(split: &Split) -> Vec<(String, String)> {
    let (resolve, main, others) = pruned(split);
    let text = |package| {
        let mut printer = WitPrinter::<OutputToString>::default();
        printer
            .print(&resolve, package, &[])
            .expect("a split has names for everything that needs one");
        String::from(printer.output)
    };
    let world = &resolve.worlds[split.world].name;
    let mut files = vec![(format!("{world}.wit"), text(main))];
    for package in others {
        let name = &resolve.packages[package].name;
        let version = name
            .version
            .as_ref()
            .map(|version| format!("-{version}"))
            .unwrap_or_default();
        files.push((
            format!("deps/{}-{}{version}.wit", name.namespace, name.name),
            text(package),
        ));
    }
    files
}

/// The resolve with only what the split world reaches listed in its packages; the world's package; the others.
fn pruned(split: &Split) -> (Resolve, PackageId, Vec<PackageId>) {
    let mut resolve = split.resolve.clone();
    let reached: HashSet<_> = Places::of(&resolve, split.world)
        .interfaces
        .into_iter()
        .collect();
    for (_, package) in resolve.packages.iter_mut() {
        package.interfaces.retain(|_, id| reached.contains(id));
        package.worlds.retain(|_, id| *id == split.world);
    }
    let main = resolve.worlds[split.world]
        .package
        .expect("a parsed world is in a package");
    let mut others: Vec<_> = resolve.packages.iter().map(|(id, _)| id).collect();
    others.retain(|id| *id != main && !resolve.packages[*id].interfaces.is_empty());
    others.sort_by(|a, b| resolve.packages[*a].name.cmp(&resolve.packages[*b].name));
    (resolve, main, others)
}
