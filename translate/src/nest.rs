//! A component that has no code of its own, but components with code in it: each of these is translated by itself, and they are
//! connected as they were.

use crate::component::{self, Component, Func, Instance, Nested};
use crate::error::{Error, Result};
use crate::world::{Direction, Shape, World};
use std::collections::HashMap;
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, NodeId, PackageId};
use wasmparser::ComponentExternalKind;

/// Whether the component is one of that kind.
pub fn is_nest(component: &Component<'_>) -> Result<bool> {
    if !component.modules.is_empty() || !component.core_instances.is_empty() {
        return Ok(false);
    }
    for nested in &component.components {
        if has_code(nested)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn has_code(nested: &Nested<'_>) -> Result<bool> {
    let Nested::Here(bytes) = nested else {
        return Ok(false);
    };
    let component = component::read(bytes)?;
    Ok(!component.modules.is_empty() || is_nest(&component)?)
}

/// A component in it, translated if it is native.
struct Unit {
    package: PackageId,
    /// None: it stays as it is.
    world: Option<World>,
}

impl Unit {
    /// What an import or export has become.
    fn name<'n>(&'n self, name: &'n str) -> &'n str {
        self.world
            .as_ref()
            .map_or(name, |world| world.split.name(name))
    }
}

/// Translates each component in it with `translate`, which answers the world as well, and connects them.
pub fn translate(
    component: &Component<'_>,
    translate: impl Fn(&[u8]) -> Result<(Vec<u8>, Option<World>)>,
) -> Result<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let mut units: HashMap<u32, Unit> = HashMap::new();
    let mut nodes: HashMap<u32, (NodeId, u32)> = HashMap::new();
    for (index, instance) in component.instances.iter().enumerate() {
        let Instance::Instantiate {
            component: nested,
            args,
        } = instance
        else {
            continue;
        };
        if !has_code(&component.components[*nested as usize])? {
            return Err(Error::Unsupported(
                "a component without code connects others: such nesting is not translated"
                    .to_owned(),
            ));
        }
        if !units.contains_key(nested) {
            let Nested::Here(bytes) = component.components[*nested as usize] else {
                return Err(Error::internal("a component that is elsewhere has code"));
            };
            let (bytes, world) = translate(bytes)?;
            let name = format!("isyswasfa:nested-{nested}");
            let package = Package::from_bytes(&name, None, bytes, graph.types_mut())
                .map_err(|error| Error::internal(format!("{error:#}")))?;
            let package = graph.register_package(package).map_err(Error::internal)?;
            units.insert(*nested, Unit { package, world });
        }
        let unit = &units[nested];
        let node = graph.instantiate(unit.package);
        for (argument, kind, source) in args {
            let source = match kind {
                ComponentExternalKind::Instance => source_of(component, *source)?,
                // The types of an imported resource or value: the same, if the import has the same name.
                ComponentExternalKind::Type => continue,
                _ => return Err(other_kind(argument)),
            };
            match source {
                Source::Import(name) if name == *argument => {}
                Source::Import(name) => {
                    return Err(Error::Unsupported(format!(
                        "`{name}` is imported by a nested component under another name, `{argument}`"
                    )));
                }
                Source::Export(provider, name) => {
                    let (provider, nested) = *nodes
                        .get(&provider)
                        .ok_or_else(|| Error::internal("an instance comes before its provider"))?;
                    let name = units[&nested].name(name).to_owned();
                    let alias = graph
                        .alias_instance_export(provider, &name)
                        .map_err(Error::internal)?;
                    graph
                        .set_instantiation_argument(node, unit.name(argument), alias)
                        .map_err(Error::internal)?;
                }
            }
        }
        nodes.insert(index as u32, (node, *nested));
    }
    for export in &component.exports {
        let (instance, name) = match export.kind {
            ComponentExternalKind::Instance => match source_of(component, export.index)? {
                Source::Export(instance, name) => (instance, name),
                Source::Import(name) => return Err(reexported(name)),
            },
            ComponentExternalKind::Func => match &component.funcs[export.index as usize] {
                Func::Alias(instance, name) => (*instance, *name),
                _ => return Err(other_kind(export.name)),
            },
            ComponentExternalKind::Type => continue,
            _ => return Err(other_kind(export.name)),
        };
        if name != export.name {
            return Err(Error::Unsupported(format!(
                "`{name}` of a nested component is exported under another name, `{}`",
                export.name
            )));
        }
        let (node, nested) = *nodes
            .get(&instance)
            .ok_or_else(|| Error::internal("an export comes from nowhere"))?;
        for name in exports(&units[&nested], export.kind, name)? {
            let alias = graph
                .alias_instance_export(node, &name)
                .map_err(Error::internal)?;
            graph.export(alias, name).map_err(Error::internal)?;
        }
    }
    let options = EncodeOptions {
        validate: false,
        ..EncodeOptions::default()
    };
    graph
        .encode(options)
        .map_err(|error| Error::internal(with_causes(&error)))
}

/// An error with its causes.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(&format!(": {error}"));
        source = error.source();
    }
    text
}

/// What an export has become: several, if it is an async function.
fn exports(unit: &Unit, kind: ComponentExternalKind, name: &str) -> Result<Vec<String>> {
    let Some(world) = &unit.world else {
        return Ok(vec![name.to_owned()]);
    };
    if kind == ComponentExternalKind::Instance {
        return Ok(vec![unit.name(name).to_owned()]);
    }
    let functions = world.functions(Direction::Export)?;
    let changed = functions
        .iter()
        .find(|changed| changed.interface.is_none() && changed.original.name == name);
    Ok(match changed.map(|changed| &changed.shape) {
        Some(Shape::Plain(function, _)) => vec![function.name.clone()],
        Some(Shape::Async {
            start,
            result,
            poll,
        }) => [start, result, poll]
            .map(|function| function.name.clone())
            .to_vec(),
        None => vec![name.to_owned()],
    })
}

/// Where an instance comes from.
enum Source<'a> {
    Import(&'a str),
    /// An export of the instance of this index.
    Export(u32, &'a str),
}

fn source_of<'a>(component: &Component<'a>, index: u32) -> Result<Source<'a>> {
    match &component.instances[index as usize] {
        Instance::Import(name) => Ok(Source::Import(name)),
        Instance::Alias(instance, name) => Ok(Source::Export(*instance, name)),
        Instance::Export(index) => source_of(component, *index),
        Instance::Instantiate { .. } | Instance::Exports(_) => Err(Error::Unsupported(
            "a nested component is given an instance that is made on the spot".to_owned(),
        )),
    }
}

fn other_kind(name: &str) -> Error {
    Error::Unsupported(format!(
        "`{name}` of a nested component is neither an instance nor a function: such nesting is not translated"
    ))
}

fn reexported(name: &str) -> Error {
    Error::Unsupported(format!(
        "`{name}` is exported as it was imported: it has no code to translate"
    ))
}
