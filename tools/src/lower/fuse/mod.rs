//! Fuses a guest and the modules beside it into one module, in the guest's memory.
//!
//! A host of WASI 0.2 instantiates a component for each request, and each instance and each memory in it costs more than the
//! work of a small guest. In one memory, calls between modules are function calls, and handles of our own resources are their
//! representations. Several guests stay apart: they must not see each other's memory.

mod component;
mod crossing;
mod link;
mod memory;
mod merge;
mod survey;

use super::core;
use super::part::{self, Part, ROOT, decode, main_module};
use super::place::{Place, Room, Stack};
use super::plan::{Peer, Plan};
use super::sync::{export_name, sizes};
use anyhow::{Context, Result, bail};
use crossing::{has_lists, is_plain};
use link::Linker;
use merge::{Member, Memory, Parts};
use survey::{Import, Survey};
use wasmparser::{Parser, Payload, TypeRef};
use wit_parser::{Handle, Type, TypeDefKind};

/// How many pages of memory a guest may have from the start, so that others have room: half of the address space.
const MOST: u64 = 1 << 15;

/// Allocates in memory, by the canonical ABI.
const REALLOC: &str = "cabi_realloc";

/// The component as one module, with the imports and exports of `lowered`. `None` if it has to be several modules. `plugged` is
/// everything but the core.
///
/// # Errors
/// Internal error: a module of our own is malformed.
pub fn fuse(guests: &[u8], plan: &Plan, plugged: &[u8], lowered: &[u8]) -> Result<Option<Vec<u8>>> {
    // The member that the host calls allocates for it, and that is one of ours.
    let called_by_host =
        usize::from(!plan.forwarded.is_empty()) + usize::from(plan.driver.is_some());
    if called_by_host > 1 || !is_single(guests)? {
        return Ok(None);
    }
    let guest = main_module(guests)?;
    let survey = Survey::of(guest)?;
    let Some(behind) = survey.behind.filter(|behind| behind.pages <= MOST) else {
        return Ok(None);
    };
    let stack = if survey.stack.is_none() {
        Stack::Own
    } else {
        Stack::Guests
    };
    let mut room = Room::behind(behind.pages, behind.elements, stack)?;
    let fused = Fused::new(guests, guest, plan, plugged, &mut room)?;
    let Some(parts) = fused.parts(room)? else {
        return Ok(None);
    };
    let (resolve, world) = decode(lowered)?;
    let module = parts.merge(Memory::Own)?.module.finish();
    let made = part::encode(module, &resolve, world)?;
    if survey.has_passive_data {
        return Ok(Some(made));
    }
    let merged = parts.merge(Memory::Apart)?;
    let modules = [&component::memory_module(&merged), &merged.module];
    let imports: Vec<_> = parts.imports().collect();
    let component = component::component(&made, modules, &imports);
    component.context("failed to take it apart").map(Some)
}

/// Whether a component has one module, beside modules without a memory, which `wit-component` adds for indirect calls.
fn is_single(component: &[u8]) -> Result<bool> {
    let mut modules = 0;
    let mut depth = 0;
    // Whether the current module counts.
    let mut counts = false;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } if depth > 0 => return Ok(false),
            Payload::ModuleSection { .. } => {
                depth += 1;
                counts = false;
            }
            Payload::ComponentSection { .. } => depth += 1,
            Payload::MemorySection(_) => counts = true,
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    counts |= matches!(import?.ty, TypeRef::Memory(_));
                }
            }
            Payload::End(_) => {
                depth -= 1;
                modules += usize::from(std::mem::take(&mut counts));
            }
            _ => {}
        }
    }
    Ok(modules == 1)
}

/// The parts to fuse.
struct Fused<'a> {
    plan: &'a Plan,
    /// The guest is the first.
    parts: Vec<(Peer, Part)>,
}

const GUEST: usize = 0;

/// The target of an import.
enum Target {
    /// It stays an import. `has_lists`: whether the host's result has lists, which this member has to allocate.
    Host { has_lists: bool },
    /// A representation is its own handle.
    Same,
    /// There is nothing to do.
    Nothing,
    /// A function of another member, or of its own, called directly.
    Function(usize, u32),
    /// A function of another member, called through a crossing.
    Crossing {
        to: usize,
        function: u32,
        post: Option<u32>,
    },
}

impl<'a> Fused<'a> {
    fn new(
        guests: &[u8],
        guest: &[u8],
        plan: &'a Plan,
        plugged: &[u8],
        room: &mut Room,
    ) -> Result<Fused<'a>> {
        let mut place = Place::Within(room);
        let (resolve, world) = decode(guests)?;
        let guest = Part {
            module: guest.to_vec(),
            moved: None,
            resolve,
            world,
        };
        let mut parts = vec![(Peer::Guests, guest)];
        for (at, _, part) in plan.adapted.parts(&mut place)? {
            parts.push((Peer::Adapter(at), part));
        }
        if let Some(http) = plan.http() {
            parts.push((Peer::Http, Part::of(http, &mut place)?));
        }
        parts.push((Peer::Core, core::for_imports(plugged, &mut place)?));
        for (peer, part) in [(Peer::Driver, &plan.driver), (Peer::Bridge, &plan.bridge)] {
            if let Some(part) = part {
                let (module, moved) = place.put(&part.module)?;
                let part = Part {
                    module,
                    moved,
                    resolve: part.resolve.clone(),
                    world: part.world,
                };
                parts.push((peer, part));
            }
        }
        Ok(Fused { plan, parts })
    }

    /// The number of this member.
    fn member(&self, peer: Peer) -> Option<usize> {
        self.parts.iter().position(|(other, _)| *other == peer)
    }

    /// The provider of a member's import, and the name of the export; "" for the world itself.
    fn provider<'n>(
        &'n self,
        member: usize,
        module: &'n str,
        name: &'n str,
    ) -> Option<(usize, &'n str)> {
        let is_root = module == ROOT;
        let import = if is_root { name } else { module };
        if let Some((to, export)) = self.plan.serving(self.parts[member].0, import) {
            return Some((self.member(to)?, if is_root { "" } else { export }));
        }
        let core = self.member(Peer::Core).filter(|core| *core != member)?;
        self.parts[core].1.exports(import).then_some((core, import))
    }

    /// The target of an import; `None` if the import cannot be fused.
    fn target(
        &self,
        surveys: &[Survey<'_>],
        member: usize,
        import: &Import<'_>,
    ) -> Result<Option<Target>> {
        let Import { module, name, .. } = *import;
        let dtor = |of: usize, interface: &str, resource: &str| {
            let exports = &surveys[of].exports;
            match exports.get(export_name(interface, &format!("[dtor]{resource}")).as_str()) {
                Some(function) => Target::Function(of, *function),
                None => Target::Nothing,
            }
        };
        if let Some(interface) = module.strip_prefix("[export]") {
            if member == GUEST && self.plan.forwarded.iter().any(|name| name == interface) {
                return Ok(Some(Target::Host { has_lists: false }));
            }
            if let Some(resource) = name.strip_prefix("[resource-drop]") {
                return Ok(Some(dtor(member, interface, resource)));
            }
            if name.starts_with("[resource-new]") || name.starts_with("[resource-rep]") {
                return Ok(Some(Target::Same));
            }
            bail!("a module imports `{name}` of `{module}`, which is not known");
        }
        let Some((to, interface)) = self.provider(member, module, name) else {
            let function = self.parts[member].1.import(module, name);
            if function.is_none() && !name.starts_with("[resource-drop]") {
                bail!("there is no WIT of `{name}` of `{module}`, which is imported");
            }
            let resolve = &self.parts[member].1.resolve;
            let result = function.and_then(|function| function.result.as_ref());
            let has_lists = result.is_some_and(|ty| has_lists(resolve, ty));
            return Ok(Some(Target::Host { has_lists }));
        };
        if let Some(resource) = name.strip_prefix("[resource-drop]") {
            return Ok(Some(dtor(to, interface, resource)));
        }
        let part = &self.parts[member].1;
        let function = part
            .import(module, name)
            .with_context(|| format!("there is no WIT of `{name}` of `{module}`"))?;
        if !self.lends_to(member, to, function) {
            return Ok(None);
        }
        let exports = &surveys[to].exports;
        let exported = export_name(interface, name);
        let index = *exports
            .get(exported.as_str())
            .with_context(|| format!("nobody exports `{exported}`"))?;
        let post = exports.get(format!("cabi_post_{exported}").as_str());
        Ok(Some(match post {
            None if is_plain(&part.resolve, function) => Target::Function(to, index),
            post => Target::Crossing {
                to,
                function: index,
                post: post.copied(),
            },
        }))
    }

    /// Whether all resources that a function borrows are the callee's own. The callee would drop borrowed handles of others.
    fn lends_to(&self, member: usize, to: usize, function: &wit_parser::Function) -> bool {
        let part = &self.parts[member].1;
        let resolve = &part.resolve;
        let is_foreign = |ty: &Type| {
            let Type::Id(id) = ty else { return false };
            let TypeDefKind::Handle(Handle::Borrow(resource)) = resolve.types[*id].kind else {
                return false;
            };
            let (_, interface) = part::resource(resolve, resource);
            let provider =
                interface.and_then(|of| self.provider(member, &of, "").map(|(of, _)| of));
            provider != Some(to)
        };
        let mut params = function.params.iter();
        !params.any(|param| super::walk::contains(resolve, &param.ty, &is_foreign))
    }

    /// The functions that the fused module exports, by the indices in members.
    fn exports(&self, surveys: &[Survey<'_>]) -> Vec<(String, usize, u32)> {
        let mut exports = Vec::new();
        for (member, survey) in surveys.iter().enumerate() {
            for (name, function) in &survey.exports {
                let is_called = match self.parts[member].0 {
                    Peer::Guests => {
                        let called = name.strip_prefix("cabi_post_").unwrap_or(name);
                        let called = called
                            .split_once('#')
                            .map_or(called, |(interface, _)| interface);
                        self.plan.forwarded.iter().any(|name| name == called)
                    }
                    Peer::Http => name.contains('#'),
                    Peer::Driver => *name != REALLOC,
                    Peer::Adapter(_) | Peer::Bridge | Peer::Core => false,
                };
                if is_called {
                    exports.push(((*name).to_owned(), member, *function));
                }
            }
        }
        exports.sort();
        exports
    }

    /// The parts of the fused module.
    fn parts(&self, room: Room) -> Result<Option<Parts<'_>>> {
        let surveys = self.parts.iter().map(|(_, part)| Survey::of(&part.module));
        let surveys: Vec<_> = surveys.collect::<Result<_>>()?;
        let mut targets = Vec::new();
        for (member, survey) in surveys.iter().enumerate() {
            let mut of_member = Vec::new();
            for import in &survey.imports {
                let Some(target) = self.target(&surveys, member, import)? else {
                    return Ok(None);
                };
                of_member.push(target);
            }
            targets.push(of_member);
        }
        let exports = self.exports(&surveys);
        let members = surveys
            .into_iter()
            .zip(&self.parts)
            .map(|(survey, (_, part))| Member {
                survey,
                moved: part.moved.clone(),
            });
        let sizes = self.parts.iter().map(|(_, part)| sizes(&part.resolve));
        let linker = Linker {
            fused: self,
            sizes: sizes.collect::<Result<_>>()?,
            parts: Parts {
                members: members.collect(),
                hosts: Vec::new(),
                imports: Vec::new(),
                made: Vec::new(),
                start: Vec::new(),
                exports: Vec::new(),
                called: self.member(Peer::Driver).unwrap_or(GUEST),
                room,
            },
            targets,
        };
        linker.link(&exports).map(Some)
    }
}
