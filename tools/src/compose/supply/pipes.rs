//! Makes the component that implements pipes of another component's resources.

use super::super::part::Part;
use super::lacking::{Lacking, Pipe, pipes_of};
use super::merge;
use crate::lower::{Changes, NewFunction, add_part, change, encode, with_core};
use crate::surface::decode;
use anyhow::{Context, Result};
use isyswasfa_wit::names::{ALIAS, BYTES, NEW, POLL, READER, STATUS_ALIAS, TASKS, WRITER};
use std::collections::BTreeSet;
use std::fmt::Write;
use wasm_encoder::{Function, Instruction, ValType};
use wit_component::{OutputToString, WitPrinter};
use wit_parser::{
    Interface, InterfaceId, PackageName, Resolve, Stability, TypeDef, TypeDefKind, TypeOwner,
};

/// The module, as `cargo xtask embedded` has built it from the folder `lower/pipes`.
const MODULE: &[u8] = include_bytes!("../pipes.wasm");

/// The interface of the pipes, between the two components.
pub(super) const PIPES: &str = "isyswasfa:supplied/pipes@0.1.0";

/// The components that a provider is wrapped in.
pub(super) struct Wrappers {
    /// Implements [`PIPES`], if there are any.
    pub pipes: Option<Vec<u8>>,
    /// Exports the items of the provider's interface and of [`PIPES`].
    pub merged: Vec<u8>,
}

/// The provider's interface without the items that the split has added.
pub(super) fn plain(part: &Part, lacking: &Lacking) -> Result<Wrappers> {
    let (mut resolve, _) = decode(part.artifact())?;
    let own = find(&resolve, &lacking.export).context("its provider has no WIT")?;
    let pipes: Vec<_> = pipes_of(&resolve, own).collect();
    let is_of_the_split = |name: &str| {
        let of_pipe = |pipe: &&str| {
            name.strip_prefix(pipe)
                .is_some_and(|it| it.starts_with('-'))
        };
        name.starts_with(ALIAS) || pipes.iter().any(of_pipe)
    };
    let mut before = resolve.clone();
    let interface = &mut before.interfaces[own];
    interface.types.retain(|name, _| !is_of_the_split(name));
    interface.functions.retain(|name, _| {
        let item = name.rsplit(']').next().unwrap_or(name);
        !is_of_the_split(item)
    });
    let body = body(before, own)?;
    let text = format!(
        "package isyswasfa:supplied@0.1.0;
         interface whole {{ {body} }}
         world merged {{ import {}; export whole; }}",
        lacking.export
    );
    let package = resolve
        .push_source("supplied.wit", &text)
        .map_err(|error| anyhow::anyhow!("{error:#}"))?;
    let own = merge::Items::of(&resolve, own);
    let merged = merge::merge(&resolve, package, "merged", &[(&lacking.export, own)])?;
    Ok(Wrappers {
        pipes: None,
        merged,
    })
}

pub(super) fn make(part: &Part, lacking: &Lacking) -> Result<Wrappers> {
    let (resolve, _) = decode(part.artifact())?;
    let (mut resolve, _) = with_core(resolve)?;
    let own = find(&resolve, &lacking.export).context("its provider has no WIT")?;
    let has_poll = resolve.interfaces[own].functions.contains_key(POLL);
    let text = wit(&mut resolve, own, lacking)?;
    let package = resolve
        .push_source("supplied.wit", &text)
        .map_err(|error| anyhow::anyhow!("{error:#}"))?;
    let implemented = resolve.packages[package].worlds["implemented"];
    let id = resolve.packages[package].interfaces["pipes"];

    let mut changes = Changes {
        trap: &|_, _| false,
        keep: &|_| true,
        imports: Vec::new(),
        functions: Vec::new(),
    };
    for pipe in lacking.pipes.keys() {
        add_part(&mut changes, &resolve, PIPES, id, &format!("{pipe}-"))?;
    }
    if !has_poll {
        changes.functions.push(no_poll());
    }
    let module = change(MODULE, &changes)?;
    let pipes = encode(module, &resolve, implemented).context("failed to make the pipes")?;
    let interfaces = [(&*lacking.export, own), (PIPES, id)];
    let interfaces = interfaces.map(|(name, id)| (name, merge::Items::of(&resolve, id)));
    let merged = merge::merge(&resolve, package, "merged", &interfaces)
        .context("failed to put the pipes and the interface together")?;
    Ok(Wrappers {
        pipes: Some(pipes),
        merged,
    })
}

/// The package of [`PIPES`], and the worlds of both components. `own` is the provider's interface.
fn wit(resolve: &mut Resolve, own: InterfaceId, lacking: &Lacking) -> Result<String> {
    let has_poll = resolve.interfaces[own].functions.contains_key(POLL);
    let mut uses = BTreeSet::new();
    let mut foreign = BTreeSet::new();
    let mut body = String::new();
    let is_here = |name: &str| {
        lacking
            .pipes
            .keys()
            .any(|pipe| name == format!("{pipe}-{READER}"))
    };
    for (name, pipe) in &lacking.pipes {
        let Pipe { types: Some(types) } = pipe else {
            let _ = writeln!(body, "resource %{name}-{READER};");
            continue;
        };
        uses.extend(types.uses.iter().filter(|name| !is_here(name)));
        foreign.extend(types.foreign.iter());
        let item = &types.item;
        let _ = write!(
            body,
            "{}
             resource %{name}-{READER} {{
               read: func(mailbox: u64, token: u32, max: u32) -> result<list<{item}>, {STATUS_ALIAS}>;
               cancel-read: func() -> list<{item}>;
             }}
             resource %{name}-{WRITER} {{
               write: func(mailbox: u64, token: u32, items: list<{item}>) -> result<u32, {STATUS_ALIAS}>;
               written: func(mailbox: u64, token: u32) -> result<u32, {STATUS_ALIAS}>;
               cancel-write: func() -> u32;
               take-back: func() -> list<{item}>;
             }}
             %{name}-{NEW}: func() -> tuple<%{name}-{WRITER}, %{name}-{READER}>;\n",
            types.definitions
        );
    }
    let export = &lacking.export;
    let (mut of_provider, mut of_others) = (String::new(), String::new());
    for name in uses {
        let _ = writeln!(of_provider, "use {export}.{{%{name}}};");
    }
    let core = (
        BYTES.to_owned(),
        "status".to_owned(),
        STATUS_ALIAS.to_owned(),
    );
    let is_new = |name: &String| !resolve.interfaces[own].types.contains_key(name);
    let (foreign, shared): (Vec<_>, Vec<_>) = foreign
        .into_iter()
        .chain([&core])
        .partition(|(_, _, name)| is_new(name));
    for (interface, ty, name) in &foreign {
        let _ = writeln!(of_others, "use {interface}.{{%{ty} as %{name}}};");
    }
    for (interface, ty, name) in shared {
        // The provider also has the type, under the same name.
        let _ = writeln!(of_provider, "use {interface}.{{%{ty} as %{name}}};");
    }
    for (interface, ty, _) in foreign {
        ensure(resolve, interface, ty);
    }
    if !has_poll {
        let _ = writeln!(body, "{POLL}: func() -> u32;");
    }
    let whole = self::body(resolve.clone(), own)?;
    Ok(format!(
        "package isyswasfa:supplied@0.1.0;
         interface pipes {{ {of_provider} {of_others} {body} }}
         interface whole {{ {whole} {of_others} {body} }}
         world implemented {{ import {TASKS}; export pipes; }}
         world merged {{ import {export}; import pipes; export whole; }}"
    ))
}

/// The items of an interface, in a form for any other package.
fn body(mut resolve: Resolve, id: InterfaceId) -> Result<String> {
    // Names of the interface's own package would be written without the package.
    let elsewhere = wit_parser::Package {
        name: PackageName {
            namespace: "isyswasfa".to_owned(),
            name: "elsewhere".to_owned(),
            version: None,
        },
        docs: Default::default(),
        interfaces: Default::default(),
        worlds: Default::default(),
    };
    resolve.interfaces[id].package = Some(resolve.packages.alloc(elsewhere));
    let mut printer = WitPrinter::<OutputToString>::default();
    printer.print_interface(&resolve, id)?;
    Ok(printer.output.into())
}

/// The poll function of an interface that had none. No component is behind the pipes, so there is nothing to poll.
fn no_poll() -> NewFunction {
    NewFunction {
        name: format!("{PIPES}#{POLL}"),
        params: vec![],
        results: vec![ValType::I32],
        body: Box::new(|_| {
            let mut body = Function::new([]);
            body.instruction(&Instruction::I32Const(0));
            body.instruction(&Instruction::End);
            body
        }),
    }
}

/// Makes sure that there is an interface `isyswasfa:pipes/NAME@0.1.0` with the resource `ty`.
fn ensure(resolve: &mut Resolve, interface: &str, ty: &str) {
    if find(resolve, interface).is_some() {
        return;
    }
    let Some((package, rest)) = interface.split_once('/') else {
        return;
    };
    let (Some((namespace, package)), Some((name, version))) =
        (package.split_once(':'), rest.split_once('@'))
    else {
        return;
    };
    let package = PackageName {
        namespace: namespace.to_owned(),
        name: package.to_owned(),
        version: version.parse().ok(),
    };
    let package = match resolve.package_names.get(&package) {
        Some(id) => *id,
        None => {
            let id = resolve.packages.alloc(wit_parser::Package {
                name: package.clone(),
                docs: Default::default(),
                interfaces: Default::default(),
                worlds: Default::default(),
            });
            resolve.package_names.insert(package, id);
            id
        }
    };
    let id = resolve.interfaces.alloc(Interface {
        name: Some(name.to_owned()),
        types: Default::default(),
        functions: Default::default(),
        docs: Default::default(),
        stability: Stability::Unknown,
        package: Some(package),
        span: Default::default(),
        clone_of: None,
    });
    let resource = resolve.types.alloc(TypeDef {
        name: Some(ty.to_owned()),
        kind: TypeDefKind::Resource,
        owner: TypeOwner::Interface(id),
        docs: Default::default(),
        stability: Stability::Unknown,
        span: Default::default(),
        external_id: None,
    });
    resolve.interfaces[id].types.insert(ty.to_owned(), resource);
    resolve.packages[package]
        .interfaces
        .insert(name.to_owned(), id);
}

fn find(resolve: &Resolve, name: &str) -> Option<InterfaceId> {
    let mut interfaces = resolve.interfaces.iter().map(|(id, _)| id);
    interfaces.find(|id| resolve.id_of(*id).as_deref() == Some(name))
}
