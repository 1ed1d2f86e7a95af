//! Reads the sections of one component. Nested components and core modules are kept as bytes.

use super::{
    Component, CoreFunc, CoreInstance, Export, Func, Instance, Lift, Module, Nested, Step,
};
use crate::error::{Error, Result};
use wasmparser::{
    CanonicalFunction, ComponentAlias, ComponentExternalKind, ComponentInstance,
    ComponentOuterAliasKind, ComponentType, ComponentTypeRef, Encoding, ExternalKind, Parser,
    Payload,
};

/// Reads the component in `bytes`, which the validator has accepted.
pub fn read(bytes: &[u8]) -> Result<Component<'_>> {
    let mut component = Component::default();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        // What is inside of nested modules and components is not ours: they are kept as bytes.
        match &payload {
            Payload::ModuleSection {
                unchecked_range, ..
            } => {
                if depth == 0 {
                    let range = unchecked_range.start as usize..unchecked_range.end as usize;
                    component.modules.push(Module::Here(&bytes[range]));
                }
                depth += 1;
                continue;
            }
            Payload::ComponentSection {
                unchecked_range, ..
            } => {
                if depth == 0 {
                    let range = unchecked_range.start as usize..unchecked_range.end as usize;
                    component.components.push(Nested::Here(&bytes[range]));
                }
                depth += 1;
                continue;
            }
            Payload::Version { encoding, .. } => {
                if depth == 0 && *encoding != Encoding::Component {
                    return Err(Error::NotNative("a core module, not a component"));
                }
                continue;
            }
            Payload::End(_) => {
                depth = depth.saturating_sub(1);
                continue;
            }
            _ if depth > 0 => continue,
            _ => {}
        }
        section(&mut component, payload)?;
    }
    Ok(component)
}

fn section<'a>(component: &mut Component<'a>, payload: Payload<'a>) -> Result<()> {
    match payload {
        Payload::ComponentImportSection(section) => {
            for import in section {
                let import = import?;
                let name = import.name.name;
                component.imports.push(name);
                match import.ty {
                    ComponentTypeRef::Module(_) => component.modules.push(Module::Elsewhere),
                    ComponentTypeRef::Func(_) => component.funcs.push(Func::Import(name)),
                    ComponentTypeRef::Type(_) => component.types += 1,
                    ComponentTypeRef::Instance(_) => {
                        component.instances.push(Instance::Import(name));
                    }
                    ComponentTypeRef::Component(_) => component.components.push(Nested::Elsewhere),
                    ComponentTypeRef::Value(_) => return Err(unsupported("values")),
                }
            }
        }
        Payload::ComponentTypeSection(section) => {
            for ty in section {
                if let ComponentType::Resource { dtor, .. } = ty? {
                    component.resources.push((component.types, dtor));
                }
                component.types += 1;
            }
        }
        Payload::ComponentAliasSection(section) => {
            for alias in section {
                self::alias(component, alias?)?;
            }
        }
        Payload::InstanceSection(section) => {
            for instance in section {
                let index = component.core_instances.len() as u32;
                component.order.push(Step::CoreInstance(index));
                component.core_instances.push(match instance? {
                    wasmparser::Instance::Instantiate { module_index, args } => {
                        CoreInstance::Instantiate {
                            module: module_index,
                            args: args.iter().map(|arg| (arg.name, arg.index)).collect(),
                        }
                    }
                    wasmparser::Instance::FromExports(exports) => CoreInstance::Exports(
                        exports
                            .iter()
                            .map(|export| (export.name, export.kind, export.index))
                            .collect(),
                    ),
                });
            }
        }
        Payload::ComponentInstanceSection(section) => {
            for instance in section {
                let index = component.instances.len() as u32;
                component.order.push(Step::Instance(index));
                component.instances.push(match instance? {
                    ComponentInstance::Instantiate {
                        component_index,
                        args,
                    } => Instance::Instantiate {
                        component: component_index,
                        args: args
                            .iter()
                            .map(|arg| (arg.name, arg.kind, arg.index))
                            .collect(),
                    },
                    ComponentInstance::FromExports(exports) => Instance::Exports(
                        exports
                            .iter()
                            .map(|export| (export.name.name, export.kind, export.index))
                            .collect(),
                    ),
                });
            }
        }
        Payload::ComponentCanonicalSection(section) => {
            for canon in section {
                match canon? {
                    CanonicalFunction::Lift {
                        core_func_index,
                        options,
                        ..
                    } => component.funcs.push(Func::Lift(Lift {
                        core_func: core_func_index,
                        options,
                    })),
                    canon => component.core_funcs.push(CoreFunc::Canon(canon)),
                }
            }
        }
        Payload::ComponentExportSection(section) => {
            for export in section {
                let export = export?;
                let index = export.index;
                component.exports.push(Export {
                    name: export.name.name,
                    kind: export.kind,
                    index,
                });
                // An export is a definition as well: it has an index of its own.
                match export.kind {
                    ComponentExternalKind::Module => {
                        let module = component.modules[index as usize];
                        component.modules.push(module);
                    }
                    ComponentExternalKind::Func => component.funcs.push(Func::Export(index)),
                    ComponentExternalKind::Type => component.types += 1,
                    ComponentExternalKind::Instance => {
                        component.instances.push(Instance::Export(index));
                    }
                    ComponentExternalKind::Component => {
                        let nested = component.components[index as usize];
                        component.components.push(nested);
                    }
                    ComponentExternalKind::Value => return Err(unsupported("values")),
                }
            }
        }
        Payload::ComponentStartSection { .. } => component.order.push(Step::Start),
        Payload::CustomSection(section) => {
            component.customs.push((section.name(), section.data()));
        }
        _ => {}
    }
    Ok(())
}

fn alias<'a>(component: &mut Component<'a>, alias: ComponentAlias<'a>) -> Result<()> {
    match alias {
        ComponentAlias::InstanceExport {
            kind,
            instance_index,
            name,
        } => match kind {
            ComponentExternalKind::Module => component.modules.push(Module::Elsewhere),
            ComponentExternalKind::Func => component.funcs.push(Func::Alias(instance_index, name)),
            ComponentExternalKind::Type => component.types += 1,
            ComponentExternalKind::Instance => component
                .instances
                .push(Instance::Alias(instance_index, name)),
            ComponentExternalKind::Component => component.components.push(Nested::Elsewhere),
            ComponentExternalKind::Value => return Err(unsupported("values")),
        },
        ComponentAlias::CoreInstanceExport {
            kind,
            instance_index,
            name,
        } => {
            let items = &mut component.core_items;
            match kind {
                ExternalKind::Func | ExternalKind::FuncExact => component
                    .core_funcs
                    .push(CoreFunc::Alias(instance_index, name)),
                ExternalKind::Memory => items.memories.push((instance_index, name)),
                ExternalKind::Table => items.tables.push((instance_index, name)),
                ExternalKind::Global => items.globals.push((instance_index, name)),
                ExternalKind::Tag => items.tags.push((instance_index, name)),
            }
        }
        ComponentAlias::Outer { kind, .. } => match kind {
            ComponentOuterAliasKind::CoreModule => component.modules.push(Module::Elsewhere),
            ComponentOuterAliasKind::CoreType => {}
            ComponentOuterAliasKind::Type => component.types += 1,
            ComponentOuterAliasKind::Component => component.components.push(Nested::Elsewhere),
        },
    }
    Ok(())
}

fn unsupported(what: &str) -> Error {
    Error::Unsupported(format!(
        "the component has {what}, which the translator does not know"
    ))
}
