//! Calls of exported functions that must wait to begin: their parameters are kept.

use super::ends::Way;
use super::exports::{LiftOptions, export_key, export_name};
use super::lists::{CopyLists, Owner};
use super::reallocs::FOR_CALLS;
use super::{Glue, Late};
use crate::component::Lift;
use crate::error::Result;
use crate::module::{Code, Func, Signature};
use crate::world::Changed;
use wasm_encoder::{BlockType, Instruction as I, ValType};
use wit_parser::{Function, Type};

/// So many numbers are passed as they are; more of them by their address.
const MAX_FLAT: usize = 16;

impl Glue<'_> {
    /// How many numbers the parameters are.
    pub(super) fn flat_params(&self, changed: &Changed) -> usize {
        let params = changed.original.params.iter();
        params.map(|it| self.layouts.flat(&it.ty).len()).sum()
    }

    /// Whether the parameters are passed by their address.
    pub(super) fn by_address(&self, changed: &Changed) -> bool {
        self.flat_params(changed) > MAX_FLAT
    }

    /// Code that answers at once if the call must wait to begin. A call that was lent something begins in any case, since the
    /// loan ends with the call.
    #[expect(clippy::too_many_arguments, reason = "all that a function is")]
    pub(super) fn hold(
        &mut self,
        code: &mut Code,
        changed: &Changed,
        start: &Function,
        lift: &Lift,
        options: &LiftOptions,
        function: Func,
        payload: u32,
    ) -> Result<()> {
        let types: Vec<Type> = changed.original.params.iter().map(|p| p.ty).collect();
        if types.iter().any(|ty| self.has_borrow(ty)) {
            return Ok(());
        }
        self.own_reallocs
            .insert(export_name(changed, start), FOR_CALLS);
        let (offsets, size) = self.layouts.fields(&types);
        let begin = self.begin(changed, lift, &types)?;
        let drop_params = self.drop_late(&types, &offsets)?;
        let task_code = self.task_code(changed, lift, options)?;
        let (must_wait, hold, alloc) = (
            self.rt("task-must-wait"),
            self.rt("task-hold"),
            self.rt("alloc"),
        );
        let (params, task) = (code.local(ValType::I32), code.local(ValType::I32));
        code.call(must_wait);
        code.push([I::If(BlockType::Empty)]);
        if self.by_address(changed) {
            code.push([I::LocalGet(0), I::LocalSet(params)]);
        } else {
            code.number(size);
            code.call(alloc);
            code.set(params);
            let locals: Vec<u32> = (0..self.flat_params(changed) as u32).collect();
            let mut left = &locals[..];
            for (ty, offset) in types.iter().zip(&offsets) {
                left = self
                    .layouts
                    .store(code, ty, params, u64::from(*offset), left);
            }
        }
        for number in task_code.into_iter().chain([begin, drop_params]) {
            code.number(number);
        }
        code.get(params);
        code.call(hold);
        code.set(task);
        self.pending(code, task, function, payload);
        code.push([I::Return, I::End]);
        Ok(())
    }

    /// The place of a function that begins a call with the parameters at an address: `func(address, _, _) -> code`. The guest is
    /// given lists of its own.
    fn begin(&mut self, changed: &Changed, lift: &Lift, types: &[Type]) -> Result<u32> {
        let lifted = self.lifted(changed);
        let place = self.place(Late::Guest(lift.core_func), lifted.clone());
        let by_address = self.by_address(changed);
        let (offsets, size) = self.layouts.fields(types);
        let name = format!("begin {}", export_key(changed));
        let signature = Signature::new(&[ValType::I32; 3], &[ValType::I32]);
        self.late(&name, signature, |glue| {
            let owner = Owner::Guest(glue.realloc());
            let mut code = Code::new(3);
            let params = code.local(ValType::I32);
            if by_address {
                let align = types.iter().map(|ty| glue.layouts.align(ty)).max();
                code.number(size);
                owner.allocate(&mut code, align.unwrap_or(1));
                code.push([I::LocalTee(params), I::LocalGet(0)]);
                code.number(size);
                code.push([I::MemoryCopy {
                    src_mem: 0,
                    dst_mem: 0,
                }]);
            } else {
                code.push([I::LocalGet(0), I::LocalSet(params)]);
            }
            let mut lists = CopyLists { owner };
            for (ty, offset) in types.iter().zip(&offsets) {
                let offset = u64::from(*offset);
                glue.layouts.walk(&mut code, ty, params, offset, &mut lists);
                glue.value_goes(&mut code, Way::In, ty, params, offset);
                if !by_address {
                    glue.layouts.load(&mut code, ty, params, offset);
                }
            }
            if by_address {
                code.get(params);
            }
            code.number(place);
            code.call_indirect(&lifted);
            Ok(code)
        })
    }

    fn has_borrow(&self, ty: &Type) -> bool {
        // A handle is lent only in parameters, and there only directly in a value: its key says so.
        self.world.key(ty).contains("borrow<")
    }
}
