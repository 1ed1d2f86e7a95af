//! The component's world, as it is and split: what each function of it has become.

use crate::circles::refuse_circles;
use crate::component::Component;
use crate::error::{Error, Result, one_line};
use crate::key;
use crate::moves::Moves;
use crate::parts;
use isyswasfa_wit::names::{POLL, POLL_SUFFIX, ROOT};
use isyswasfa_wit::{Pipe, Split, SplitKind};
use std::collections::BTreeMap;
use wasmparser::types::TypesRef;
use wit_component::DecodedWasm;
use wit_parser::{
    Function, FunctionKind, InterfaceId, Resolve, SizeAlign, Type, WorldId, WorldItem, WorldKey,
};

/// A component's world, before and after.
pub struct World {
    /// Before.
    pub original: Resolve,
    /// The world in `original`.
    pub id: WorldId,
    /// After.
    pub split: Split,
    /// Sizes of the types of `split.resolve`, which has those of `original` as well.
    pub sizes: SizeAlign,
    /// The streams and futures that the world mentions, by their keys.
    pub pipes: BTreeMap<String, Pipe>,
}

/// Where a function is: an import or an export of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    Import,
    Export,
}

/// A function of the world, and what it has become.
#[derive(Clone, Debug)]
pub struct Changed {
    /// The name of its interface in the original; `None`: it is the world's own.
    pub interface: Option<String>,
    /// The function as it was.
    pub original: Function,
    /// The name of its interface now, as an import has it: `$root` for the world.
    pub module: String,
    /// What became of it.
    pub shape: Shape,
}

impl Changed {
    /// The function as messages call it.
    pub fn spoken(&self) -> String {
        match &self.interface {
            Some(interface) => format!("`{}` of `{interface}`", self.original.name),
            None => format!("`{}`", self.original.name),
        }
    }
}

/// What a function has become.
#[derive(Clone, Debug)]
pub enum Shape {
    /// One function, synchronous as it was; and the poll of what provides it, which may have tasks all the same.
    Plain(Box<Function>, Option<Box<Function>>),
    /// Two.
    Async {
        /// The half that takes the arguments.
        start: Box<Function>,
        /// The half that fetches the result.
        result: Box<Function>,
        /// The poll of what provides it, or of what it is in.
        poll: Box<Function>,
    },
}

impl World {
    /// Reads the world of the component in `bytes`, whose types these are, and splits it.
    pub fn read(
        bytes: &[u8],
        types: TypesRef<'_>,
        component: &Component<'_>,
        moves: &Moves,
    ) -> Result<World> {
        let exports = component.exports.iter().map(|export| export.name);
        refuse_circles(types, component.imports.iter().copied(), exports)?;
        let (mut original, id) = match wit_component::decode(bytes) {
            Ok(DecodedWasm::Component(resolve, world)) => (resolve, world),
            Ok(DecodedWasm::WitPackage(..)) => {
                return Err(Error::NotNative("a WIT package, not a component with code"));
            }
            Err(error) => {
                return Err(Error::Unsupported(format!(
                    "the component's world cannot be read: {}",
                    one_line(&format!("{error:#}"))
                )));
            }
        };
        parts::check(&original, id, bytes.len())?;
        complete_io(&mut original)?;
        let mut split = isyswasfa_wit::split_with(&original, id, &|name| moves.has(name))?;
        // Nothing in the world may be async, and a task wait for streams of the component's own all the same.
        split.import_tasks()?;
        let mut sizes = SizeAlign::default();
        sizes
            .fill(&split.resolve)
            .map_err(|error| Error::internal(format!("{error:#}")))?;
        let mut world = World {
            original,
            id,
            split,
            sizes,
            pipes: BTreeMap::new(),
        };
        let pipes = world.split.pipes.iter();
        world.pipes = pipes
            .map(|(id, pipe)| (world.key(&Type::Id(*id)), pipe.clone()))
            .collect();
        Ok(world)
    }

    /// The key of a type of the original world.
    pub fn key(&self, ty: &Type) -> String {
        key::of(&self.original, ty, &|id| self.interface_name(id))
    }

    /// The name under which the original world has an interface.
    pub fn interface_name(&self, id: InterfaceId) -> String {
        if let Some(name) = self.original.id_of(id) {
            return name;
        }
        let world = &self.original.worlds[self.id];
        let items = world.imports.iter().chain(&world.exports);
        let mut label = items.filter_map(|(key, item)| match (key, item) {
            (WorldKey::Name(name), WorldItem::Interface { id: other, .. }) if *other == id => {
                Some(name.clone())
            }
            _ => None,
        });
        label.next_back().unwrap_or_default()
    }

    /// All functions on one side.
    pub fn functions(&self, direction: Direction) -> Result<Vec<Changed>> {
        let world = &self.original.worlds[self.id];
        let items = match direction {
            Direction::Import => &world.imports,
            Direction::Export => &world.exports,
        };
        let mut all = Vec::new();
        for (key, item) in items {
            match item {
                WorldItem::Function(function) => {
                    all.push(self.changed(None, function, direction)?);
                }
                WorldItem::Interface { id, .. } => {
                    let name = self.original.name_world_key(key);
                    for function in self.original.interfaces[*id].functions.values() {
                        all.push(self.changed(Some((*id, &name)), function, direction)?);
                    }
                }
                WorldItem::Type { .. } => {}
            }
        }
        Ok(all)
    }

    fn changed(
        &self,
        interface: Option<(InterfaceId, &str)>,
        function: &Function,
        direction: Direction,
    ) -> Result<Changed> {
        let id = interface.map(|(id, _)| id);
        let module = match interface {
            Some((_, name)) => self.split.name(name).to_owned(),
            None => ROOT.to_owned(),
        };
        let now = |name: &str| -> Result<Function> {
            let found = match id {
                Some(id) => {
                    let id = self.split.interfaces.get(&id).copied().unwrap_or(id);
                    self.split.resolve.interfaces[id].functions.get(name)
                }
                None => {
                    let world = &self.split.resolve.worlds[self.split.world];
                    let items = match direction {
                        Direction::Import => &world.imports,
                        Direction::Export => &world.exports,
                    };
                    match items.get(&WorldKey::Name(name.to_owned())) {
                        Some(WorldItem::Function(function)) => Some(function),
                        _ => None,
                    }
                }
            };
            let missing = || Error::internal(format!("the split of `{module}` lacks `{name}`"));
            found.cloned().ok_or_else(missing)
        };
        let shape = match self.split.functions.get(&(id, function.name.clone())) {
            None => Shape::Plain(Box::new(now(&function.name)?), self.poll_of(id)),
            Some(changed) => match &changed.kind {
                SplitKind::Renamed { name } => Shape::Plain(Box::new(now(name)?), self.poll_of(id)),
                SplitKind::Async { start, result } => {
                    let poll = match id {
                        Some(_) => POLL.to_owned(),
                        None => world_poll(&self.original, function),
                    };
                    Shape::Async {
                        start: Box::new(now(start)?),
                        result: Box::new(now(result)?),
                        poll: Box::new(now(&poll)?),
                    }
                }
                other => return Err(Error::internal(format!("a function became {other:?}"))),
            },
        };
        Ok(Changed {
            interface: interface.map(|(_, name)| name.to_owned()),
            original: function.clone(),
            module,
            shape,
        })
    }
}

impl World {
    /// The poll of an interface, if it is split.
    fn poll_of(&self, id: Option<InterfaceId>) -> Option<Box<Function>> {
        self.split.poll(id?).cloned().map(Box::new)
    }
}

/// The split ABI needs `wasi:io/poll@0.2.0`. A component may import other interfaces of that package only, and then has only those.
fn complete_io(resolve: &mut Resolve) -> Result<()> {
    let lacks = resolve.packages.iter().any(|(_, package)| {
        package.name.to_string() == "wasi:io@0.2.0" && !package.interfaces.contains_key("poll")
    });
    if lacks {
        let mut io = Resolve::default();
        io.push_source("io.wit", isyswasfa_wit::IO_WIT)
            .and_then(|_| resolve.merge(io))
            .map_err(|error| Error::internal(format!("{error:#}")))?;
    }
    Ok(())
}

/// The poll that belongs to a function of the world itself.
fn world_poll(resolve: &Resolve, function: &Function) -> String {
    match &function.kind {
        FunctionKind::AsyncMethod(id)
        | FunctionKind::AsyncStatic(id)
        | FunctionKind::Method(id)
        | FunctionKind::Static(id)
        | FunctionKind::Constructor(id) => {
            let resource = resolve.types[*id].name.as_deref().unwrap_or_default();
            format!("[static]{resource}.{POLL}")
        }
        _ => format!("{}{POLL_SUFFIX}", function.name),
    }
}
