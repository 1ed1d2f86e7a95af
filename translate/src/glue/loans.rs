//! Resources of the component that its own functions are lent: they must outlive the call.

use super::layout::at;
use super::{Glue, Late, Source, exported_resource};
use crate::key::{ResourceName, Side};
use crate::module::{Code, Signature};
use crate::world::Changed;
use wasm_encoder::{Instruction as I, ValType};
use wit_parser::{Handle, Type, TypeDefKind};

/// A parameter that is a borrowed resource of the component.
pub struct Loan {
    /// The place of the destructor.
    dtor: u32,
    /// The local with the representation.
    rep: u32,
}

impl Glue<'_> {
    /// Exports the destructor of a resource: the guest's, once no task is lent the resource.
    pub fn destructor(&mut self, resource: ResourceName, name: String, dtor: u32) {
        let signature = Signature::new(&[ValType::I32], &[]);
        let place = self.place(Late::Guest(dtor), signature.clone());
        self.dtors.insert(resource, place);
        let dropped = self.rt("resource-dropped");
        let mut code = Code::new(1);
        code.number(place);
        code.get(0);
        code.call(dropped);
        let func = self.builder.func(&name, signature.clone(), code);
        self.builder.export(&name, func);
        self.exports
            .push((name.clone(), signature, Source::Glue(name)));
    }

    /// The parameters that are resources of the component, lent.
    pub(super) fn loans(&mut self, code: &mut Code, changed: &Changed) -> Vec<Loan> {
        let types: Vec<Type> = changed.original.params.iter().map(|it| it.ty).collect();
        let (offsets, _) = self.layouts.fields(&types);
        let by_address = self.by_address(changed);
        let mut loans = Vec::new();
        let mut flat = 0;
        for (ty, offset) in types.iter().zip(offsets) {
            if let Some(dtor) = self.lent(ty) {
                let rep = if by_address {
                    // The guest may free what is there.
                    let rep = code.local(ValType::I32);
                    code.push([
                        I::LocalGet(0),
                        I::I32Load(at(u64::from(offset))),
                        I::LocalSet(rep),
                    ]);
                    rep
                } else {
                    flat
                };
                loans.push(Loan { dtor, rep });
            }
            flat += self.layouts.flat(ty).len() as u32;
        }
        loans
    }

    /// Notes that a task that goes on has them.
    pub(super) fn lend(&mut self, code: &mut Code, task: u32, loans: &[Loan]) {
        for loan in loans {
            let lend = self.rt("task-lend");
            code.get(task);
            code.number(loan.dtor);
            code.get(loan.rep);
            code.call(lend);
        }
    }

    /// The destructor of the component's own resource that a parameter of this type is lent.
    fn lent(&self, ty: &Type) -> Option<u32> {
        let Type::Id(id) = ty else { return None };
        match &self.world.original.types[*id].kind {
            TypeDefKind::Type(ty) => self.lent(ty),
            TypeDefKind::Handle(Handle::Borrow(resource)) => {
                let resource = exported_resource(self.world, *resource);
                let dtor = self.dtors.get(&resource);
                dtor.copied().filter(|_| resource.side == Side::Export)
            }
            _ => None,
        }
    }
}
