//! The arguments of calls, closures among them, and what they tell of the parameters.

use super::super::facts::BodyKind;
use super::super::lower::segments;
use super::super::tree::{BodyId, FnId};
use super::super::types::{Bound, Ty};
use super::{Taker, Walker};
use syn::punctuated::Punctuated;
use syn::{Expr, FnArg, Token};

pub(super) type Arguments = Punctuated<Expr, Token![,]>;

impl<'a> Walker<'a, '_> {
    pub(super) fn futures(&mut self, arguments: &'a Arguments) -> Vec<Ty> {
        let mut types = Vec::new();
        for argument in arguments {
            self.as_future = true;
            types.push(self.expr(argument));
        }
        types
    }

    /// Visits the arguments of a call. `skipped` is 1 for methods, whose first parameter is the receiver.
    pub(super) fn arguments(
        &mut self,
        arguments: &'a Arguments,
        id: Option<FnId>,
        skipped: usize,
        what: &str,
    ) -> Vec<Ty> {
        let mut types = Vec::new();
        for (index, argument) in arguments.iter().enumerate() {
            let index = index + skipped;
            let parameter = id.and_then(|id| self.facts.parameters.get(&(id, index)).copied());
            types.push(match parameter {
                Some(parameter) => self.passed(argument, parameter),
                None => {
                    self.given = id.map(|id| self.inputs_of(id, index)).unwrap_or_default();
                    self.taker = Taker::Nothing(what.to_owned());
                    let ty = self.expr(argument);
                    self.given.clear();
                    ty
                }
            });
        }
        types
    }

    /// An argument for a parameter that is called.
    fn passed(&mut self, argument: &'a Expr, parameter: BodyId) -> Ty {
        match argument {
            Expr::Reference(inner) => self.passed(&inner.expr, parameter),
            Expr::Paren(inner) => self.passed(&inner.expr, parameter),
            Expr::Closure(_) => {
                if let BodyKind::Parameter(id, index) = self.facts.bodies[parameter].kind {
                    self.given = self.inputs_of(id, index);
                }
                self.taker = Taker::Parameter(parameter);
                self.expr(argument)
            }
            Expr::Path(path) => {
                let variable = path
                    .path
                    .get_ident()
                    .and_then(|ident| self.variables.iter().rev().find(|(name, _)| ident == name));
                match variable.map(|(_, ty)| ty.clone()) {
                    Some(Ty::Closure(body)) => {
                        self.facts.join(parameter, body);
                        Ty::Closure(body)
                    }
                    None if path.qself.is_none() => {
                        match self.function_named(&segments(&path.path)) {
                            Some(id) => {
                                self.facts.join(parameter, id);
                                Ty::Function(id)
                            }
                            None => self.other_value(argument, parameter),
                        }
                    }
                    _ => self.other_value(argument, parameter),
                }
            }
            _ => self.other_value(argument, parameter),
        }
    }

    fn other_value(&mut self, argument: &'a Expr, parameter: BodyId) -> Ty {
        self.facts.block(
            parameter,
            "a parameter that is given a value other than a closure",
        );
        self.expr(argument)
    }

    /// The types of what a parameter of a function is called with.
    fn inputs_of(&self, id: FnId, index: usize) -> Vec<Ty> {
        let function = &self.program.functions[id];
        let Some(FnArg::Typed(input)) = function.signature.inputs.iter().nth(index) else {
            return Vec::new();
        };
        match self
            .program
            .lower(function.module, &input.ty, &self.methods.scopes[id])
        {
            Ty::Bounded(_, bounds) => bounds
                .iter()
                .find_map(|bound| match bound {
                    Bound::Call(inputs, _) => Some(inputs.clone()),
                    _ => None,
                })
                .unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// `fn with<T>(f: impl Fn() -> T) -> T`: the result is the closure's.
    pub(super) fn through_closure(&self, id: FnId, skipped: usize, result: Ty, types: &[Ty]) -> Ty {
        let function = &self.program.functions[id];
        let mut bound = Vec::new();
        for (index, actual) in types.iter().enumerate() {
            let (Ty::Closure(body), Some(FnArg::Typed(input))) = (
                actual,
                function.signature.inputs.iter().nth(index + skipped),
            ) else {
                continue;
            };
            if let Ty::Bounded(_, bounds) =
                self.program
                    .lower(function.module, &input.ty, &self.methods.scopes[id])
            {
                for found in bounds.iter() {
                    if let Bound::Call(_, declared) = found {
                        declared.unify(&self.facts.bodies[*body].result, &mut bound);
                    }
                }
            }
        }
        result.with(&bound)
    }
}
