//! A type's structure as text, of types in a binary and of types in WIT alike: two types are the same if their keys are.
//!
//! Names of records' fields, cases and flags are part of it, names of types are not. A resource is known by the interface that
//! defines it.

use crate::error::{Error, Result};
use std::collections::HashMap;
use std::fmt::Write;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentEntityType, ComponentValType, ResourceId,
};
use wasmparser::types::TypesRef;
use wit_parser::{Handle, Resolve, Type, TypeDefKind, TypeOwner};

/// Which side of the component a resource is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    Import,
    Export,
}

/// A resource of an interface (`None`: of the world itself), by names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ResourceName {
    pub side: Side,
    pub interface: Option<String>,
    pub name: String,
}

/// The types of a component's binary.
pub struct Binary<'a> {
    types: TypesRef<'a>,
    resources: HashMap<ResourceId, ResourceName>,
}

/// What types are made of.
enum Leaf {
    /// A number, a flag or a case.
    Plain,
    /// Something that takes more than copying to pass on.
    Rich,
    Resource(ResourceId),
}

/// More than any real type has.
const MAX_KEY: usize = 1 << 20;

/// The largest item of a stream or future.
const MAX_ITEM: u32 = 1 << 30;

fn aligned(size: u64, align: u32) -> u64 {
    let aligned = size.checked_next_multiple_of(align.into());
    aligned.unwrap_or(u64::MAX)
}

impl<'a> Binary<'a> {
    /// `imports` and `exports` are the names of what the component imports and exports.
    pub fn new<'n>(
        types: TypesRef<'a>,
        imports: impl Iterator<Item = &'n str>,
        exports: impl Iterator<Item = &'n str>,
    ) -> Binary<'a> {
        let mut resources = HashMap::new();
        let imports = imports
            .filter_map(|name| Some((Side::Import, name, types.component_item_for_import(name)?)));
        let exports = exports
            .filter_map(|name| Some((Side::Export, name, types.component_item_for_export(name)?)));
        // A resource that is imported and exported again is the imported one: it comes first.
        for (side, name, item) in imports.chain(exports) {
            let mut add = |interface: Option<&str>, name: &str, entity: &ComponentEntityType| {
                if let ComponentEntityType::Type {
                    created: ComponentAnyTypeId::Resource(id),
                    ..
                } = entity
                {
                    resources
                        .entry(id.resource())
                        .or_insert_with(|| ResourceName {
                            side,
                            interface: interface.map(str::to_owned),
                            name: name.to_owned(),
                        });
                }
            };
            match item.ty {
                ComponentEntityType::Instance(id) => {
                    for (export, item) in &types[id].exports {
                        add(Some(name), export, &item.ty);
                    }
                }
                entity => add(None, name, &entity),
            }
        }
        Binary { types, resources }
    }

    /// The name of the resource type `index`.
    pub fn resource(&self, index: u32) -> Result<&ResourceName> {
        match self.types.component_any_type_at(index) {
            ComponentAnyTypeId::Resource(id) => self.resource_name(id.resource()),
            _ => Err(Error::internal("a resource type is none")),
        }
    }

    fn resource_name(&self, id: ResourceId) -> Result<&ResourceName> {
        self.resources.get(&id).ok_or_else(|| {
            Error::Unsupported(
                "a resource type of the component is neither imported nor exported".to_owned(),
            )
        })
    }

    /// The key of the stream's or future's payload, and of the stream or future itself.
    pub fn pipe(&self, index: u32) -> Result<String> {
        let id = self.types.component_defined_type_at(index);
        let mut key = String::new();
        self.defined(&self.types[id], &mut key)?;
        Ok(key)
    }

    fn payload_type(&self, index: u32) -> Result<Option<&ComponentValType>> {
        let id = self.types.component_defined_type_at(index);
        match &self.types[id] {
            ComponentDefinedType::Stream { ty, .. } | ComponentDefinedType::Future { ty, .. } => {
                Ok(ty.as_ref())
            }
            _ => Err(Error::internal("a stream or future is none")),
        }
    }

    /// The size and alignment of an item of the stream or future `index`, and whether it owns nothing and has no lists.
    pub fn payload(&self, index: u32) -> Result<(u32, u32, bool)> {
        let payload = self.payload_type(index)?;
        let mut is_plain = true;
        if let Some(ty) = payload {
            self.leaves(ty, &mut |leaf| is_plain &= matches!(leaf, Leaf::Plain));
        }
        let (size, align) = payload.map_or((0, 1), |ty| self.layout(ty));
        match u32::try_from(size) {
            Ok(size) if size <= MAX_ITEM => Ok((size, align, is_plain)),
            _ => Err(Error::Unsupported(
                "the items of a stream or future of the component are larger than any memory"
                    .to_owned(),
            )),
        }
    }

    /// Whether the items of the stream or future `index` have resources that the component exports.
    pub fn has_own(&self, index: u32) -> Result<bool> {
        let mut exported = false;
        if let Some(ty) = self.payload_type(index)? {
            self.leaves(ty, &mut |leaf| {
                if let Leaf::Resource(id) = leaf {
                    let name = self.resources.get(&id);
                    exported |= name.is_some_and(|name| name.side == Side::Export);
                }
            });
        }
        Ok(exported)
    }

    /// Shows `found` all that a type is made of.
    fn leaves(&self, ty: &ComponentValType, found: &mut dyn FnMut(Leaf)) {
        use wasmparser::PrimitiveValType as P;
        let id = match ty {
            ComponentValType::Primitive(P::String | P::ErrorContext) => return found(Leaf::Rich),
            ComponentValType::Primitive(_) => return found(Leaf::Plain),
            ComponentValType::Type(id) => *id,
        };
        let mut all = |types: &mut dyn Iterator<Item = &ComponentValType>| {
            types.for_each(|ty| self.leaves(ty, found));
        };
        match &self.types[id] {
            ComponentDefinedType::Primitive(ty) => {
                self.leaves(&ComponentValType::Primitive(*ty), found);
            }
            ComponentDefinedType::Record(record) => all(&mut record.fields.values()),
            ComponentDefinedType::Tuple(tuple) => all(&mut tuple.types.iter()),
            ComponentDefinedType::Variant(variant) => {
                all(&mut variant.cases.values().filter_map(|case| case.ty.as_ref()));
            }
            ComponentDefinedType::Option { ty, .. } => all(&mut std::iter::once(ty)),
            ComponentDefinedType::Result { ok, err, .. } => all(&mut ok.iter().chain(err)),
            ComponentDefinedType::FixedLengthList { element, .. } => {
                all(&mut std::iter::once(element));
            }
            ComponentDefinedType::Enum(_) | ComponentDefinedType::Flags(_) => found(Leaf::Plain),
            ComponentDefinedType::List { element, .. } => {
                self.leaves(element, found);
                found(Leaf::Rich);
            }
            ComponentDefinedType::Map { key, value, .. } => {
                self.leaves(key, found);
                self.leaves(value, found);
                found(Leaf::Rich);
            }
            ComponentDefinedType::Future { ty, .. } | ComponentDefinedType::Stream { ty, .. } => {
                if let Some(ty) = ty {
                    self.leaves(ty, found);
                }
                found(Leaf::Rich);
            }
            ComponentDefinedType::Own(id) | ComponentDefinedType::Borrow(id) => {
                found(Leaf::Resource(id.resource()));
            }
        }
    }

    /// Size and alignment.
    fn layout(&self, ty: &ComponentValType) -> (u64, u32) {
        use wasmparser::PrimitiveValType as P;
        let primitive = |ty: &P| match ty {
            P::Bool | P::S8 | P::U8 => (1, 1),
            P::S16 | P::U16 => (2, 2),
            P::S32 | P::U32 | P::F32 | P::Char | P::ErrorContext => (4, 4),
            P::S64 | P::U64 | P::F64 => (8, 8),
            P::String => (8, 4),
        };
        let id = match ty {
            ComponentValType::Primitive(ty) => return primitive(ty),
            ComponentValType::Type(id) => *id,
        };
        let fields = |types: &mut dyn Iterator<Item = &ComponentValType>| {
            let (mut size, mut align) = (0_u64, 1);
            for ty in types {
                let (field, its) = self.layout(ty);
                size = aligned(size, its).saturating_add(field);
                align = align.max(its);
            }
            (aligned(size, align), align)
        };
        let cases = |count: usize, types: &mut dyn Iterator<Item = &ComponentValType>| {
            let tag = match count {
                ..=0x100 => 1,
                0x101..=0x10000 => 2,
                _ => 4,
            };
            let (mut size, mut align) = (0, tag);
            for ty in types {
                let (case, its) = self.layout(ty);
                size = size.max(case);
                align = align.max(its);
            }
            let payload = aligned(tag.into(), align);
            (aligned(payload.saturating_add(size), align), align)
        };
        match &self.types[id] {
            ComponentDefinedType::Primitive(ty) => primitive(ty),
            ComponentDefinedType::Record(record) => fields(&mut record.fields.values()),
            ComponentDefinedType::Tuple(tuple) => fields(&mut tuple.types.iter()),
            ComponentDefinedType::Variant(variant) => {
                let count = variant.cases.len();
                cases(
                    count,
                    &mut variant.cases.values().filter_map(|case| case.ty.as_ref()),
                )
            }
            ComponentDefinedType::Option { ty, .. } => cases(2, &mut std::iter::once(ty)),
            ComponentDefinedType::Result { ok, err, .. } => cases(2, &mut ok.iter().chain(err)),
            ComponentDefinedType::Enum(names) => cases(names.len(), &mut std::iter::empty()),
            ComponentDefinedType::Flags(names) => match names.len() {
                ..=8 => (1, 1),
                9..=16 => (2, 2),
                more => (more.div_ceil(32) as u64 * 4, 4),
            },
            ComponentDefinedType::FixedLengthList {
                element, length, ..
            } => {
                let (size, align) = self.layout(element);
                (size.saturating_mul((*length).into()), align)
            }
            ComponentDefinedType::List { .. } | ComponentDefinedType::Map { .. } => (8, 4),
            ComponentDefinedType::Own(_)
            | ComponentDefinedType::Borrow(_)
            | ComponentDefinedType::Future { .. }
            | ComponentDefinedType::Stream { .. } => (4, 4),
        }
    }

    /// The key of a type as it stands in a canonical definition.
    pub fn value(&self, ty: &wasmparser::ComponentValType) -> Result<String> {
        let mut key = String::new();
        match ty {
            wasmparser::ComponentValType::Primitive(ty) => {
                write!(key, "{ty}").expect("a string takes everything");
            }
            wasmparser::ComponentValType::Type(index) => {
                let id = self.types.component_defined_type_at(*index);
                self.defined(&self.types[id], &mut key)?;
            }
        }
        Ok(key)
    }

    fn ty(&self, ty: &ComponentValType, key: &mut String) -> Result<()> {
        if key.len() > MAX_KEY {
            return Err(Error::Unsupported("a type is too large".to_owned()));
        }
        match ty {
            ComponentValType::Primitive(ty) => {
                write!(key, "{ty}").expect("a string takes everything");
                Ok(())
            }
            ComponentValType::Type(id) => self.defined(&self.types[*id], key),
        }
    }

    fn wrap<'t>(
        &self,
        name: &str,
        types: impl IntoIterator<Item = Option<&'t ComponentValType>>,
        key: &mut String,
    ) -> Result<()> {
        key.push_str(name);
        key.push('<');
        for ty in types {
            match ty {
                Some(ty) => self.ty(ty, key)?,
                None => key.push('_'),
            }
            key.push(',');
        }
        key.push('>');
        Ok(())
    }

    fn defined(&self, ty: &ComponentDefinedType, key: &mut String) -> Result<()> {
        match ty {
            ComponentDefinedType::Primitive(ty) => {
                write!(key, "{ty}").expect("a string takes everything");
            }
            ComponentDefinedType::Record(record) => {
                key.push_str("record{");
                for (name, ty) in &record.fields {
                    key.push_str(name);
                    key.push(':');
                    self.ty(ty, key)?;
                    key.push(',');
                }
                key.push('}');
            }
            ComponentDefinedType::Variant(variant) => {
                key.push_str("variant{");
                for (name, case) in &variant.cases {
                    key.push_str(name);
                    if let Some(ty) = &case.ty {
                        key.push(':');
                        self.ty(ty, key)?;
                    }
                    key.push(',');
                }
                key.push('}');
            }
            ComponentDefinedType::List { element, .. } => {
                self.wrap("list", [Some(element)], key)?
            }
            ComponentDefinedType::Map {
                key: k, value: v, ..
            } => self.wrap("map", [Some(k), Some(v)], key)?,
            ComponentDefinedType::FixedLengthList {
                element, length, ..
            } => self.wrap(&format!("list{length}"), [Some(element)], key)?,
            ComponentDefinedType::Tuple(tuple) => {
                self.wrap("tuple", tuple.types.iter().map(Some), key)?;
            }
            ComponentDefinedType::Flags(names) => {
                names_of("flags", names.iter().map(|n| n.as_str()), key)
            }
            ComponentDefinedType::Enum(names) => {
                names_of("enum", names.iter().map(|n| n.as_str()), key)
            }
            ComponentDefinedType::Option { ty, .. } => self.wrap("option", [Some(ty)], key)?,
            ComponentDefinedType::Result { ok, err, .. } => {
                self.wrap("result", [ok.as_ref(), err.as_ref()], key)?;
            }
            ComponentDefinedType::Own(id) => {
                handle("own", self.resource_name(id.resource())?, key);
            }
            ComponentDefinedType::Borrow(id) => {
                handle("borrow", self.resource_name(id.resource())?, key);
            }
            ComponentDefinedType::Future { ty, .. } => self.wrap("future", [ty.as_ref()], key)?,
            ComponentDefinedType::Stream { ty, .. } => self.wrap("stream", [ty.as_ref()], key)?,
        }
        Ok(())
    }
}

fn handle(kind: &str, resource: &ResourceName, key: &mut String) {
    let interface = resource.interface.as_deref().unwrap_or("$root");
    write!(key, "{kind}<{interface}#{}>", resource.name).expect("a string takes everything");
}

fn names_of<'n>(kind: &str, names: impl Iterator<Item = &'n str>, key: &mut String) {
    key.push_str(kind);
    key.push('{');
    for name in names {
        key.push_str(name);
        key.push(',');
    }
    key.push('}');
}

/// The key of a type in WIT. `label` gives an inline interface its name.
pub fn of(
    resolve: &Resolve,
    ty: &Type,
    label: &dyn Fn(wit_parser::InterfaceId) -> String,
) -> String {
    let mut key = String::new();
    Wit { resolve, label }.ty(ty, &mut key);
    key
}

struct Wit<'a> {
    resolve: &'a Resolve,
    label: &'a dyn Fn(wit_parser::InterfaceId) -> String,
}

impl Wit<'_> {
    fn wrap<'t>(
        &self,
        name: &str,
        types: impl IntoIterator<Item = Option<&'t Type>>,
        key: &mut String,
    ) {
        key.push_str(name);
        key.push('<');
        for ty in types {
            match ty {
                Some(ty) => self.ty(ty, key),
                None => key.push('_'),
            }
            key.push(',');
        }
        key.push('>');
    }

    fn ty(&self, ty: &Type, key: &mut String) {
        let id = match ty {
            Type::Id(id) => *id,
            Type::Bool => return key.push_str("bool"),
            Type::U8 => return key.push_str("u8"),
            Type::S8 => return key.push_str("s8"),
            Type::U16 => return key.push_str("u16"),
            Type::S16 => return key.push_str("s16"),
            Type::U32 => return key.push_str("u32"),
            Type::S32 => return key.push_str("s32"),
            Type::U64 => return key.push_str("u64"),
            Type::S64 => return key.push_str("s64"),
            Type::F32 => return key.push_str("f32"),
            Type::F64 => return key.push_str("f64"),
            Type::Char => return key.push_str("char"),
            Type::String => return key.push_str("string"),
            Type::ErrorContext => return key.push_str("error-context"),
        };
        match &self.resolve.types[id].kind {
            TypeDefKind::Type(ty) => self.ty(ty, key),
            TypeDefKind::Record(record) => {
                key.push_str("record{");
                for field in &record.fields {
                    key.push_str(&field.name);
                    key.push(':');
                    self.ty(&field.ty, key);
                    key.push(',');
                }
                key.push('}');
            }
            TypeDefKind::Variant(variant) => {
                key.push_str("variant{");
                for case in &variant.cases {
                    key.push_str(&case.name);
                    if let Some(ty) = &case.ty {
                        key.push(':');
                        self.ty(ty, key);
                    }
                    key.push(',');
                }
                key.push('}');
            }
            TypeDefKind::List(ty) => self.wrap("list", [Some(ty)], key),
            TypeDefKind::Map(k, v) => self.wrap("map", [Some(k), Some(v)], key),
            TypeDefKind::FixedLengthList(ty, length) => {
                self.wrap(&format!("list{length}"), [Some(ty)], key)
            }
            TypeDefKind::Tuple(tuple) => self.wrap("tuple", tuple.types.iter().map(Some), key),
            TypeDefKind::Flags(flags) => {
                names_of("flags", flags.flags.iter().map(|f| f.name.as_str()), key)
            }
            TypeDefKind::Enum(cases) => {
                names_of("enum", cases.cases.iter().map(|c| c.name.as_str()), key)
            }
            TypeDefKind::Option(ty) => self.wrap("option", [Some(ty)], key),
            TypeDefKind::Result(result) => {
                self.wrap("result", [result.ok.as_ref(), result.err.as_ref()], key)
            }
            TypeDefKind::Future(ty) => self.wrap("future", [ty.as_ref()], key),
            TypeDefKind::Stream(ty) => self.wrap("stream", [ty.as_ref()], key),
            TypeDefKind::Handle(Handle::Own(id)) => self.handle("own", *id, key),
            TypeDefKind::Handle(Handle::Borrow(id)) => self.handle("borrow", *id, key),
            TypeDefKind::Resource => self.handle("own", id, key),
            TypeDefKind::Unknown => {}
        }
    }

    fn handle(&self, kind: &str, mut id: wit_parser::TypeId, key: &mut String) {
        while let TypeDefKind::Type(Type::Id(inner)) = self.resolve.types[id].kind {
            id = inner;
        }
        let ty = &self.resolve.types[id];
        let interface = match ty.owner {
            TypeOwner::Interface(id) => (self.label)(id),
            TypeOwner::World(_) | TypeOwner::None => "$root".to_owned(),
        };
        let name = ty.name.as_deref().unwrap_or_default();
        write!(key, "{kind}<{interface}#{name}>").expect("a string takes everything");
    }
}
