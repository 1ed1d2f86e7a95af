//! Exported functions: what the split world exports in the place of a lifted function of the guest.

use super::ends::Way;
use super::layout::at;
use super::lists::{CopyLists, Owner};
use super::{Glue, Late, Source, core_type};
use crate::component::Lift;
use crate::error::{Error, Result};
use crate::module::{Code, Func, Signature};
use crate::world::{Changed, Shape};
use isyswasfa_wit::names::{ROOT, TASKS};
use wasm_encoder::{BlockType, Instruction as I, ValType};
use wasmparser::CanonicalOption;
use wit_parser::abi::AbiVariant;
use wit_parser::{Function, Type};

/// The options of a lifted function.
#[derive(Default)]
pub struct LiftOptions {
    pub is_async: bool,
    pub callback: Option<u32>,
    pub post_return: Option<u32>,
}

impl LiftOptions {
    pub fn read(lift: &Lift) -> LiftOptions {
        let mut options = LiftOptions::default();
        for option in &lift.options {
            match option {
                CanonicalOption::Async => options.is_async = true,
                CanonicalOption::Callback(func) => options.callback = Some(*func),
                CanonicalOption::PostReturn(func) => options.post_return = Some(*func),
                _ => {}
            }
        }
        options
    }
}

/// What a split function is exported as by a core module.
pub fn export_name(changed: &Changed, function: &Function) -> String {
    match changed.module.as_str() {
        ROOT => function.name.clone(),
        module => format!("{module}#{}", function.name),
    }
}

impl Glue<'_> {
    /// Exports what the function has become.
    pub fn export(&mut self, changed: &Changed, lift: &Lift) -> Result<()> {
        let options = LiftOptions::read(lift);
        if options.is_async && options.callback.is_none() {
            return Err(Error::Unsupported(format!(
                "{} is lifted without a callback (stackful), which needs a stack of its own: WASI 0.2 has none",
                changed.spoken()
            )));
        }
        match (&changed.shape, options.is_async) {
            (Shape::Plain(function, _), false) => self.plain(changed, function, lift, &options),
            (Shape::Plain(function, _), true) => self.blocking(changed, function, lift, &options),
            (Shape::Async { start, result, .. }, true) => {
                self.task(changed, start, result, lift, &options)
            }
            (Shape::Async { start, result, .. }, false) => {
                self.at_once(changed, start, result, lift, &options)
            }
        }
    }

    fn add_export(&mut self, name: String, signature: Signature, source: Source) {
        self.exports.push((name, signature, source));
    }

    /// The glue's function for an export of the split world.
    pub(super) fn add_glue(&mut self, name: &str, signature: Signature, code: Code) {
        let func = self.builder.func(name, signature.clone(), code);
        self.builder.export(name, func);
        self.add_export(name.to_owned(), signature, Source::Glue(name.to_owned()));
    }

    /// The caller has copied a result that lies in memory: its post-return.
    fn add_post(&mut self, name: &str, results: &[ValType]) {
        let post = self.rt("post");
        let mut code = Code::new(results.len());
        code.call(post);
        self.add_glue(
            &format!("cabi_post_{name}"),
            Signature::new(results, &[]),
            code,
        );
    }

    /// Was and is synchronous: the guest's own function, unless it is given ends of streams or futures.
    fn plain(
        &mut self,
        changed: &Changed,
        function: &Function,
        lift: &Lift,
        options: &LiftOptions,
    ) -> Result<()> {
        let signature = core_type(self.layouts.resolve, AbiVariant::GuestExport, function);
        let name = export_name(changed, function);
        if let Some(post) = options.post_return {
            let signature = Signature::new(&signature.results, &[]);
            self.add_export(format!("cabi_post_{name}"), signature, Source::Guest(post));
        }
        let result = changed.original.result;
        let result_has_ends = result.is_some_and(|ty| self.has_ends(&ty));
        if !result_has_ends && !self.params_have_ends(changed) {
            self.add_export(name, signature, Source::Guest(lift.core_func));
            return Ok(());
        }
        let place = self.place(Late::Guest(lift.core_func), signature.clone());
        let mut code = Code::new(signature.params.len());
        self.params_arrive(&mut code, changed);
        (0..signature.params.len()).for_each(|local| code.get(local as u32));
        code.number(place);
        code.call_indirect(&signature);
        if let Some(ty) = result.filter(|_| result_has_ends) {
            let answer = code.local(ValType::I32);
            code.push([I::LocalTee(answer)]);
            self.result_goes(&mut code, Way::Out, Some(&ty), answer);
        }
        self.add_glue(&name, signature, code);
        Ok(())
    }

    /// Is synchronous for its caller, and a task for the guest.
    fn blocking(
        &mut self,
        changed: &Changed,
        function: &Function,
        lift: &Lift,
        options: &LiftOptions,
    ) -> Result<()> {
        let resolve = self.layouts.resolve;
        let signature = core_type(resolve, AbiVariant::GuestExport, function);
        let name = export_name(changed, function);
        let result = changed.original.result;
        let mut code = Code::new(signature.params.len());
        let task = self.run(&mut code, changed, lift, options)?;
        code.push([I::If(BlockType::Empty), I::LocalGet(task)]);
        let block = self.rt("task-block");
        code.call(block);
        code.push([I::End]);
        let post = self.answer(&mut code, task, result.as_ref(), &signature);
        self.add_glue(&name, signature.clone(), code);
        if post {
            self.add_post(&name, &signature.results);
        }
        Ok(())
    }

    /// Begins a task: its local. On the stack is whether it goes on.
    fn run(
        &mut self,
        code: &mut Code,
        changed: &Changed,
        lift: &Lift,
        options: &LiftOptions,
    ) -> Result<u32> {
        let task_code = self.task_code(changed, lift, options)?;
        let lifted = self.lifted(changed);
        let place = self.place(Late::Guest(lift.core_func), lifted.clone());
        let (begin, ran) = (self.rt("task-begin"), self.rt("task-ran"));
        let task = code.local(ValType::I32);
        self.params_arrive(code, changed);
        task_code.into_iter().for_each(|number| code.number(number));
        code.call(begin);
        code.push([I::LocalTee(task)]);
        (0..lifted.params.len()).for_each(|local| code.get(local as u32));
        code.number(place);
        code.call_indirect(&lifted);
        code.call(ran);
        Ok(task)
    }

    /// The core type of the guest's async-lifted function.
    pub(super) fn lifted(&self, changed: &Changed) -> Signature {
        core_type(
            self.layouts.resolve,
            AbiVariant::GuestExportAsync,
            &changed.original,
        )
    }

    /// The places of the callback, and of what drops a result that nobody wants; and the number for the type of the result.
    pub(super) fn task_code(
        &mut self,
        changed: &Changed,
        lift: &Lift,
        options: &LiftOptions,
    ) -> Result<[u32; 3]> {
        let number = self.result_number(changed.original.result.as_ref(), &lift.options);
        let callback = options.callback.unwrap_or_default();
        let callback = self.place(
            Late::Guest(callback),
            Signature::new(&[ValType::I32; 3], &[ValType::I32]),
        );
        let Some(result) = changed.original.result else {
            return Ok([callback, 0, number]);
        };
        let (offset, _) = self.layouts.answer(Some(&result));
        let drop = self.drop_late(&[result], &[offset])?;
        Ok([callback, drop, number])
    }

    /// The number for a result's type and encoding, which `task.return` must be of as well. In the lowest bit is whether a memory is
    /// named.
    fn result_number(&mut self, result: Option<&Type>, options: &[CanonicalOption]) -> u32 {
        let key = result.map_or_else(|| "_".to_owned(), |ty| self.world.key(ty));
        let encoding = options.iter().find_map(|option| match option {
            CanonicalOption::UTF16 => Some("utf16"),
            CanonicalOption::CompactUTF16 => Some("latin1+utf16"),
            _ => None,
        });
        let memory = options
            .iter()
            .any(|option| matches!(option, CanonicalOption::Memory(_)));
        let number = self.number_of(&format!("{} result {key}", encoding.unwrap_or("utf8")));
        number << 1 | u32::from(memory)
    }

    /// The place of a function that drops what values of these types own, which lie at these offsets; 0: nothing.
    pub(super) fn drop_late(&mut self, types: &[Type], offsets: &[u32]) -> Result<u32> {
        let Some(mut drops) = self.drop_handles(types)? else {
            return Ok(0);
        };
        let keys: Vec<String> = types.iter().map(|ty| self.world.key(ty)).collect();
        let name = format!("drop {} at {offsets:?}", keys.join(", "));
        self.late(&name, Signature::new(&[ValType::I32; 2], &[]), |glue| {
            let mut code = Code::new(2);
            for (ty, offset) in types.iter().zip(offsets) {
                glue.layouts
                    .walk(&mut code, ty, 0, u64::from(*offset), &mut drops);
            }
            Ok(code)
        })
    }

    /// The task's result, as the function returns it. Whether it lies in memory.
    fn answer(
        &mut self,
        code: &mut Code,
        task: u32,
        result: Option<&Type>,
        signature: &Signature,
    ) -> bool {
        let (take, post) = (self.rt("task-result"), self.rt("post"));
        code.get(task);
        code.call(take);
        let Some(result) = result else {
            code.push([I::Drop]);
            code.call(post);
            return false;
        };
        let (offset, _) = self.layouts.answer(Some(result));
        if self.layouts.flat(result).len() <= 1 {
            let area = code.local(ValType::I32);
            code.set(area);
            self.layouts.load(code, result, area, u64::from(offset));
            code.call(post);
            return false;
        }
        code.number(offset);
        code.push([I::I32Add]);
        !signature.results.is_empty()
    }

    /// A function that answers the core's number for an exported function.
    fn function_number(&mut self, known_as: &str) -> Func {
        let name = format!("number of {known_as}");
        let number = self.builder.global();
        let name_function = self.split(
            TASKS,
            "name-function",
            Signature::new(&[ValType::I64, ValType::I32, ValType::I32], &[ValType::I32]),
        );
        let (key, keep) = (self.rt("key"), self.rt("keep"));
        let data = self.builder.data(known_as.as_bytes());
        let mut code = Code::new(0);
        let text = code.local(ValType::I32);
        let len = known_as.len() as i32;
        code.push([
            I::GlobalGet(number),
            I::I32Eqz,
            I::If(BlockType::Empty),
            I::I32Const(len),
        ]);
        code.call(keep);
        code.push([
            I::LocalTee(text),
            I::I32Const(0),
            I::I32Const(len),
            I::MemoryInit {
                mem: 0,
                data_index: data,
            },
        ]);
        code.call(key);
        code.push([I::LocalGet(text), I::I32Const(len)]);
        code.call(name_function);
        code.push([I::GlobalSet(number), I::End, I::GlobalGet(number)]);
        self.builder
            .func(name, Signature::new(&[], &[ValType::I32]), code)
    }

    /// Puts on the stack the address of the answer `pending`, for a task that goes on.
    pub(super) fn pending(&mut self, code: &mut Code, task: u32, function: Func, payload: u32) {
        let make_task = self.split(
            TASKS,
            "make-task",
            Signature::new(
                &[
                    ValType::I64,
                    ValType::I32,
                    ValType::I32,
                    ValType::I32,
                    ValType::I32,
                ],
                &[],
            ),
        );
        let (key, work, made) = (self.rt("key"), self.rt("has-work"), self.rt("task-made"));
        let scratch = self.scratch();
        let area = code.local(ValType::I32);
        code.call(key);
        code.call(function);
        code.get(task);
        code.call(work);
        code.call(scratch);
        code.push([I::LocalTee(area)]);
        code.call(make_task);
        code.push([
            I::LocalGet(task),
            I::LocalGet(area),
            I::I32Load(at(4)),
            I::LocalGet(area),
            I::I64Load(at(8)),
        ]);
        code.call(made);
        code.push([
            I::LocalGet(area),
            I::LocalGet(area),
            I::I32Load(at(0)),
            I::I32Store(at(u64::from(payload))),
            I::LocalGet(area),
            I::I32Const(1),
            I::I32Store8(at(0)),
            I::LocalGet(area),
        ]);
    }

    /// Is async: two functions.
    fn task(
        &mut self,
        changed: &Changed,
        start: &Function,
        result: &Function,
        lift: &Lift,
        options: &LiftOptions,
    ) -> Result<()> {
        let resolve = self.layouts.resolve;
        let original = &changed.original;
        let (payload, _) = self.layouts.answer(original.result.as_ref());
        let known_as = match &changed.interface {
            Some(interface) => format!("{interface}#{}", original.name),
            None => original.name.clone(),
        };
        let function = self.function_number(&known_as);

        // (1) The first half.
        let signature = core_type(resolve, AbiVariant::GuestExport, start);
        let mut code = Code::new(signature.params.len());
        self.hold(&mut code, changed, start, lift, options, function, payload)?;
        let loans = self.loans(&mut code, changed);
        let task = self.run(&mut code, changed, lift, options)?;
        code.push([I::If(BlockType::Result(ValType::I32))]);
        self.lend(&mut code, task, &loans);
        self.pending(&mut code, task, function, payload);
        code.push([I::Else]);
        let take = self.rt("task-result");
        code.get(task);
        code.call(take);
        code.push([I::End]);
        let name = export_name(changed, start);
        self.add_glue(&name, signature.clone(), code);
        self.add_post(&name, &signature.results);

        // (2) The second.
        let signature = core_type(resolve, AbiVariant::GuestExport, result);
        let mut code = Code::new(1);
        let finish = self.rt("task-finish");
        let task = code.local(ValType::I32);
        code.call(function);
        code.get(0);
        code.call(finish);
        code.set(task);
        let post = self.answer(&mut code, task, original.result.as_ref(), &signature);
        let name = export_name(changed, result);
        self.add_glue(&name, signature.clone(), code);
        if post {
            self.add_post(&name, &signature.results);
        }
        Ok(())
    }

    /// Is async for its caller, and an ordinary function for the guest: its result is there at once.
    fn at_once(
        &mut self,
        changed: &Changed,
        start: &Function,
        result: &Function,
        lift: &Lift,
        options: &LiftOptions,
    ) -> Result<()> {
        let resolve = self.layouts.resolve;
        let original = &changed.original;
        let signature = core_type(resolve, AbiVariant::GuestExport, start);
        let lifted = core_type(resolve, AbiVariant::GuestExport, original);
        let place = self.place(Late::Guest(lift.core_func), lifted.clone());
        let mut code = Code::new(signature.params.len());
        self.params_arrive(&mut code, changed);
        (0..signature.params.len()).for_each(|local| code.get(local as u32));
        code.number(place);
        code.call_indirect(&lifted);
        let value = lifted.results.first().map(|ty| {
            let local = code.local(*ty);
            code.set(local);
            local
        });
        let result_type = original.result.as_ref();
        let in_memory = result_type.is_some_and(|ty| self.layouts.flat(ty).len() > 1);
        let area = self.ok(&mut code, result_type, value.as_slice(), in_memory);
        if let Some(post) = options.post_return {
            let signature = Signature::new(&lifted.results, &[]);
            let place = self.place(Late::Guest(post), signature.clone());
            value.into_iter().for_each(|value| code.get(value));
            code.number(place);
            code.call_indirect(&signature);
        }
        let post = self.rt("post-region");
        code.call(post);
        code.get(area);
        let name = export_name(changed, start);
        self.add_glue(&name, signature.clone(), code);
        self.add_post(&name, &signature.results);

        // There is never a task to fetch the result of.
        let signature = core_type(resolve, AbiVariant::GuestExport, result);
        let mut code = Code::new(1);
        code.push([I::Unreachable]);
        self.add_glue(&export_name(changed, result), signature, code);
        Ok(())
    }

    /// A new region with the answer `ok`, of a value that the locals have, flat or (`in_memory`) by its address: the local with the
    /// region's address.
    fn ok(
        &mut self,
        code: &mut Code,
        result: Option<&Type>,
        locals: &[u32],
        in_memory: bool,
    ) -> u32 {
        let alloc = self.rt("alloc");
        let (payload, size) = self.layouts.answer(result);
        let area = code.local(ValType::I32);
        code.number(size);
        code.call(alloc);
        code.push([I::LocalTee(area), I::I32Const(0), I::I32Store8(at(0))]);
        if let Some(ty) = result {
            if in_memory {
                self.layouts.copy(code, ty, (area, payload), (locals[0], 0));
            } else {
                self.layouts
                    .store(code, ty, area, u64::from(payload), locals);
            }
            let mut lists = CopyLists {
                owner: Owner::Runtime(alloc),
            };
            self.layouts
                .walk(code, ty, area, u64::from(payload), &mut lists);
            self.value_goes(code, Way::Out, ty, area, u64::from(payload));
        }
        area
    }

    /// The guest has the parameters of a call, which are the locals.
    fn params_arrive(&mut self, code: &mut Code, changed: &Changed) {
        let by_address = self.by_address(changed);
        self.params_go(code, Way::In, changed, by_address);
    }

    /// `task.return` of a result of this type.
    pub fn task_return(
        &mut self,
        result: Option<&Type>,
        options: &[CanonicalOption],
    ) -> Result<Source> {
        let number = self.result_number(result, options);
        let key = result.map_or_else(|| "_".to_owned(), |ty| self.world.key(ty));
        let flat = result.map_or_else(Vec::new, |ty| self.layouts.flat(ty));
        let in_memory = flat.len() > 16;
        let params = match in_memory {
            true => vec![ValType::I32],
            false => flat,
        };
        let name = format!("task-return {number} {key}");
        let signature = Signature::new(&params, &[]);
        let name = self.once(&name, signature, |glue| {
            let (begin, end) = (glue.rt("task-return"), glue.rt("task-returned"));
            let mut code = Code::new(params.len());
            code.number(number);
            code.call(begin);
            let locals: Vec<u32> = (0..params.len() as u32).collect();
            glue.ok(&mut code, result, &locals, in_memory);
            code.call(end);
            Ok(code)
        })?;
        Ok(Source::Glue(name))
    }
}

pub(super) fn export_key(changed: &Changed) -> String {
    format!("{}#{}", changed.module, changed.original.name)
}
