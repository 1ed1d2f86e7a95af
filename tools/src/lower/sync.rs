//! Makes modules whose ordinary functions call split async ones, or the other way round.
//!
//! The canonical layouts are equal: parameters pass unchanged, and the `T` of a `result<T, pending>` is laid out as a `T`,
//! after an aligned discriminant. So only numbers and pointers are moved here, for all types.

use super::core::IDLE;
use super::part::ROOT;
use super::plain::{Plain, PlainFunction, SplitFunction};
use super::scratch::Scratch;
use super::value::Value;
use super::walk::at;
use anyhow::{Context, Result};
use isyswasfa_core::{KIND_SHIFT, NOTHING, VALUE_MASK};
use isyswasfa_wit::names::{POLL, TASKS, poll_name};
use std::collections::HashSet;
use wasm_encoder::ValType::{I32, I64};
use wasm_encoder::{BlockType, InstructionSink};
use wit_parser::abi::{AbiVariant, WasmSignature};
use wit_parser::{Function, Int, Resolve, SizeAlign, Type};

/// An interface that a driver exports. Its functions call those of the interface `split`, and wait.
pub struct Driven {
    pub plain: Plain,
    /// The name of the imported interface.
    pub split: String,
    /// Whether a function returns only when nothing else goes on either, since nothing would run later.
    pub drain: bool,
}

impl Driven {
    /// Keeps the functions that are `used`, wholly or one half.
    pub fn keep(&mut self, used: Option<&HashSet<String>>) {
        let Some(used) = used else { return };
        self.plain
            .functions
            .retain(|function| match &function.split {
                SplitFunction::Sync => used.contains(&function.plain.name),
                SplitFunction::Async { start, .. } => used.contains(&start.name),
            });
    }

    /// The name of the poll function behind one of its async functions: that of the interface, or of the function of the world.
    pub fn poll_of(&self, function: &Function) -> String {
        match self.split.as_str() {
            "" => poll_name(&function.name),
            _ => POLL.to_owned(),
        }
    }

    /// The names of its poll functions.
    fn polls(&self) -> Vec<String> {
        let is_async =
            |function: &&PlainFunction| matches!(function.split, SplitFunction::Async { .. });
        let functions = self.plain.functions.iter().filter(is_async);
        let mut polls: Vec<_> = functions.map(|it| self.poll_of(&it.plain)).collect();
        polls.dedup();
        polls
    }
}

/// The module name of imports from an interface; empty for the world itself.
fn module_of(interface: &str) -> &str {
    match interface {
        "" => ROOT,
        interface => interface,
    }
}

/// The name of an exported function of an interface; an empty `interface` is the world itself.
pub fn export_name(interface: &str, function: &str) -> String {
    match interface {
        "" => function.to_owned(),
        interface => format!("{interface}#{function}"),
    }
}

/// A module that exports ordinary functions and drives the guests behind them until their results are there.
pub fn driver(resolve: &Resolve, driven: &[Driven]) -> Result<Vec<u8>> {
    let sizes = sizes(resolve)?;
    let mut module = Scratch::default();
    let register = module.import(TASKS, "register", &[], &[I64]);
    let link = module.import(TASKS, "link", &[I64, I32], &[]);
    let next_event = module.import(TASKS, "next-event", &[I64], &[I64]);
    let subscribe = module.import(TASKS, "subscribe", &[I32, I64, I32], &[]);
    let wait = module.import(TASKS, "wait", &[I64], &[]);
    let drains = driven.iter().any(|driven| driven.drain);
    let wait_unless_idle = drains.then(|| module.import(IDLE, "wait-unless-idle", &[I64], &[I32]));
    let mut polls = Vec::new();
    for driven in driven {
        for poll in driven.polls() {
            polls.push(module.import(module_of(&driven.split), &poll, &[], &[I32]));
        }
    }
    let mut imports = Vec::new();
    for driven in driven {
        for function in &driven.plain.functions {
            let import = |module: &mut Scratch, function: &Function| {
                let signature = resolve.wasm_signature(AbiVariant::GuestImport, function);
                module.import_of(module_of(&driven.split), &function.name, &signature)
            };
            imports.push(match &function.split {
                SplitFunction::Sync => (import(&mut module, &function.plain), 0),
                SplitFunction::Async { start, result } => {
                    let result = result
                        .as_ref()
                        .context("an exported function has no result half")?;
                    (import(&mut module, start), import(&mut module, result))
                }
            });
        }
    }

    // The component's key, and the number of the component behind each poll function.
    let key = module.global(I64);
    let numbers: Vec<u32> = polls.iter().map(|_| module.global(I32)).collect();
    let get_key = module.function(&[], &[I64], &[], |body| {
        body.global_get(key).i64_eqz().if_(BlockType::Empty);
        body.call(register).global_set(key);
        for (poll, number) in polls.iter().zip(&numbers) {
            body.call(*poll).global_set(*number);
            body.global_get(key).global_get(*number).call(link);
        }
        body.end().global_get(key);
    });
    // Polls the child of an event.
    let poll_child = |body: &mut InstructionSink<'_>, event: u32| {
        body.local_get(event)
            .i32_const(VALUE_MASK.cast_signed())
            .i32_and()
            .local_set(event);
        for (poll, number) in polls.iter().zip(&numbers) {
            body.local_get(event).global_get(*number).i32_eq();
            body.if_(BlockType::Empty).call(*poll).drop().br(1).end();
        }
        body.br(0);
    };
    // Takes an event, and reads its kind.
    let next_kind = |body: &mut InstructionSink<'_>, event: u32| {
        body.call(get_key)
            .call(next_event)
            .i32_wrap_i64()
            .local_tee(event);
        body.i32_const(KIND_SHIFT.cast_signed()).i32_shr_u();
    };
    // Waits for the task with this handle, and polls guests meanwhile. Only one task is waited for at a time, so any token
    // belongs to it.
    let event = 1;
    let wait_for = module.function(&[I32], &[], &[I32], |body| {
        body.local_get(0).call(get_key).i32_const(0).call(subscribe);
        body.block(BlockType::Empty).loop_(BlockType::Empty);
        next_kind(body, event);
        body.i32_eqz().br_if(1);
        body.local_get(event)
            .i32_const(KIND_SHIFT.cast_signed())
            .i32_shr_u()
            .i32_const(NOTHING.cast_signed())
            .i32_eq();
        body.if_(BlockType::Empty)
            .call(get_key)
            .call(wait)
            .br(1)
            .end();
        poll_child(body, event);
        body.end().end();
    });
    // Polls guests until nothing goes on any more. No task is waited for, so no token comes.
    let drain = wait_unless_idle.map(|wait_unless_idle| {
        let event = 0;
        module.function(&[], &[], &[I32], |body| {
            body.block(BlockType::Empty).loop_(BlockType::Empty);
            next_kind(body, event);
            body.i32_const(NOTHING.cast_signed()).i32_eq();
            body.if_(BlockType::Empty)
                .call(get_key)
                .call(wait_unless_idle)
                .br_if(1)
                .br(2)
                .end();
            poll_child(body, event);
            body.end().end();
        })
    });

    let mut imports = imports.into_iter();
    for driven in driven {
        for (function, (start, result)) in driven.plain.functions.iter().zip(&mut imports) {
            let name = export_name(&driven.plain.name, &function.plain.name);
            let exported = resolve.wasm_signature(AbiVariant::GuestExport, &function.plain);
            let shape = Shape::of(resolve, &sizes, function, &exported)?;
            module.need(shape.room);
            let params = exported.params.len() as u32;
            let (pending, kept) = (params, params + 1);
            let locals = [I32, shape.value.map_or(I32, |value| value.ty())];
            module.export_of(&name, &exported, &locals, |body| {
                for param in 0..params {
                    body.local_get(param);
                }
                if let SplitFunction::Sync = function.split {
                    if exported.retptr {
                        Scratch::area(body, 0);
                    }
                    body.call(start);
                    if shape.value.is_some() {
                        body.local_set(kept);
                    }
                } else {
                    Scratch::area(body, 0);
                    body.call(start);
                    Scratch::area(body, 0);
                    body.i32_load8_u(at(0)).if_(BlockType::Empty);
                    Scratch::area(body, shape.payload);
                    body.i32_load(at(0)).local_tee(pending);
                    body.call(wait_for).local_get(pending);
                    if exported.retptr {
                        Scratch::area(body, shape.payload);
                    }
                    body.call(result);
                    if let Some(value) = shape.value {
                        body.local_set(kept).else_();
                        Scratch::area(body, shape.payload);
                        value.load(body);
                        body.local_set(kept);
                    }
                    body.end();
                }
                if let (true, Some(drain)) = (driven.drain, drain) {
                    body.call(drain);
                }
                if exported.retptr {
                    Scratch::area(body, shape.payload);
                } else if shape.value.is_some() {
                    body.local_get(kept);
                }
            });
        }
    }
    Ok(module.finish())
}

/// A module that exports the split form of an interface, for guests that import it. Its functions call those of the plain
/// interface, which the host provides, and are done at once.
pub fn bridge(resolve: &Resolve, bridged: &[Driven]) -> Result<Vec<u8>> {
    let sizes = sizes(resolve)?;
    let mut module = Scratch::default();
    let mut imports = Vec::new();
    for Driven { plain, .. } in bridged {
        for function in &plain.functions {
            let signature = resolve.wasm_signature(AbiVariant::GuestImport, &function.plain);
            imports.push(module.import_of(
                module_of(&plain.name),
                &function.plain.name,
                &signature,
            ));
        }
    }
    let mut imports = imports.into_iter();
    for bridged in bridged {
        let Driven { plain, split, .. } = bridged;
        for poll in bridged.polls() {
            module.export(&export_name(split, &poll), &[], &[I32], &[], |body| {
                body.i32_const(0);
            });
        }
        for (function, import) in plain.functions.iter().zip(&mut imports) {
            let imported = resolve.wasm_signature(AbiVariant::GuestImport, &function.plain);
            let shape = Shape::of(resolve, &sizes, function, &imported)?;
            module.need(shape.room);
            let half = match &function.split {
                SplitFunction::Sync => &function.plain,
                SplitFunction::Async { start, .. } => start,
            };
            let exported = resolve.wasm_signature(AbiVariant::GuestExport, half);
            let params = exported.params.len() as u32;
            let name = export_name(split, &half.name);
            let kept = params;
            let locals = [shape.value.map_or(I32, |value| value.ty())];
            let is_async = matches!(function.split, SplitFunction::Async { .. });
            module.export_of(&name, &exported, &locals, |body| {
                for param in 0..params {
                    body.local_get(param);
                }
                if imported.retptr {
                    Scratch::area(body, shape.payload);
                }
                body.call(import);
                if let (Some(value), true) = (shape.value, is_async) {
                    body.local_set(kept);
                    Scratch::area(body, shape.payload);
                    body.local_get(kept);
                    value.store(body);
                }
                if is_async {
                    Scratch::area(body, 0);
                    body.i32_const(0).i32_store8(at(0));
                }
                if is_async || imported.retptr {
                    Scratch::area(body, 0);
                }
            });
            if let SplitFunction::Async {
                result: Some(result),
                ..
            } = &function.split
            {
                let signature = resolve.wasm_signature(AbiVariant::GuestExport, result);
                let name = export_name(split, &result.name);
                // Nothing is ever pending.
                module.export_of(&name, &signature, &[], |body| {
                    body.unreachable();
                });
            }
        }
    }
    Ok(module.finish())
}

/// The sizes of types.
pub fn sizes(resolve: &Resolve) -> Result<SizeAlign> {
    let mut sizes = SizeAlign::default();
    sizes.fill(resolve)?;
    Ok(sizes)
}

/// The layout of a function's result.
struct Shape {
    /// Its offset in the `result` around it; 0 without one.
    payload: i32,
    /// The value, if it is a single number, in a register.
    value: Option<Value>,
    /// Its size.
    room: usize,
}

impl Shape {
    fn of(
        resolve: &Resolve,
        sizes: &SizeAlign,
        function: &PlainFunction,
        signature: &WasmSignature,
    ) -> Result<Shape> {
        let plain = &function.plain;
        let size = |ty: &Type| sizes.size(ty).size_wasm32();
        let payload = match &function.split {
            SplitFunction::Sync => 0,
            SplitFunction::Async { .. } => {
                // The other side of the `result` is a handle.
                let cases = [plain.result.as_ref(), Some(&Type::U32)];
                sizes.payload_offset(Int::U8, cases).size_wasm32()
            }
        };
        let value = match (&plain.result, signature.retptr) {
            (Some(ty), false) => Value::of(resolve, ty),
            _ => None,
        };
        Ok(Shape {
            payload: i32::try_from(payload)?,
            value,
            room: payload + plain.result.as_ref().map_or(0, size).max(8),
        })
    }
}
