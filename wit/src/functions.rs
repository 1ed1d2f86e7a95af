//! Rewrites functions: an async one becomes two, a getter or setter an ordinary one.

use crate::builder::Builder;
use crate::container::{Container, anonymous};
use crate::names::{GET, PENDING_ALIAS, READY, READY_ALIAS, RESULT, SET, START, function_name};
use crate::{SplitFunction, SplitKind};
use wit_parser::{
    AccessorKind, Docs, Function, FunctionKind, Param, Result_, Stability, Type, TypeDefKind,
};

impl<'a> Builder<'a> {
    /// The functions that `function` becomes in `c`, and a note if it changed.
    pub(crate) fn function(
        &mut self,
        c: &mut Container<'a>,
        function: &Function,
    ) -> (Vec<Function>, Option<SplitFunction>) {
        let mut new = function.clone();
        let resource = function.kind.resource();
        let resource_name = resource.map(|id| self.from.types[id].name.clone().unwrap_or_default());
        let named = |kind: &FunctionKind, suffix: &str| {
            function_name(
                kind,
                resource_name.as_deref(),
                &format!("{}{suffix}", function.item_name()),
            )
        };
        if let Some(resource) = new.kind.resource_mut() {
            *resource = self.named(c, *resource);
        }
        for param in &mut new.params {
            param.ty = self.ty(c, param.ty);
        }
        new.result = new.result.map(|ty| self.ty(c, ty));
        new.stability = self.stability(&function.stability, c);
        new.external_id = None;

        let (plain, of_resource) = match new.kind {
            FunctionKind::AsyncFreestanding | FunctionKind::Getter | FunctionKind::Setter => {
                (FunctionKind::Freestanding, FunctionKind::Freestanding)
            }
            FunctionKind::AsyncMethod(id) => (FunctionKind::Method(id), FunctionKind::Static(id)),
            FunctionKind::MethodGetter(id) | FunctionKind::MethodSetter(id) => {
                (FunctionKind::Method(id), FunctionKind::Method(id))
            }
            FunctionKind::AsyncStatic(id)
            | FunctionKind::StaticGetter(id)
            | FunctionKind::StaticSetter(id) => {
                (FunctionKind::Static(id), FunctionKind::Static(id))
            }
            FunctionKind::Freestanding
            | FunctionKind::Method(_)
            | FunctionKind::Static(_)
            | FunctionKind::Constructor(_) => return (vec![new], None),
        };
        let note = |kind| {
            Some(SplitFunction {
                original: function.clone(),
                kind,
            })
        };
        if let Some(accessor) = function.kind.accessor() {
            let suffix = match accessor {
                AccessorKind::Getter => GET,
                AccessorKind::Setter => SET,
            };
            new.name = named(&plain, suffix);
            new.kind = plain;
            let note = note(SplitKind::Renamed {
                name: new.name.clone(),
            });
            return (vec![new], note);
        }

        let pending = c.alias(&mut self.to, self.core.pending, PENDING_ALIAS);
        let ready = c.alias(&mut self.to, self.core.ready, READY_ALIAS);
        let pending = c.own(&mut self.to, pending);
        let ready = c.own(&mut self.to, ready);
        let at_once = TypeDefKind::Result(Result_ {
            ok: new.result,
            err: Some(pending),
        });
        let start = Function {
            name: named(&plain, START),
            kind: plain,
            result: Some(Type::Id(anonymous(&mut self.to, at_once))),
            ..new.clone()
        };
        let result = Function {
            name: named(&of_resource, RESULT),
            kind: of_resource,
            params: vec![param(READY, ready)],
            docs: Docs {
                contents: Some(format!(
                    "The result of `{}`, once its task is done.",
                    function.item_name()
                )),
            },
            ..new
        };
        let note = note(SplitKind::Async {
            start: start.name.clone(),
            result: result.name.clone(),
        });
        (vec![start, result], note)
    }
}

/// The poll function of an interface, of a resource or of a function.
pub(crate) fn poll(name: String, kind: FunctionKind, stability: Stability) -> Function {
    Function {
        name,
        kind,
        params: Vec::new(),
        result: Some(Type::U32),
        docs: Docs {
            contents: Some(
                "Lets every task of the component behind this run that can; answers the component's number, 0 from a host."
                    .to_owned(),
            ),
        },
        stability,
        span: Default::default(),
        external_id: None,
    }
}

pub(crate) fn param(name: &str, ty: Type) -> Param {
    Param {
        name: name.to_owned(),
        ty,
        span: Default::default(),
    }
}
