//! Makes a component that imports several interfaces, and exports one interface with the items of all.
//!
//! It has no code. WIT cannot express it, so it is made of sections. Their contents come from the type of a world, encoded by
//! `wit-component`: the world imports the interfaces, and exports one with the items of all.
//!
//! (1) The imports of the world are imported.
//! (2) Each function and resource of these imports gets an alias.
//! (3) Each item of the exported interface is exported: a resource as an alias of the imported one, a function with its type in
//!     terms of earlier exports. (Without that type, a resource would not have the name that its methods have.)

use anyhow::{Context, Result, bail};
use std::collections::HashMap;
use wasm_encoder::reencode::{Reencode, ReencodeComponent, RoundtripReencoder};
use wasm_encoder::{
    Alias, Component, ComponentAliasSection, ComponentExportKind, ComponentExportSection,
    ComponentExternName, ComponentImportSection, ComponentTypeSection, InstanceType,
};
use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentType, ComponentTypeDeclaration,
    ComponentTypeRef, ComponentTypeSectionReader, InstanceTypeDeclaration, Parser, Payload,
    TypeBounds,
};
use wit_parser::{InterfaceId, PackageId, Resolve};

/// The names of the items of an interface.
pub(super) struct Items {
    resources: Vec<String>,
    functions: Vec<String>,
}

impl Items {
    pub(super) fn of(resolve: &Resolve, id: InterfaceId) -> Items {
        let interface = &resolve.interfaces[id];
        let types = interface.types.iter();
        let is_resource = |id| {
            let origin = isyswasfa_wit::origin(resolve, id);
            matches!(
                resolve.types[origin].kind,
                wit_parser::TypeDefKind::Resource
            )
        };
        Items {
            resources: types
                .filter(|(_, id)| is_resource(**id))
                .map(|(name, _)| name.clone())
                .collect(),
            functions: interface.functions.keys().cloned().collect(),
        }
    }
}

/// The component for the world `world` of `package`, which imports these interfaces and exports one with all their items. If
/// two items have one name, the first counts.
pub(super) fn merge(
    resolve: &Resolve,
    package: PackageId,
    world: &str,
    interfaces: &[(&str, Items)],
) -> Result<Vec<u8>> {
    let encoded = wit_component::encode(resolve, package, false)?;
    let mut merger = Merger::default();
    // (1)
    let declarations = declarations(&encoded, world)?;
    let exported = declarations
        .iter()
        .find_map(|declaration| match declaration {
            ComponentTypeDeclaration::Export {
                ty: ComponentTypeRef::Instance(index),
                ..
            } => Some(*index),
            _ => None,
        });
    let mut whole = None;
    for declaration in declarations {
        match declaration {
            ComponentTypeDeclaration::Export { .. } => {}
            ComponentTypeDeclaration::Type(ComponentType::Instance(items))
                if Some(merger.types) == exported =>
            {
                // Later items keep their indices.
                let mut section = ComponentTypeSection::new();
                section.instance(&InstanceType::new());
                merger.component.section(&section);
                merger.types += 1;
                whole = Some(items);
            }
            declaration => merger.declare(declaration)?,
        }
    }
    let whole = whole.context("the world exports no interface")?;

    // (2)
    let mut imported = HashMap::new();
    for (interface, items) in interfaces {
        let instance = merger.instances.iter().position(|name| name == interface);
        let instance = instance.with_context(|| format!("`{interface}` is not imported"))? as u32;
        let resources = items
            .resources
            .iter()
            .map(|name| (name, ComponentExportKind::Type));
        let functions = items
            .functions
            .iter()
            .map(|name| (name, ComponentExportKind::Func));
        for (name, kind) in resources.chain(functions) {
            if !imported.contains_key(name.as_str()) {
                imported.insert(name.as_str(), merger.alias(instance, kind, name));
            }
        }
    }

    // (3)
    let mut exporter = Exporter {
        merger,
        imported,
        here: Vec::new(),
    };
    for declaration in whole.into_vec() {
        exporter.declare(declaration)?;
    }
    Ok(exporter.merger.component.finish())
}

/// A component under construction, with the number of items of each kind.
#[derive(Default)]
struct Merger {
    component: Component,
    types: u32,
    functions: u32,
    /// The instances that are imported.
    instances: Vec<String>,
}

impl Merger {
    /// Adds to the component what the type declares.
    fn declare(&mut self, declaration: ComponentTypeDeclaration<'_>) -> Result<()> {
        match declaration {
            ComponentTypeDeclaration::Type(ty) => self.define(&mut RoundtripReencoder, ty),
            ComponentTypeDeclaration::Alias(alias) => {
                match &alias {
                    ComponentAlias::InstanceExport {
                        kind: ComponentExternalKind::Type,
                        ..
                    } => self.types += 1,
                    _ => bail!("a world has an alias of something that is no type"),
                }
                let mut section = ComponentAliasSection::new();
                section.alias(RoundtripReencoder.component_alias(alias).map_err(failed)?);
                self.component.section(&section);
                Ok(())
            }
            ComponentTypeDeclaration::Import(import) => {
                match import.ty {
                    ComponentTypeRef::Instance(_) => {
                        self.instances.push(import.name.name.to_owned());
                    }
                    ComponentTypeRef::Type(_) => self.types += 1,
                    _ => bail!("a world imports something that is no interface"),
                }
                let ty = RoundtripReencoder
                    .component_type_ref(import.ty)
                    .map_err(failed)?;
                let mut section = ComponentImportSection::new();
                section.import(ComponentExternName::from(import.name), ty);
                self.component.section(&section);
                Ok(())
            }
            ComponentTypeDeclaration::Export { .. } | ComponentTypeDeclaration::CoreType(_) => {
                bail!("a world has something that is neither a type nor an interface")
            }
        }
    }

    fn define<R>(&mut self, reencoder: &mut R, ty: ComponentType<'_>) -> Result<()>
    where
        R: ReencodeComponent + Reencode<Error = std::convert::Infallible>,
    {
        let mut section = ComponentTypeSection::new();
        reencoder
            .parse_component_type(section.ty(), ty)
            .map_err(failed)?;
        self.component.section(&section);
        self.types += 1;
        Ok(())
    }

    /// Adds an alias for an export of an instance. Returns its index.
    fn alias(&mut self, instance: u32, kind: ComponentExportKind, name: &str) -> u32 {
        let mut section = ComponentAliasSection::new();
        section.alias(Alias::InstanceExport {
            instance,
            kind,
            name,
        });
        self.component.section(&section);
        self.next(kind)
    }

    fn next(&mut self, kind: ComponentExportKind) -> u32 {
        let count = match kind {
            ComponentExportKind::Type => &mut self.types,
            _ => &mut self.functions,
        };
        *count += 1;
        *count - 1
    }

    fn export(
        &mut self,
        name: &str,
        kind: ComponentExportKind,
        index: u32,
        ty: Option<wasm_encoder::ComponentTypeRef>,
    ) -> u32 {
        let mut section = ComponentExportSection::new();
        section.export(name, kind, index, ty);
        self.component.section(&section);
        self.next(kind)
    }
}

/// Exports what an instance type declares.
struct Exporter<'a> {
    merger: Merger,
    /// The items that are imported, by their names.
    imported: HashMap<&'a str, u32>,
    /// The component's indices of the types of the instance type, by their indices there.
    here: Vec<u32>,
}

impl Exporter<'_> {
    fn declare(&mut self, declaration: InstanceTypeDeclaration<'_>) -> Result<()> {
        match declaration {
            InstanceTypeDeclaration::Type(ty) => {
                self.merger.define(&mut Moved(&self.here), ty)?;
                self.here.push(self.merger.types - 1);
            }
            // Types outside of the instance type have the same indices in the component.
            InstanceTypeDeclaration::Alias(ComponentAlias::Outer {
                count: 1, index, ..
            }) => {
                self.here.push(index);
            }
            InstanceTypeDeclaration::Export { name, ty } => {
                let name = name.name;
                let imported = self.imported.get(name).copied();
                let imported = imported.with_context(|| format!("`{name}` is imported of none"));
                match ty {
                    ComponentTypeRef::Type(bounds) => {
                        let of = match bounds {
                            TypeBounds::Eq(index) => self.here(index)?,
                            TypeBounds::SubResource => imported?,
                        };
                        let exported =
                            self.merger
                                .export(name, ComponentExportKind::Type, of, None);
                        self.here.push(exported);
                    }
                    ComponentTypeRef::Func(index) => {
                        let ty = wasm_encoder::ComponentTypeRef::Func(self.here(index)?);
                        self.merger
                            .export(name, ComponentExportKind::Func, imported?, Some(ty));
                    }
                    _ => bail!("`{name}` is neither a type nor a function"),
                }
            }
            _ => bail!("an interface has something that WIT has no word for"),
        }
        Ok(())
    }

    fn here(&self, index: u32) -> Result<u32> {
        let here = self.here.get(index as usize).copied();
        here.context("an interface mentions a type that it does not have")
    }
}

/// Moves types out of an instance type.
struct Moved<'a>(&'a [u32]);

impl Reencode for Moved<'_> {
    type Error = std::convert::Infallible;
}

impl ReencodeComponent for Moved<'_> {
    fn component_type_index(&mut self, ty: u32) -> u32 {
        // `define` has seen this type before: the encoded type is consistent.
        self.0[ty as usize]
    }
}

fn failed(error: wasm_encoder::reencode::Error) -> anyhow::Error {
    anyhow::anyhow!("{error}")
}

/// The declarations in the type of the world `world`, of a package in its binary form.
fn declarations<'a>(package: &'a [u8], world: &str) -> Result<Vec<ComponentTypeDeclaration<'a>>> {
    for payload in Parser::new(0).parse_all(package) {
        let Payload::ComponentTypeSection(section) = payload? else {
            continue;
        };
        if let Some(found) = in_section(section, world)? {
            return Ok(found);
        }
    }
    bail!("a package has no world `{world}`")
}

/// The world is a type in a type: the outer one exports it under its full name.
fn in_section<'a>(
    section: ComponentTypeSectionReader<'a>,
    world: &str,
) -> Result<Option<Vec<ComponentTypeDeclaration<'a>>>> {
    for ty in section {
        let ComponentType::Component(outer) = ty? else {
            continue;
        };
        let is_it = outer.iter().any(|declaration| match declaration {
            ComponentTypeDeclaration::Export { name, .. } => {
                let name = name.name.split('@').next().unwrap_or_default();
                name.rsplit('/').next() == Some(world)
            }
            _ => false,
        });
        let inner = outer
            .into_vec()
            .into_iter()
            .find_map(|declaration| match declaration {
                ComponentTypeDeclaration::Type(ComponentType::Component(inner)) if is_it => {
                    Some(inner.into_vec())
                }
                _ => None,
            });
        if inner.is_some() {
            return Ok(inner);
        }
    }
    Ok(None)
}
