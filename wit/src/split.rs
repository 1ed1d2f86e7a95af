//! The transform as a whole, and its result.

use crate::builder::{Builder, forget_external_ids};
use crate::core::Core;
use crate::names::{BYTES, NEW, POLL, READER, ROOT, WRITER, pipe_interface};
use crate::place::Place;
use crate::plan::{Home, Plan};
use crate::refused::Refused;
use crate::world::import;
use wit_parser::{Function, IndexMap, InterfaceId, Resolve, Type, TypeId, WorldId, WorldKey};

/// A world after the split.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Split {
    /// The original resolve, extended. Its ids are valid here and have the same meaning.
    pub resolve: Resolve,
    /// The split world, in `resolve`. It has the name of the original and is in the package of the moved version; if
    /// nothing in the world changes, it is the original itself.
    pub world: WorldId,
    /// The interfaces that moved, and what they moved to: those with a name, and the inline ones of the world.
    pub interfaces: IndexMap<InterfaceId, InterfaceId>,
    /// The functions that changed, of all `interfaces` and of the world itself.
    pub functions: IndexMap<FunctionId, SplitFunction>,
    /// The streams and futures that the world mentions, by their original types, and the pipes that they became; also those that
    /// others in the resolve mention, if their pipes are defined in an interface of the world. The inner of two nested ones comes
    /// first.
    pub pipes: IndexMap<TypeId, Pipe>,
    names: IndexMap<String, String>,
    changed: bool,
}

/// A function of the original: the interface that it is in (none: the world itself) and its [`Function::name`].
pub type FunctionId = (Option<InterfaceId>, String);

/// A function that changed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SplitFunction {
    /// The function as it was, its types those of the original.
    pub original: Function,
    /// What became of it.
    pub kind: SplitKind,
}

/// What became of a function. Names are as in [`Function::name`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SplitKind {
    /// It was async, and is two functions now.
    Async {
        /// The start half: takes the arguments, and returns the result or a `pending`.
        start: String,
        /// The result half: takes a `ready`, and returns the result.
        result: String,
    },
    /// It was a getter or setter, and is an ordinary function now.
    Renamed {
        /// The name of that function.
        name: String,
    },
}

/// Whether a pipe was a stream or a future.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PipeKind {
    /// `stream<T>`.
    Stream,
    /// `future<T>`: a pipe of at most one item.
    Future,
}

/// What a stream or future became: two resources and a function that makes them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pipe {
    /// Whether it was a stream or a future.
    pub kind: PipeKind,
    /// The payload in the original.
    pub payload: Option<Type>,
    /// The payload after the split, where the pipe is defined.
    pub split_payload: Option<Type>,
    /// The name that depends on the payload's structure only: `stream-u32`.
    pub name: String,
    /// Where the pipe is defined, as a name of an import or export: `isyswasfa:core/bytes@0.1.0`,
    /// `isyswasfa:pipes/stream-u32@0.1.0`, `wasi:http/types@0.3.2-isyswasfa`, the label of an inline interface, or
    /// `$root`, the world itself.
    pub interface: String,
    /// The original of that interface, if it is one that moved (and not the split ABI's own, or `$root`).
    pub home: Option<InterfaceId>,
    /// The resource there that is the reading end. A `stream<T>` or `future<T>` is an `own` of it now.
    pub reader: String,
    /// The resource there that is the writing end.
    pub writer: String,
    /// The function there that makes a pipe.
    pub new: String,
}

/// Splits `world`, which is in `resolve`.
///
/// # Errors
/// If the world has something that cannot be expressed; the error names the item and says why.
pub fn split(resolve: &Resolve, world: WorldId) -> Result<Split, Refused> {
    split_with(resolve, world, &|_| false)
}

/// Splits `world` as [`split`] does, where an interface also moves if `moves` says so of its name. That is for worlds that were read
/// from a component: they have of an interface only what the component uses, and the rest, which they lack, may be what makes it
/// move.
///
/// # Errors
/// As for [`split`].
pub fn split_with(
    resolve: &Resolve,
    world: WorldId,
    moves: &dyn Fn(&str) -> bool,
) -> Result<Split, Refused> {
    let plan = Plan::of(resolve, world, moves)?;
    if !plan.changes {
        let mut resolve = resolve.clone();
        forget_external_ids(&mut resolve);
        return Ok(Split {
            resolve,
            world,
            interfaces: IndexMap::default(),
            functions: IndexMap::default(),
            pipes: IndexMap::default(),
            names: IndexMap::default(),
            changed: false,
        });
    }
    let mut builder = Builder::new(resolve, &plan)?;
    builder.build_pipes()?;
    builder.build_interfaces()?;
    let world = builder.build_world()?;
    let pipes = plan
        .pipes
        .iter()
        .map(|(id, _)| (*id, pipe(&builder, *id)))
        .collect();
    let mut names = IndexMap::default();
    for (old, new) in &builder.interfaces {
        if let (Some(old), Some(new)) = (resolve.id_of(*old), builder.to.id_of(*new)) {
            names.insert(old, new);
        }
    }
    let Builder {
        to,
        interfaces,
        functions,
        ..
    } = builder;
    Ok(Split {
        resolve: to,
        world,
        interfaces,
        functions,
        pipes,
        names,
        changed: true,
    })
}

impl Split {
    /// The name of the import or export that `name`, one of the original world, has become. What did not move keeps
    /// its name.
    pub fn name<'a>(&'a self, name: &'a str) -> &'a str {
        self.names.get(name).map_or(name, String::as_str)
    }

    /// Makes the world import `isyswasfa:core/tasks`, as each world does in which anything has changed.
    ///
    /// # Errors
    /// If the resolve has another package of that name.
    pub fn import_tasks(&mut self) -> Result<(), Refused> {
        if self.changed {
            return Ok(());
        }
        let tasks = Core::install(&mut self.resolve)?.tasks;
        let imports = &mut self.resolve.worlds[self.world].imports;
        imports.insert(WorldKey::Interface(tasks), import(tasks));
        Ok(())
    }

    /// Whether anything in the world changed, so that `world` is not the original.
    pub fn changed(&self) -> bool {
        self.changed
    }

    /// The poll of the interface `original`, if it moved and has functions.
    pub fn poll(&self, original: InterfaceId) -> Option<&Function> {
        self.resolve.interfaces[*self.interfaces.get(&original)?]
            .functions
            .get(POLL)
    }
}

/// What the stream or future `id` became.
fn pipe(builder: &Builder<'_>, id: TypeId) -> Pipe {
    let planned = &builder.plan.pipes[&id];
    let name = planned.name.clone();
    let (interface, prefix, split_payload) = match planned.home {
        Home::Bytes => (BYTES.to_owned(), String::new(), Some(Type::U8)),
        Home::Pipes => (
            pipe_interface(&name),
            String::new(),
            builder.pipes[&planned.name].payload,
        ),
        Home::Place(place) => {
            let interface = match place {
                Place::World => ROOT.to_owned(),
                Place::Interface(id) => builder
                    .interfaces
                    .get(&id)
                    .and_then(|new| builder.to.id_of(*new))
                    .unwrap_or_else(|| builder.plan.places.label(id).to_owned()),
            };
            let built = builder.hosted.get(&(place, name.clone()));
            (
                interface,
                format!("{name}-"),
                built.and_then(|built| built.payload),
            )
        }
    };
    Pipe {
        kind: if planned.is_stream {
            PipeKind::Stream
        } else {
            PipeKind::Future
        },
        payload: planned.payload,
        split_payload,
        name,
        interface,
        home: match planned.home {
            Home::Place(Place::Interface(id)) => Some(id),
            _ => None,
        },
        reader: format!("{prefix}{READER}"),
        writer: format!("{prefix}{WRITER}"),
        new: format!("{prefix}{NEW}"),
    }
}
