//! The module that is made for each component: everything that depends on the types of its functions.

mod ends;
pub mod exports;
mod hold;
pub mod imports;
pub mod layout;
mod lists;
mod loans;
pub mod pipes;
pub mod reallocs;
pub mod runtime;
mod walk;

use crate::error::{Error, Result};
use crate::key::{ResourceName, Side};
use crate::module::{Builder, Code, Func, Signature};
use crate::world::World;
use isyswasfa_wit::names::{ROOT, TASKS};
use layout::{Layouts, Owned};
use std::collections::{BTreeMap, HashMap};
use walk::{Place, Row, Visit};
use wasm_encoder::{Instruction as I, ValType};
use wit_parser::{Resolve, TypeId, TypeOwner};

/// The names of the modules that the glue imports from, besides those of the split world.
pub const RUNTIME: &str = "runtime";
pub const LATE: &str = "late";
pub const GUEST: &str = "guest";

/// The guest's memory.
pub const MEMORY: &str = "memory";

/// The places of the table that the runtime knows.
const FIRST_PLACES: [&str; 2] = ["grow", "copy"];

/// Something that the table of the glue has.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Late {
    /// A function of the glue, exported under this name.
    Glue(String),
    /// A core function of the guest.
    Guest(u32),
    /// A function that the split world imports.
    Split(String, String),
}

/// Where a core function comes from in the translated component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A function that the split world imports, by module and name.
    Split(String, String),
    /// An export of the runtime.
    Runtime(&'static str),
    /// An export of the glue.
    Glue(String),
    /// A core function of the guest.
    Guest(u32),
}

/// The glue under construction.
pub struct Glue<'a> {
    pub world: &'a World,
    pub layouts: Layouts<'a>,
    pub builder: Builder,
    /// Imports of the split world that are used, with their types.
    pub used: BTreeMap<(String, String), Signature>,
    /// What the table has, with its types.
    pub late: Vec<(Late, Signature)>,
    late_places: HashMap<Late, u32>,
    /// Memories and reallocs of the guest.
    pub reallocs: Vec<u32>,
    /// Exports of the split component.
    pub exports: Vec<(String, Signature, Source)>,
    /// The functions of the glue that are exported, by their names, with their types.
    funcs: HashMap<String, (Func, Signature)>,
    /// Functions of the glue that the guest may be given before the glue is there: trampolines, by the place that they call.
    pub early: Vec<(String, u32, Signature)>,
    scratch: Option<Func>,
    realloc: Option<Func>,
    /// Reallocs of the glue for exported functions whose parameters the guest is not given as they come: by the names of both.
    pub own_reallocs: BTreeMap<String, &'static str>,
    /// The places of the destructors of the resources that the guest exports.
    pub dtors: HashMap<ResourceName, u32>,
    /// Whether an import was linked, by the place of its poll: a variable.
    linked: HashMap<u32, u32>,
    /// The numbers of the types of streams and futures, and of results with their options, by their keys.
    type_numbers: HashMap<String, u32>,
    globals: Globals,
}

/// Variables of the glue.
#[derive(Clone, Copy)]
pub struct Globals {
    scratch: u32,
    /// Where the next list that is lowered goes, and how much room is there; 0: the guest's realloc says where.
    pub hint: u32,
    pub room: u32,
    /// Which of the guest's reallocs is asked.
    pub realloc: u32,
}

/// Room for what a call answers: more than any answer with a fixed size, and `tuple<pending, u32, u64>`.
const SCRATCH: u32 = 16;

impl<'a> Glue<'a> {
    pub fn new(
        world: &'a World,
        reallocs: Vec<u32>,
        has_memory: bool,
        answers: u32,
        layouts: Layouts<'a>,
    ) -> Glue<'a> {
        let mut builder = Builder::default();
        builder.table(LATE, crate::late::TABLE, 0);
        match has_memory {
            true => builder.memory(GUEST, MEMORY),
            // A guest without memory passes numbers only, but what the core answers needs some.
            false => builder.own_memory(MEMORY),
        }
        let globals = Globals {
            scratch: builder.global(),
            hint: builder.global(),
            room: builder.global(),
            realloc: builder.global(),
        };
        let mut glue = Glue {
            world,
            layouts,
            builder,
            used: BTreeMap::new(),
            late: Vec::new(),
            late_places: HashMap::new(),
            reallocs,
            exports: Vec::new(),
            funcs: HashMap::new(),
            early: Vec::new(),
            scratch: None,
            realloc: None,
            own_reallocs: BTreeMap::new(),
            dtors: HashMap::new(),
            linked: HashMap::new(),
            type_numbers: HashMap::new(),
            globals,
        };
        for (name, params, results) in runtime::CORE {
            glue.used.insert(
                (TASKS.to_owned(), name.to_owned()),
                Signature::new(params, results),
            );
        }
        glue.first_places(answers);
        glue
    }

    /// A function of the runtime.
    pub fn rt(&mut self, name: &'static str) -> Func {
        self.builder.import(RUNTIME, name, runtime::signature(name))
    }

    /// A function that the split world imports.
    pub fn split(&mut self, module: &str, name: &str, signature: Signature) -> Func {
        self.used
            .entry((module.to_owned(), name.to_owned()))
            .or_insert_with(|| signature.clone());
        self.builder.import(module, name, signature)
    }

    /// The place of something in the table.
    pub fn place(&mut self, late: Late, signature: Signature) -> u32 {
        if let Some(place) = self.late_places.get(&late) {
            return *place;
        }
        if let Late::Split(module, name) = &late {
            self.used
                .entry((module.clone(), name.clone()))
                .or_insert_with(|| signature.clone());
        }
        let place = self.late.len() as u32;
        self.late_places.insert(late.clone(), place);
        self.late.push((late, signature));
        place
    }

    /// A function of the glue that is exported under `name`, made by `make` if there is none yet.
    pub fn once(
        &mut self,
        name: &str,
        signature: Signature,
        make: impl FnOnce(&mut Self) -> Result<Code>,
    ) -> Result<String> {
        if self.funcs.contains_key(name) {
            return Ok(name.to_owned());
        }
        let func = self.builder.declare(name, signature.clone());
        self.funcs.insert(name.to_owned(), (func, signature));
        let code = make(self)?;
        self.builder.define(func, code);
        self.builder.export(name, func);
        Ok(name.to_owned())
    }

    /// Makes a trampoline for a function of the glue, for those who need it before the glue is there.
    pub fn add_early(&mut self, name: &str) {
        if self.early.iter().any(|(early, ..)| early == name) {
            return;
        }
        if let Some((_, signature)) = self.funcs.get(name).cloned() {
            let place = self.place(Late::Glue(name.to_owned()), signature.clone());
            self.early.push((name.to_owned(), place, signature));
        }
    }

    /// The function of the glue with this name.
    pub fn known(&self, name: &str) -> Result<Func> {
        let func = self.funcs.get(name).map(|(func, _)| *func);
        func.ok_or_else(|| Error::internal(format!("the glue has no `{name}`")))
    }

    /// A function of the glue, in the table.
    pub fn late(
        &mut self,
        name: &str,
        signature: Signature,
        make: impl FnOnce(&mut Self) -> Result<Code>,
    ) -> Result<u32> {
        let name = self.once(name, signature.clone(), make)?;
        Ok(self.place(Late::Glue(name), signature))
    }

    /// A function that answers the address of room for one answer, in the guest's memory.
    pub fn scratch(&mut self) -> Func {
        match self.scratch {
            Some(func) => func,
            None => unreachable!("made with the first places"),
        }
    }

    /// What the runtime finds at the beginning of the table; and the scratch, and the guest's realloc.
    fn first_places(&mut self, answers: u32) {
        let four = Signature::new(&[ValType::I32; 4], &[ValType::I32]);
        let three = Signature::new(&[ValType::I32; 3], &[ValType::I32]);
        let reallocs: Vec<Func> = (0..self.reallocs.len())
            .map(|i| {
                self.builder
                    .import(GUEST, &format!("realloc-{i}"), four.clone())
            })
            .collect();
        // (1) The guest's realloc: the one of whoever called us, unless room was given.
        let mut code = Code::new(4);
        code.push([
            I::GlobalGet(self.globals.hint),
            I::If(wasm_encoder::BlockType::Empty),
            // Only for a new list that fits.
            I::LocalGet(1),
            I::I32Eqz,
            I::LocalGet(3),
            I::GlobalGet(self.globals.room),
            I::I32LeU,
            I::I32And,
            I::If(wasm_encoder::BlockType::Empty),
            I::GlobalGet(self.globals.hint),
            I::I32Const(0),
            I::GlobalSet(self.globals.hint),
            I::Return,
            I::End,
            I::End,
        ]);
        for (i, realloc) in reallocs.iter().enumerate().skip(1) {
            code.push([
                I::GlobalGet(self.globals.realloc),
                I::I32Const(i as i32),
                I::I32Eq,
                I::If(wasm_encoder::BlockType::Empty),
            ]);
            (0..4).for_each(|local| code.get(local));
            code.call(*realloc);
            code.push([I::Return, I::End]);
        }
        match reallocs.first() {
            Some(realloc) => {
                (0..4).for_each(|local| code.get(local));
                code.call(*realloc);
            }
            None => code.push([I::Unreachable]),
        }
        let realloc = self.builder.func("realloc", four, code);
        self.builder.export("realloc", realloc);
        self.realloc = Some(realloc);
        // (2) `grow`
        let mut code = Code::new(3);
        match reallocs.first() {
            Some(realloc) => {
                code.push([
                    I::I32Const(0),
                    I::I32Const(0),
                    I::I32Const(16),
                    I::LocalGet(0),
                ]);
                code.call(*realloc);
            }
            // Pages that nobody else knows of.
            None => {
                let pages = code.local(ValType::I32);
                code.push([
                    I::LocalGet(0),
                    I::I32Const(0xffff),
                    I::I32Add,
                    I::I32Const(16),
                    I::I32ShrU,
                    I::MemoryGrow(0),
                    I::LocalTee(pages),
                    I::I32Const(-1),
                    I::I32Eq,
                    I::If(wasm_encoder::BlockType::Result(ValType::I32)),
                    I::I32Const(0),
                    I::Else,
                    I::LocalGet(pages),
                    I::I32Const(16),
                    I::I32Shl,
                    I::End,
                ]);
            }
        }
        let grow = self.builder.func(FIRST_PLACES[0], three.clone(), code);
        // (3) `copy`
        let mut code = Code::new(3);
        code.push([
            I::LocalGet(0),
            I::LocalGet(1),
            I::LocalGet(2),
            I::MemoryCopy {
                src_mem: 0,
                dst_mem: 0,
            },
            I::I32Const(0),
        ]);
        let copy = self.builder.func(FIRST_PLACES[1], three.clone(), code);
        for (name, func) in FIRST_PLACES.into_iter().zip([grow, copy]) {
            self.builder.export(name, func);
            self.place(Late::Glue(name.to_owned()), three.clone());
        }
        // (4) The scratch.
        let keep = self.rt("keep");
        let mut code = Code::new(0);
        code.push([
            I::GlobalGet(self.globals.scratch),
            I::I32Eqz,
            I::If(wasm_encoder::BlockType::Empty),
            I::I32Const(answers.max(SCRATCH) as i32),
        ]);
        code.call(keep);
        code.push([
            I::GlobalSet(self.globals.scratch),
            I::End,
            I::GlobalGet(self.globals.scratch),
        ]);
        let scratch = self
            .builder
            .func("scratch", Signature::new(&[], &[ValType::I32]), code);
        self.scratch = Some(scratch);
    }

    /// `waitable-set.wait` or `poll`: the event's waitable and payload go to the guest's memory.
    pub fn set_event(&mut self, name: &'static str) -> Result<Source> {
        let glue_name = format!("{name} to memory");
        let two = Signature::new(&[ValType::I32; 2], &[ValType::I32]);
        let name = self.once(&glue_name, two, |glue| {
            let (wait, waitable, payload) = (
                glue.rt(name),
                glue.rt("found-waitable"),
                glue.rt("found-payload"),
            );
            let mut code = Code::new(2);
            code.push([I::LocalGet(0)]);
            code.call(wait);
            code.push([I::LocalGet(1)]);
            code.call(waitable);
            code.push([I::I32Store(layout::at(0)), I::LocalGet(1)]);
            code.call(payload);
            code.push([I::I32Store(layout::at(4))]);
            Ok(code)
        })?;
        Ok(Source::Glue(name))
    }

    /// A number for a type, by which the runtime compares it.
    fn number_of(&mut self, key: &str) -> u32 {
        let next = self.type_numbers.len() as u32;
        *self.type_numbers.entry(key.to_owned()).or_insert(next)
    }

    pub fn globals(&self) -> Globals {
        self.globals
    }

    /// The split world's module that has a resource of the guest's.
    pub fn resource_module(&self, resource: &ResourceName) -> String {
        let module = match &resource.interface {
            Some(interface) => self.world.split.name(interface),
            None => ROOT,
        };
        match resource.side {
            Side::Import => module.to_owned(),
            Side::Export => format!("[export]{module}"),
        }
    }

    /// What values of these types may own.
    fn owned(&self, types: &[wit_parser::Type]) -> Vec<Owned> {
        let mut find = Find::default();
        let mut code = Code::new(1);
        for ty in types {
            self.layouts.walk(&mut code, ty, 0, 0, &mut find);
        }
        find.owned
    }

    /// Drops what a result or parameter of an exported function owns.
    pub fn drop_handles(&mut self, types: &[wit_parser::Type]) -> Result<Option<DropHandles>> {
        let mut drops = DropHandles::default();
        let owned = self.owned(types);
        if owned.is_empty() {
            return Ok(None);
        }
        for owned in owned {
            let (id, module, name) = match owned {
                Owned::Pipe(id) => {
                    let pipe = self.pipe_of(id)?;
                    let module = match self.world.implements(pipe) {
                        true => format!("[export]{}", pipe.interface),
                        false => pipe.interface.clone(),
                    };
                    (id, module, format!("[resource-drop]{}", pipe.reader))
                }
                Owned::Resource(id) => {
                    let resource = exported_resource(self.world, id);
                    let name = format!("[resource-drop]{}", resource.name);
                    (id, self.resource_module(&resource), name)
                }
            };
            let func = self.split(&module, &name, Signature::new(&[ValType::I32], &[]));
            drops.drops.insert(id, func);
        }
        Ok(Some(drops))
    }

    fn pipe_of(&self, id: TypeId) -> Result<&'a isyswasfa_wit::Pipe> {
        let key = self.world.key(&wit_parser::Type::Id(id));
        let pipe = self.world.pipes.get(&key);
        pipe.ok_or_else(|| Error::internal(format!("the split has no pipe for `{key}`")))
    }
}

/// The resource that a type of an exported function means: the exported one, if the world has both.
pub fn exported_resource(world: &World, mut id: TypeId) -> ResourceName {
    let resolve: &Resolve = &world.original;
    while let wit_parser::TypeDefKind::Type(wit_parser::Type::Id(inner)) = resolve.types[id].kind {
        id = inner;
    }
    let ty = &resolve.types[id];
    let (side, interface) = match ty.owner {
        TypeOwner::Interface(owner) => {
            let exports = &resolve.worlds[world.id].exports;
            let exported = exports.iter().any(|(_, item)| {
                matches!(item, wit_parser::WorldItem::Interface { id, .. } if *id == owner)
            });
            let side = if exported { Side::Export } else { Side::Import };
            (side, Some(world.interface_name(owner)))
        }
        _ => (Side::Import, None),
    };
    ResourceName {
        side,
        interface,
        name: ty.name.clone().unwrap_or_default(),
    }
}

/// What a type owns.
#[derive(Default)]
struct Find {
    owned: Vec<Owned>,
}

impl Visit for Find {
    fn handle(&mut self, _: &mut Code, owned: Owned, _: Place) {
        self.owned.push(owned);
    }

    fn list(&mut self, _: &mut Code, _: u32, _: u64, _: Row) {}

    fn lists(&self) -> bool {
        false
    }

    fn wants(&self, _: Owned) -> bool {
        true
    }
}

/// Drops each handle.
#[derive(Default)]
pub struct DropHandles {
    drops: HashMap<TypeId, Func>,
}

impl Visit for DropHandles {
    fn handle(&mut self, code: &mut Code, owned: Owned, place: Place) {
        let (Owned::Pipe(id) | Owned::Resource(id)) = owned;
        if let Some(drop) = self.drops.get(&id) {
            place.load(code);
            code.call(*drop);
        }
    }

    fn list(&mut self, _: &mut Code, _: u32, _: u64, _: Row) {}

    fn lists(&self) -> bool {
        false
    }

    fn wants(&self, _: Owned) -> bool {
        true
    }
}

/// The core type of a function of the split world.
pub fn core_type(
    resolve: &Resolve,
    variant: wit_parser::abi::AbiVariant,
    function: &wit_parser::Function,
) -> Signature {
    let signature = resolve.wasm_signature(variant, function);
    Signature {
        params: signature.params.iter().map(|ty| val_type(*ty)).collect(),
        results: signature.results.iter().map(|ty| val_type(*ty)).collect(),
    }
}

fn val_type(ty: wit_parser::abi::WasmType) -> ValType {
    use wit_parser::abi::WasmType;
    match ty {
        WasmType::I32 | WasmType::Pointer | WasmType::Length => ValType::I32,
        WasmType::I64 | WasmType::PointerOrI64 => ValType::I64,
        WasmType::F32 => ValType::F32,
        WasmType::F64 => ValType::F64,
    }
}
