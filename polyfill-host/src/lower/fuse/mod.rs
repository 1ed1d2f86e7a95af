//! Makes one module of a guest and all that is put beside it, in the guest's memory.
//!
//! A host of WASI 0.2 instantiates a component for each request, and each instance and each memory in it costs more than what
//! a small guest does. In one memory, calls between modules are calls of functions, and handles of our own resources are what
//! they stand for. Several guests stay apart: they must not see each other's memory.

mod component;
mod crossing;
mod merge;
mod survey;

use super::core;
use super::part::{self, decode, main_module};
use super::place::{Moved, Place, Room};
use super::plan::Plan;
use crate::abi::{InterfaceName, Shape};
use anyhow::{Context, Result, bail};
use crossing::{Called, crossing, has_lists, is_plain};
use merge::{Made, Member, Parts};
use std::collections::HashMap;
use survey::{Import, Signature, Survey};
use wasm_encoder::ValType::I32;
use wasm_encoder::{BlockType, Function};
use wasmparser::{Parser, Payload, TypeRef};
use wit_parser::{
    Handle, Resolve, SizeAlign, Type, TypeDefKind, TypeId, TypeOwner, WorldId, WorldItem, WorldKey,
};

/// How many pages of memory a guest may have from the start, so that there is room for others: half of what there can be.
const MOST: u64 = 1 << 15;

/// Allocates in memory, by the canonical ABI.
const REALLOC: &str = "cabi_realloc";

/// The component of one module, with the imports and exports that `lowered` has; None if it must be several. `plugged` is all of
/// it but the core.
///
/// # Errors
/// If something of our own is malformed.
pub fn fuse(
    guests: &[u8],
    shape: &Shape,
    plan: &Plan,
    plugged: &[u8],
    lowered: &[u8],
) -> Result<Option<Vec<u8>>> {
    // Whoever is called by the host allocates for it, and that is one of us.
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
    let mut room = Room::behind(behind.pages, behind.elements, survey.stack.is_none())?;
    let fused = Fused::new(guests, guest, shape, plan, plugged, &mut room)?;
    let Some(parts) = fused.parts(room)? else {
        return Ok(None);
    };
    let (resolve, world) = decode(lowered)?;
    let module = parts.merge(false)?.module.finish();
    let made = part::encode(module, &resolve, world)?;
    if survey.has_passive_data {
        return Ok(Some(made));
    }
    let merged = parts.merge(true)?;
    let modules = [&component::memory_module(&merged), &merged.module];
    let imports: Vec<_> = parts.imports().collect();
    let component = component::component(&made, modules, &imports);
    component.context("failed to take it apart").map(Some)
}

/// Whether a component has one module, and else only what `wit-component` puts beside it: modules without a memory, which lead
/// from one to the other.
fn is_single(component: &[u8]) -> Result<bool> {
    let mut modules = 0;
    let mut depth = 0;
    // Whether the module under way is one that counts.
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

/// What is fused.
struct Fused<'a> {
    shape: &'a Shape,
    plan: &'a Plan,
    /// The guest is the first.
    parts: Vec<Part>,
    core: usize,
    /// By their places in the plan.
    adapted: HashMap<usize, usize>,
    http: Option<usize>,
    driver: Option<usize>,
    bridge: Option<usize>,
}

const GUEST: usize = 0;

struct Part {
    module: Vec<u8>,
    moved: Option<Moved>,
    resolve: Resolve,
    world: WorldId,
    sizes: SizeAlign,
}

impl Part {
    fn new(part: part::Part) -> Result<Part> {
        let part::Part {
            module,
            moved,
            resolve,
            world,
        } = part;
        let mut sizes = SizeAlign::default();
        sizes.fill(&resolve)?;
        Ok(Part {
            module,
            moved,
            resolve,
            world,
            sizes,
        })
    }

    /// A function that the module imports.
    fn import(&self, module: &str, name: &str) -> Option<&wit_parser::Function> {
        let imports = &self.resolve.worlds[self.world].imports;
        imports.iter().find_map(|(key, item)| match (key, item) {
            (WorldKey::Name(key), WorldItem::Function(function)) => {
                (module == "$root" && key == name).then_some(function)
            }
            (key, WorldItem::Interface { id, .. }) => {
                let is_it = self.resolve.name_world_key(key) == module;
                let functions = &self.resolve.interfaces[*id].functions;
                functions.get(name).filter(|_| is_it)
            }
            _ => None,
        })
    }

    /// Whether its world has this export.
    fn exports(&self, name: &str) -> bool {
        let exports = self.resolve.worlds[self.world].exports.keys();
        exports
            .into_iter()
            .any(|key| self.resolve.name_world_key(key) == name)
    }

    /// The interface that a resource is of.
    fn interface_of(&self, resource: TypeId) -> Option<String> {
        let mut id = resource;
        while let TypeDefKind::Type(Type::Id(of)) = self.resolve.types[id].kind {
            id = of;
        }
        match self.resolve.types[id].owner {
            TypeOwner::Interface(interface) => self.resolve.id_of(interface),
            _ => None,
        }
    }
}

/// What becomes of an import.
enum Target {
    /// It stays one. Whether the host's answer has lists, which this member has to allocate.
    Host { has_lists: bool },
    /// A representation is its own handle.
    Same,
    /// There is nothing to be done.
    Nothing,
    /// A function of another member, or of itself, as it is.
    Function(usize, u32),
    /// A function of another member, behind what the canonical ABI does.
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
        shape: &'a Shape,
        plan: &'a Plan,
        plugged: &[u8],
        room: &mut Room,
    ) -> Result<Fused<'a>> {
        let mut place = Place::Within(room);
        let (resolve, world) = decode(guests)?;
        let mut fused = Fused {
            shape,
            plan,
            parts: Vec::new(),
            core: 0,
            adapted: HashMap::new(),
            http: None,
            driver: None,
            bridge: None,
        };
        fused.add(part::Part {
            module: guest.to_vec(),
            moved: None,
            resolve,
            world,
        })?;
        for (at, _, part) in plan.adapted.parts(&mut place)? {
            let part = fused.add(part)?;
            fused.adapted.insert(at, part);
        }
        if let Some((http, _)) = plan.http() {
            fused.http = Some(fused.add(part::Part::of(http, &mut place)?)?);
        }
        fused.core = fused.add(core::for_imports(plugged, &mut place)?)?;
        let mut made = |part: &part::Part| {
            let (module, moved) = place.put(&part.module)?;
            fused.add(part::Part {
                module,
                moved,
                resolve: part.resolve.clone(),
                world: part.world,
            })
        };
        let driver = plan.driver.as_ref().map(&mut made).transpose()?;
        let bridge = plan.bridge.as_ref().map(&mut made).transpose()?;
        (fused.driver, fused.bridge) = (driver, bridge);
        Ok(fused)
    }

    fn add(&mut self, part: part::Part) -> Result<usize> {
        self.parts.push(Part::new(part)?);
        Ok(self.parts.len() - 1)
    }

    /// Who exports what a member imports, and as what.
    fn provider<'n>(
        &'n self,
        member: usize,
        module: &'n str,
        name: &str,
    ) -> Option<(usize, &'n str)> {
        let bridge = self.bridge.filter(|_| member == GUEST);
        if module == "$root" {
            let exports = |to: usize| self.parts[to].exports(name);
            return match self.driver == Some(member) {
                true => Some((GUEST, "")),
                false => bridge.filter(|to| exports(*to)).map(|to| (to, "")),
            };
        }
        if let Some(to) = bridge.filter(|to| self.parts[*to].exports(module)) {
            return Some((to, module));
        }
        if [Some(GUEST), self.http].contains(&Some(member))
            && let Some((at, export)) = self.plan.adapted.serving(module)
        {
            return Some((self.adapted[&at], export));
        }
        if self.http == Some(member) {
            let is_handler = InterfaceName::parse(module)
                .is_some_and(|name| (name.package, name.interface) == ("wasi:http", "handler"));
            if let Some(handler) = self.plan.handler.as_deref().filter(|_| is_handler) {
                return Some((GUEST, handler));
            }
        }
        if self.driver == Some(member) && self.shape.exports.iter().any(|export| export == module) {
            return Some((GUEST, module));
        }
        let is_core = member != self.core && self.parts[self.core].exports(module);
        is_core.then_some((self.core, module))
    }

    /// What becomes of an import; None if it cannot be fused.
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
            let function = self.parts[member].import(module, name);
            let resolve = &self.parts[member].resolve;
            let result = function.and_then(|function| function.result.as_ref());
            let has_lists = result.is_some_and(|ty| has_lists(resolve, ty));
            return Ok(Some(Target::Host { has_lists }));
        };
        if let Some(resource) = name.strip_prefix("[resource-drop]") {
            return Ok(Some(dtor(to, interface, resource)));
        }
        let part = &self.parts[member];
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

    /// Whether all resources that a function borrows are the callee's own. Of others it would drop what it was lent.
    fn lends_to(&self, member: usize, to: usize, function: &wit_parser::Function) -> bool {
        let part = &self.parts[member];
        let resolve = &part.resolve;
        let is_foreign = |ty: &Type| {
            let Type::Id(id) = ty else { return false };
            let TypeDefKind::Handle(Handle::Borrow(resource)) = resolve.types[*id].kind else {
                return false;
            };
            let interface = part.interface_of(resource);
            let provider =
                interface.and_then(|of| self.provider(member, &of, "").map(|(of, _)| of));
            provider != Some(to)
        };
        let mut params = function.params.iter();
        !params.any(|param| super::walk::contains(resolve, &param.ty, &is_foreign))
    }

    /// The functions that the one module exports, as members have them.
    fn exports(&self, surveys: &[Survey<'_>]) -> Vec<(String, usize, u32)> {
        let mut exports = Vec::new();
        for (member, survey) in surveys.iter().enumerate() {
            for (name, function) in &survey.exports {
                let is_called = match member {
                    GUEST => {
                        let called = name.strip_prefix("cabi_post_").unwrap_or(name);
                        let called = called
                            .split_once('#')
                            .map_or(called, |(interface, _)| interface);
                        self.plan.forwarded.iter().any(|name| name == called)
                    }
                    member if self.http == Some(member) => name.contains('#'),
                    member if self.driver == Some(member) => *name != REALLOC,
                    _ => false,
                };
                if is_called {
                    exports.push(((*name).to_owned(), member, *function));
                }
            }
        }
        exports.sort();
        exports
    }

    /// What the one module consists of.
    fn parts(&self, room: Room) -> Result<Option<Parts<'_>>> {
        let surveys = self.parts.iter().map(|part| Survey::of(&part.module));
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
            .map(|(survey, part)| Member {
                survey,
                moved: part.moved.clone(),
            });
        let linker = Linker {
            fused: self,
            parts: Parts {
                members: members.collect(),
                hosts: Vec::new(),
                imports: Vec::new(),
                made: Vec::new(),
                grow: 0,
                start: Vec::new(),
                realloc: 0,
                exports: Vec::new(),
                // Who allocates when the host calls.
                who: self.driver.unwrap_or(GUEST) as i32,
                room,
            },
            targets,
        };
        linker.link(&exports).map(Some)
    }
}

/// What a function of an interface is exported as; none: of the world itself.
fn export_name(interface: &str, function: &str) -> String {
    match interface {
        "" => function.to_owned(),
        interface => format!("{interface}#{function}"),
    }
}

/// Gives functions their indices, and makes those that are missing.
struct Linker<'f, 'a> {
    fused: &'f Fused<'f>,
    parts: Parts<'a>,
    targets: Vec<Vec<Target>>,
}

impl<'a> Linker<'_, 'a> {
    fn link(mut self, exports: &[(String, usize, u32)]) -> Result<Parts<'a>> {
        // What several import of the host is imported once.
        let mut hosts: HashMap<(&str, &str), u32> = HashMap::new();
        let mut host_of = HashMap::new();
        for (member, targets) in self.targets.iter().enumerate() {
            let imports = &self.parts.members[member].survey.imports;
            for (at, (target, import)) in targets.iter().zip(imports).enumerate() {
                if let Target::Host { .. } = target {
                    let next = hosts.len() as u32;
                    let index = *hosts.entry((import.module, import.name)).or_insert(next);
                    if index == next {
                        self.parts.hosts.push((member, at));
                    }
                    host_of.insert((member, at), index);
                }
            }
        }
        let first = self.parts.first_made();
        let [grow, same, nothing, realloc] = [1, 2, 3, 4].map(|at| first + at);
        let mut next = realloc + 1;
        (self.parts.grow, self.parts.realloc) = (grow, realloc);
        for (member, targets) in self.targets.iter().enumerate() {
            let mut indices = Vec::new();
            for (at, target) in targets.iter().enumerate() {
                indices.push(match target {
                    Target::Host { has_lists: false } => host_of[&(member, at)],
                    Target::Same => same,
                    Target::Nothing => nothing,
                    Target::Function(to, function) => self.defined(*to, *function)?,
                    Target::Host { has_lists: true } | Target::Crossing { .. } => {
                        next += 1;
                        next - 1
                    }
                });
            }
            self.parts.imports.push(indices);
        }
        let mut made = vec![
            Made {
                name: "grow".to_owned(),
                signature: (vec![I32], vec![I32]),
                body: self.grow(),
            },
            Made {
                name: "same".to_owned(),
                signature: (vec![I32], vec![I32]),
                body: function(|body| {
                    body.local_get(0);
                }),
            },
            Made {
                name: "nothing".to_owned(),
                signature: (vec![I32], vec![]),
                body: function(|_| {}),
            },
            Made {
                name: REALLOC.to_owned(),
                signature: (vec![I32; 4], vec![I32]),
                body: self.realloc()?,
            },
        ];
        for (member, targets) in self.targets.iter().enumerate() {
            for (at, target) in targets.iter().enumerate() {
                made.extend(self.make(member, at, target, host_of.get(&(member, at)))?);
            }
        }
        self.parts.made = made;
        let guest = &self.parts.members[GUEST].survey;
        let initialize = guest.exports.get("_initialize").copied();
        for start in guest.start.into_iter().chain(initialize) {
            self.parts.start.push(self.defined(GUEST, start)?);
        }
        self.parts.exports.push((REALLOC.to_owned(), realloc));
        for (name, member, function) in exports {
            let function = self.defined(*member, *function)?;
            self.parts.exports.push((name.clone(), function));
        }
        Ok(self.parts)
    }

    /// The index in the end of a function that a member defines.
    fn defined(&self, member: usize, function: u32) -> Result<u32> {
        let imports = self.parts.members[member].survey.imports.len() as u32;
        let defined = function
            .checked_sub(imports)
            .context("a module exports what it imports")?;
        Ok(self.parts.first(member) + defined)
    }

    /// What a member allocates with, if it does.
    fn realloc_of(&self, member: usize) -> Result<Option<u32>> {
        let function = self.parts.members[member].survey.exports.get(REALLOC);
        function
            .map(|function| self.defined(member, *function))
            .transpose()
    }

    /// Allocates for the host: with the function of whoever calls it, or is called.
    fn realloc(&self) -> Result<Function> {
        let mut reallocs = Vec::new();
        for member in 0..self.parts.members.len() {
            if let Some(realloc) = self.realloc_of(member)? {
                reallocs.push((member as i32, realloc));
            }
        }
        let who = self.parts.who();
        Ok(function(|body| {
            for (member, realloc) in reallocs {
                body.global_get(who).i32_const(member).i32_eq();
                body.if_(BlockType::Empty);
                for param in 0..4 {
                    body.local_get(param);
                }
                body.call(realloc).return_().end();
            }
            body.unreachable();
        }))
    }

    /// Answers where so many pages of memory are that nobody used before: of those that are there from the start, as long as there
    /// are any. Growth costs a host two system calls, which it has to undo.
    fn grow(&self) -> Function {
        let (spare, end) = (self.parts.spare(), self.parts.pages());
        function(|body| {
            body.local_get(0)
                .i32_const(end.cast_signed())
                .global_get(spare)
                .i32_sub()
                .i32_le_u()
                .if_(BlockType::Empty)
                .global_get(spare)
                .global_get(spare)
                .local_get(0)
                .i32_add()
                .global_set(spare)
                .return_()
                .end();
            body.local_get(0).memory_grow(0);
        })
    }

    /// The function that is called instead of an import, if there has to be one.
    fn make(
        &self,
        member: usize,
        at: usize,
        target: &Target,
        host: Option<&u32>,
    ) -> Result<Option<Made>> {
        let survey = &self.parts.members[member].survey;
        let import = &survey.imports[at];
        let signature: &Signature = survey.signature(import)?;
        let (body, what) = match target {
            Target::Host { has_lists: true } => {
                let host = *host.context("an import of the host has no index")?;
                let (who, default) = (self.parts.who(), self.parts.who);
                let body = function(|body| {
                    body.i32_const(member as i32).global_set(who);
                    for param in 0..signature.0.len() as u32 {
                        body.local_get(param);
                    }
                    body.call(host).i32_const(default).global_set(who);
                });
                (body, "host")
            }
            Target::Crossing { to, function, post } => {
                let post = post.map(|post| self.defined(*to, post)).transpose()?;
                let called = Called {
                    function: self.defined(*to, *function)?,
                    post,
                    caller: self.realloc_of(member)?,
                    callee: self.realloc_of(*to)?,
                };
                let part = &self.fused.parts[member];
                let function = part.import(import.module, import.name);
                let function = function.context("a function has no WIT")?;
                (
                    crossing(&part.resolve, &part.sizes, function, &called)?,
                    "to",
                )
            }
            _ => return Ok(None),
        };
        Ok(Some(Made {
            name: format!("{what} {}#{}", import.module, import.name),
            signature: signature.clone(),
            body,
        }))
    }
}

/// A function without locals.
fn function(body: impl FnOnce(&mut wasm_encoder::InstructionSink<'_>)) -> Function {
    let mut function = Function::new([]);
    body(&mut function.instructions());
    function.instructions().end();
    function
}
