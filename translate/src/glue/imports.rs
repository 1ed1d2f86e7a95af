//! Imported functions: what the guest imports in the place of a lowered function.

use super::ends::Way;
use super::layout::at;
use super::{Glue, Late, Source, core_type};
use crate::error::Result;
use crate::module::{Code, Signature};
use crate::world::{Changed, Shape};
use wasm_encoder::{BlockType, Instruction as I, ValType};
use wit_parser::abi::AbiVariant;
use wit_parser::{Function, Type};

/// The state in which a call is that has returned.
const RETURNED: i32 = 2;

/// How the guest has lowered a function.
#[derive(Clone, Copy)]
pub struct LowerOptions {
    pub is_async: bool,
    /// Which of the guest's reallocs is asked for lists in the result.
    pub realloc: usize,
}

impl Glue<'_> {
    /// What the guest gets for the function, lowered like that.
    pub fn lower(&mut self, changed: &Changed, options: LowerOptions) -> Result<Source> {
        let resolve = self.layouts.resolve;
        match (&changed.shape, options.is_async) {
            (Shape::Plain(function, poll), false) => {
                let signature = core_type(resolve, AbiVariant::GuestImport, function);
                let (module, name) = (&changed.module, &function.name);
                let result = changed.original.result;
                let has_ends =
                    result.is_some_and(|ty| self.has_ends(&ty)) || self.params_have_ends(changed);
                if options.realloc == 0 && poll.is_none() && !has_ends {
                    let key = (module.clone(), name.clone());
                    self.used.entry(key).or_insert(signature);
                    return Ok(Source::Split(module.clone(), name.clone()));
                }
                let glue_name = self.name(changed, "plain", options);
                let name = self.once(&glue_name, signature.clone(), |glue| {
                    let func = glue.split(module, name, signature.clone());
                    let mut code = Code::new(signature.params.len());
                    if let Some(poll) = poll {
                        glue.link(&mut code, module, poll);
                    }
                    glue.params_leave(&mut code, changed);
                    (0..signature.params.len()).for_each(|local| code.get(local as u32));
                    glue.with_realloc(&mut code, options.realloc, |_, code| code.call(func));
                    let ret = signature.params.len().saturating_sub(1) as u32;
                    glue.result_goes(&mut code, Way::In, result.as_ref(), ret);
                    Ok(code)
                })?;
                Ok(Source::Glue(name))
            }
            (Shape::Plain(function, poll), true) => {
                self.plain_async(changed, function, poll.as_deref(), options)
            }
            (
                Shape::Async {
                    start,
                    result,
                    poll,
                },
                true,
            ) => self.call(changed, start, result, poll, options),
            (
                Shape::Async {
                    start,
                    result,
                    poll,
                },
                false,
            ) => self.call_and_wait(changed, start, result, poll, options),
        }
    }

    /// Runs `call` with one of the guest's reallocs for what it lowers.
    pub(super) fn with_realloc(
        &mut self,
        code: &mut Code,
        realloc: usize,
        call: impl FnOnce(&mut Self, &mut Code),
    ) {
        let global = self.globals().realloc;
        if realloc > 0 {
            code.push([I::I32Const(realloc as i32), I::GlobalSet(global)]);
        }
        call(self, code);
        if realloc > 0 {
            code.push([I::I32Const(0), I::GlobalSet(global)]);
        }
    }

    /// The name of the glue's function.
    fn name(&self, changed: &Changed, what: &str, options: LowerOptions) -> String {
        let realloc = match options.realloc {
            0 => String::new(),
            realloc => format!(" with realloc {realloc}"),
        };
        format!(
            "{what} {}#{}{realloc}",
            changed.module, changed.original.name
        )
    }

    /// Makes sure that the events of what provides the function reach this component.
    pub fn link(&mut self, code: &mut Code, module: &str, poll: &Function) {
        let signature = Signature::new(&[], &[ValType::I32]);
        let place = self.place(Late::Split(module.to_owned(), poll.name.clone()), signature);
        let linked = match self.linked.get(&place) {
            Some(global) => *global,
            None => {
                let global = self.builder.global();
                self.linked.insert(place, global);
                global
            }
        };
        let link = self.rt("link");
        code.push([
            I::GlobalGet(linked),
            I::I32Eqz,
            I::If(BlockType::Empty),
            I::I32Const(1),
            I::GlobalSet(linked),
            I::I32Const(place as i32),
        ]);
        code.call(link);
        code.push([I::End]);
    }

    /// The guest passes on the parameters of a call that it makes without `async`.
    fn params_leave(&mut self, code: &mut Code, changed: &Changed) {
        let by_address = self.by_address(changed);
        self.params_go(code, Way::Out, changed, by_address);
    }

    /// Puts the arguments on the stack as a synchronous function takes them, given the locals of an async-lowered one.
    /// Answers how many locals they were.
    fn arguments(&mut self, code: &mut Code, changed: &Changed) -> u32 {
        let original = &changed.original;
        let types: Vec<Type> = original.params.iter().map(|param| param.ty).collect();
        let flat: usize = types.iter().map(|ty| self.layouts.flat(ty).len()).sum();
        self.params_go(code, Way::Out, changed, flat > 4);
        if flat <= 4 {
            (0..flat as u32).for_each(|local| code.get(local));
            return flat as u32;
        }
        if flat > 16 {
            code.get(0);
            return 1;
        }
        let (offsets, _) = self.layouts.fields(&types);
        for (ty, offset) in types.iter().zip(offsets) {
            self.layouts.load(code, ty, 0, u64::from(offset));
        }
        1
    }

    /// A synchronous function, lowered with `async`.
    fn plain_async(
        &mut self,
        changed: &Changed,
        function: &Function,
        poll: Option<&Function>,
        options: LowerOptions,
    ) -> Result<Source> {
        let resolve = self.layouts.resolve;
        let native = core_type(resolve, AbiVariant::GuestImportAsync, &changed.original);
        let plain = core_type(resolve, AbiVariant::GuestImport, function);
        let name = self.name(changed, "async", options);
        let name = self.once(&name, native.clone(), |glue| {
            let func = glue.split(&changed.module, &function.name, plain.clone());
            let mut code = Code::new(native.params.len());
            if let Some(poll) = poll {
                glue.link(&mut code, &changed.module, poll);
            }
            let result = changed.original.result;
            let flat = result.map_or(0, |ty| glue.layouts.flat(&ty).len());
            let ret = glue.arguments(&mut code, changed);
            if flat > 1 {
                code.get(ret);
            }
            glue.with_realloc(&mut code, options.realloc, |_, code| code.call(func));
            glue.store_result(&mut code, result.as_ref(), ret, &plain);
            if let Some(ty) = &result {
                glue.value_goes(&mut code, Way::In, ty, ret, 0);
            }
            code.push([I::I32Const(RETURNED)]);
            Ok(code)
        })?;
        Ok(Source::Glue(name))
    }

    /// Stores the one number that a function has returned to where the local `ret` says; if it returns more, it has done so.
    fn store_result(
        &self,
        code: &mut Code,
        result: Option<&Type>,
        ret: u32,
        signature: &Signature,
    ) {
        if let (Some(ty), Some(flat)) = (result, signature.results.first()) {
            let value = code.local(*flat);
            code.set(value);
            self.layouts.store(code, ty, ret, 0, &[value]);
        }
    }

    /// Calls the first half, with the arguments on the stack: the local with the address of the answer.
    fn start(
        &mut self,
        code: &mut Code,
        changed: &Changed,
        start: &Function,
        options: LowerOptions,
    ) -> u32 {
        let signature = core_type(self.layouts.resolve, AbiVariant::GuestImport, start);
        let func = self.split(&changed.module, &start.name, signature);
        let scratch = self.scratch();
        let area = code.local(ValType::I32);
        code.call(scratch);
        code.push([I::LocalTee(area)]);
        self.with_realloc(code, options.realloc, |_, code| code.call(func));
        area
    }

    /// The place of the function that fetches the result of a call: `func(ready, address)`.
    fn fetch(
        &mut self,
        changed: &Changed,
        result: &Function,
        options: LowerOptions,
    ) -> Result<u32> {
        let name = self.name(changed, "fetch", options);
        let signature = core_type(self.layouts.resolve, AbiVariant::GuestImport, result);
        self.late(&name, Signature::new(&[ValType::I32; 2], &[]), |glue| {
            let func = glue.split(&changed.module, &result.name, signature.clone());
            let mut code = Code::new(2);
            code.get(0);
            if signature.params.len() > 1 {
                code.get(1);
            }
            glue.with_realloc(&mut code, options.realloc, |_, code| code.call(func));
            let result = changed.original.result;
            glue.store_result(&mut code, result.as_ref(), 1, &signature);
            if let Some(ty) = &result {
                glue.value_goes(&mut code, Way::In, ty, 1, 0);
            }
            Ok(code)
        })
    }

    /// An async function, lowered with `async`.
    fn call(
        &mut self,
        changed: &Changed,
        start: &Function,
        result: &Function,
        poll: &Function,
        options: LowerOptions,
    ) -> Result<Source> {
        let original = &changed.original;
        let native = core_type(self.layouts.resolve, AbiVariant::GuestImportAsync, original);
        let fetch = self.fetch(changed, result, options)?;
        let name = self.name(changed, "call", options);
        let name = self.once(&name, native.clone(), |glue| {
            let mut code = Code::new(native.params.len());
            glue.link(&mut code, &changed.module, poll);
            let ret = glue.arguments(&mut code, changed);
            let area = glue.start(&mut code, changed, start, options);
            let (payload, _) = glue.layouts.answer(original.result.as_ref());
            code.push([
                I::LocalGet(area),
                I::I32Load8U(at(0)),
                I::If(BlockType::Empty),
                I::I32Const(fetch as i32),
                I::LocalGet(area),
                I::I32Load(at(u64::from(payload))),
            ]);
            match original.result {
                Some(_) => code.get(ret),
                None => code.push([I::I32Const(0)]),
            }
            let subtask = glue.rt("subtask-new");
            code.call(subtask);
            code.push([I::Return, I::End]);
            if let Some(ty) = original.result {
                glue.layouts.copy(&mut code, &ty, (ret, 0), (area, payload));
                glue.value_goes(&mut code, Way::In, &ty, ret, 0);
            }
            code.push([I::I32Const(RETURNED)]);
            Ok(code)
        })?;
        Ok(Source::Glue(name))
    }

    /// An async function, lowered without `async`: blocks.
    fn call_and_wait(
        &mut self,
        changed: &Changed,
        start: &Function,
        result: &Function,
        poll: &Function,
        options: LowerOptions,
    ) -> Result<Source> {
        let original = &changed.original;
        let resolve = self.layouts.resolve;
        let native = core_type(resolve, AbiVariant::GuestImport, original);
        let name = self.name(changed, "wait for", options);
        let name = self.once(&name, native.clone(), |glue| {
            let ty = original.result;
            let flat = ty.map_or(0, |ty| glue.layouts.flat(&ty).len());
            let arguments = native.params.len() as u32 - u32::from(flat > 1);
            let (payload, _) = glue.layouts.answer(ty.as_ref());
            let mut code = Code::new(native.params.len());
            glue.link(&mut code, &changed.module, poll);
            glue.params_leave(&mut code, changed);
            (0..arguments).for_each(|local| code.get(local));
            let area = glue.start(&mut code, changed, start, options);
            let pending = code.local(ValType::I32);
            let block = glue.rt("block-on-call");
            let signature = core_type(resolve, AbiVariant::GuestImport, result);
            let func = glue.split(&changed.module, &result.name, signature);
            code.push([
                I::LocalGet(area),
                I::I32Load8U(at(0)),
                I::If(BlockType::Empty),
                I::LocalGet(area),
                I::I32Load(at(u64::from(payload))),
                I::LocalTee(pending),
            ]);
            code.call(block);
            code.get(pending);
            if flat > 1 {
                code.get(arguments);
            }
            glue.with_realloc(&mut code, options.realloc, |_, code| code.call(func));
            glue.result_goes(&mut code, Way::In, ty.as_ref(), arguments);
            code.push([I::Return, I::End]);
            if let Some(ty) = ty {
                match flat {
                    0 => {}
                    1 => glue.layouts.load(&mut code, &ty, area, u64::from(payload)),
                    _ => glue
                        .layouts
                        .copy(&mut code, &ty, (arguments, 0), (area, payload)),
                }
                glue.result_goes(&mut code, Way::In, Some(&ty), arguments);
            }
            Ok(code)
        })?;
        Ok(Source::Glue(name))
    }
}
