//! Calls of functions, methods and closures.

use super::super::facts::{Site, Use};
use super::super::lower::segments;
use super::super::resolve::Space;
use super::super::tree::{BodyId, Def, FnId};
use super::super::types::{Bound, Ty};
use super::super::wasi;
use super::arguments::Arguments;
use super::{Taker, Walker, standard_result};
use std::sync::Arc;
use syn::{Expr, ExprCall, ExprMethodCall};

/// Methods that too many types have for a name to tell which.
const COMMON: [&str; 48] = [
    "new",
    "get",
    "get_mut",
    "set",
    "insert",
    "push",
    "pop",
    "read",
    "write",
    "flush",
    "send",
    "recv",
    "next",
    "len",
    "iter",
    "clone",
    "into",
    "from",
    "take",
    "replace",
    "map",
    "and_then",
    "unwrap",
    "expect",
    "lock",
    "borrow",
    "borrow_mut",
    "as_ref",
    "as_mut",
    "as_str",
    "to_string",
    "fmt",
    "eq",
    "cmp",
    "hash",
    "drop",
    "default",
    "parse",
    "join",
    "split",
    "remove",
    "contains",
    "extend",
    "append",
    "read_exact",
    "write_all",
    "read_to_end",
    "close",
];

/// Functions that take a future: what is directly in them is not awaited.
const TAKE_FUTURES: [&str; 2] = ["block_on", "pin"];

/// What a call means.
enum Target {
    Function(FnId),
    Wasi(String),
    Closure(BodyId),
}

impl<'a> Walker<'a, '_> {
    pub(super) fn call(&mut self, expr: &'a Expr, call: &'a ExprCall, as_future: bool) -> Ty {
        let Expr::Path(path) = &*call.func else {
            self.taker = Taker::Called;
            return match self.expr(&call.func) {
                Ty::Closure(body) => self.closure_call(expr, body, &call.args, as_future),
                Ty::Bounded(_, bounds) => {
                    self.arguments(&call.args, None, 0, "a closure in a field");
                    called(&bounds)
                }
                _ => {
                    self.arguments(&call.args, None, 0, "a value");
                    Ty::Unknown
                }
            };
        };
        if let Some(ident) = path.path.get_ident()
            && let Some((_, ty)) = self.variables.iter().rev().find(|(name, _)| ident == name)
        {
            return match ty.clone() {
                Ty::Closure(body) => self.closure_call(expr, body, &call.args, as_future),
                Ty::Bounded(_, bounds) => {
                    self.arguments(&call.args, None, 0, "a closure");
                    called(&bounds)
                }
                Ty::Function(id) => self.function_call(expr, id, &call.args, as_future),
                _ => {
                    self.arguments(&call.args, None, 0, "a value");
                    Ty::Unknown
                }
            };
        }
        let names = segments(&path.path);
        if let Some(qself) = &path.qself {
            return self.qualified_call(expr, call, qself, &names, as_future);
        }
        if let Some(id) = self.function_named(&names) {
            return self.function_call(expr, id, &call.args, as_future);
        }
        self.other_call(expr, call, &names, as_future)
    }

    /// `<T as Trait>::method(…)`
    fn qualified_call(
        &mut self,
        expr: &'a Expr,
        call: &'a ExprCall,
        qself: &syn::QSelf,
        names: &[String],
        as_future: bool,
    ) -> Ty {
        let own = self.lower(&qself.ty);
        let method = names.last().cloned().unwrap_or_default();
        let of = match self.resolve(&names[..names.len() - 1], Space::Type) {
            Some((Def::Trait(id), _)) => self.methods.of_trait(id, &method),
            _ => self.methods.find(&own, &method),
        };
        match of {
            Some(id) => self.function_call(expr, id, &call.args, as_future),
            None => {
                self.arguments(&call.args, None, 0, &format!("`{method}`"));
                Ty::Unknown
            }
        }
    }

    /// A call of a function of WASI, of the standard library or of another crate, or of a constructor.
    fn other_call(
        &mut self,
        expr: &'a Expr,
        call: &'a ExprCall,
        names: &[String],
        as_future: bool,
    ) -> Ty {
        let last = names.last().cloned().unwrap_or_default();
        let resolved = self.resolve(names, Space::Value);
        match resolved {
            Some((Def::Wasi(path), _)) => {
                self.arguments(&call.args, None, 0, &format!("`{last}`"));
                let full = wasi::item(&path);
                self.site(expr, Target::Wasi(full.clone()), &last, as_future);
                wasi::result(&full).unwrap_or(Ty::Unknown)
            }
            Some((Def::Alias(module, item), used)) if used + 1 == names.len() => {
                let own = self.program.lower(module, &item.ty, &Default::default());
                let types = self.arguments(&call.args, None, 0, &format!("`{last}`"));
                match own {
                    Ty::Wasi(name) => {
                        let full = format!("{name}.{}", crate::rust::kebab(&last));
                        self.site(expr, Target::Wasi(full.clone()), &last, as_future);
                        wasi::result(&full).unwrap_or(Ty::Unknown)
                    }
                    own => constructed(&own, &last, &types),
                }
            }
            Some((Def::Adt(id), used)) if used == names.len() => {
                let types = self.arguments(&call.args, None, 0, "a field of a struct");
                self.made(id, 0, &types)
            }
            // A derived function.
            Some((Def::Adt(id), _))
                if ["default", "clone", "from", "new"].contains(&last.as_str()) =>
            {
                self.arguments(&call.args, None, 0, &format!("`{last}`"));
                Ty::Adt(id, Vec::new())
            }
            Some((Def::Variant(id, index), _)) => {
                let types = self.arguments(&call.args, None, 0, "a field of an enum");
                self.made(id, index, &types)
            }
            _ => {
                let types = if TAKE_FUTURES.contains(&last.as_str()) {
                    self.futures(&call.args)
                } else {
                    self.arguments(&call.args, None, 0, &format!("`{last}`"))
                };
                let holder = names.iter().rev().nth(1).cloned().unwrap_or_default();
                match (holder.as_str(), last.as_str()) {
                    ("Self", _) => self.own(),
                    (_, "Some") => Ty::std("Option", types),
                    (_, "Ok") => Ty::std("Result", types),
                    (_, "Err") => Ty::std(
                        "Result",
                        vec![Ty::Unknown, types.into_iter().next().unwrap_or(Ty::Unknown)],
                    ),
                    ("mem", "take" | "replace") => types.into_iter().next().unwrap_or(Ty::Unknown),
                    ("", _) => Ty::Unknown,
                    (holder, _) if holder.starts_with(char::is_uppercase) => {
                        constructed(&Ty::std(holder, Vec::new()), &last, &types)
                    }
                    _ => Ty::Unknown,
                }
            }
        }
    }

    /// A value of the program's own type, made of these.
    fn made(&self, id: usize, variant: usize, types: &[Ty]) -> Ty {
        let adt = &self.program.adts[id];
        let mut scope = Default::default();
        self.program
            .parameters(adt.module, adt.generics, &mut scope);
        let mut bound: Vec<(Arc<str>, Ty)> = Vec::new();
        for (field, ty) in adt.variants[variant].1.iter().zip(types) {
            self.program
                .lower(adt.module, &field.ty, &scope)
                .unify(ty, &mut bound);
        }
        let arguments = adt.generics.type_params().map(|parameter| {
            let name = parameter.ident.to_string();
            bound
                .iter()
                .find(|(other, _)| **other == *name)
                .map_or(Ty::Unknown, |(_, ty)| ty.clone())
        });
        Ty::Adt(id, arguments.collect())
    }

    fn closure_call(
        &mut self,
        expr: &'a Expr,
        body: BodyId,
        arguments: &'a Arguments,
        as_future: bool,
    ) -> Ty {
        self.arguments(arguments, None, 0, "a closure");
        self.site(expr, Target::Closure(body), "a closure", as_future);
        self.facts.bodies[body].result.clone()
    }

    fn function_call(
        &mut self,
        expr: &'a Expr,
        id: FnId,
        arguments: &'a Arguments,
        as_future: bool,
    ) -> Ty {
        let name = self.program.functions[id].name.clone();
        let types = self.arguments(arguments, Some(id), 0, &format!("`{name}`"));
        self.site(expr, Target::Function(id), &name, as_future);
        let result = self.methods.result(self.program, id, None, &types);
        self.through_closure(id, 0, result, &types)
    }

    pub(super) fn method_call(
        &mut self,
        expr: &'a Expr,
        call: &'a ExprMethodCall,
        as_future: bool,
    ) -> Ty {
        let receiver = self.expr(&call.receiver);
        let name = call.method.to_string();
        let mut at = receiver.clone();
        loop {
            if let Some(id) = self.methods.find(&at, &name) {
                let types = self.arguments(&call.args, Some(id), 1, &format!("`{name}`"));
                self.site(expr, Target::Function(id), &name, as_future);
                let result = self.methods.result(self.program, id, Some(&at), &types);
                return self.through_closure(id, 1, result, &types);
            }
            if let Ty::Wasi(ty) = &at {
                let full = format!("{ty}.{}", crate::rust::kebab(&name));
                if wasi::exists(&full) {
                    self.arguments(&call.args, None, 1, &format!("`{name}`"));
                    self.site(expr, Target::Wasi(full.clone()), &name, as_future);
                    return wasi::result(&full).unwrap_or(Ty::Unknown);
                }
            }
            match self.methods.inner(&at) {
                Some(inner) => at = inner,
                None => break,
            }
        }
        if receiver == Ty::Unknown {
            return self.guessed(expr, call, &name, as_future);
        }
        self.standard_call(call, &receiver, &name)
    }

    /// A method of the standard library.
    fn standard_call(&mut self, call: &'a ExprMethodCall, receiver: &Ty, name: &str) -> Ty {
        let mut given = Vec::new();
        let mut at = Some(receiver.clone());
        while let (Some(ty), true) = (at, given.is_empty()) {
            given = super::standard::given(&ty, name);
            at = self.methods.inner(&ty);
        }
        let mut types = Vec::new();
        for argument in &call.args {
            self.given.clone_from(&given);
            self.taker = Taker::Nothing(format!("`{name}`"));
            types.push(self.expr(argument));
        }
        self.given.clear();
        // What is put into a list tells its type.
        if ["push", "push_back", "push_front", "insert", "replace"].contains(&name)
            && let (Ty::Std(list, _), Some(last)) = (receiver, types.last())
        {
            let filled = if types.len() == 2 && list.ends_with("Map") {
                Ty::Std(list.clone(), types.clone())
            } else {
                Ty::Std(list.clone(), vec![last.clone()])
            };
            self.assigned(&call.receiver, filled);
        }
        let closure = types.iter().rev().find_map(|ty| match ty {
            Ty::Closure(body) => Some(self.facts.bodies[*body].result.clone()),
            Ty::Function(id) => Some(self.methods.result(self.program, *id, None, &[])),
            _ => None,
        });
        match receiver {
            Ty::Wasi(_) | Ty::Adt(..) | Ty::Bounded(..)
                if [
                    "clone",
                    "as_ref",
                    "as_mut",
                    "borrow",
                    "borrow_mut",
                    "by_ref",
                    "to_owned",
                ]
                .contains(&name) =>
            {
                receiver.clone()
            }
            Ty::Bounded(..) | Ty::Adt(..) => match self.methods.item(receiver) {
                Ty::Unknown => Ty::Unknown,
                item => standard_result(
                    self.methods,
                    &Ty::std("Iter", vec![item]),
                    name,
                    closure.as_ref(),
                ),
            },
            receiver => standard_result(self.methods, receiver, name, closure.as_ref()),
        }
    }

    /// A call on something of which the type is not known.
    fn guessed(
        &mut self,
        expr: &'a Expr,
        call: &'a ExprMethodCall,
        name: &str,
        as_future: bool,
    ) -> Ty {
        let candidates: Vec<FnId> = self
            .methods
            .by_name
            .get(name)
            .into_iter()
            .flatten()
            .copied()
            .collect();
        let fits = |id: &FnId| {
            let signature = self.program.functions[*id].signature;
            signature.receiver().is_some() && signature.inputs.len() == call.args.len() + 1
        };
        let candidates: Vec<FnId> = candidates.into_iter().filter(fits).collect();
        if candidates.is_empty() || COMMON.contains(&name) {
            self.arguments(&call.args, None, 1, &format!("`{name}`"));
            if wasi::only_async_method(name) {
                self.site(expr, Target::Wasi(String::new()), name, as_future);
            } else if wasi::is_ambiguous(name, call.args.len()) {
                let range = self.parsed.range(&call.method);
                self.facts.unknown.push((self.file, range, name.to_owned()));
            }
            return Ty::Unknown;
        }
        let first = candidates[0];
        let types = self.arguments(&call.args, Some(first), 1, &format!("`{name}`"));
        for other in &candidates[1..] {
            self.facts.join(first, *other);
        }
        self.site(expr, Target::Function(first), name, as_future);
        if candidates.len() == 1 {
            self.methods.result(self.program, first, None, &types)
        } else {
            Ty::Unknown
        }
    }

    fn site(&mut self, expr: &'a Expr, target: Target, what: &str, as_future: bool) {
        if let Target::Wasi(item) = &target
            && !item.is_empty()
        {
            let range = self.parsed.expr(expr);
            let name = match expr {
                Expr::MethodCall(call) => self.parsed.range(&call.method),
                Expr::Call(call) => self.parsed.expr(&call.func),
                _ => range.clone(),
            };
            self.facts.uses.push(Use {
                file: self.file,
                range,
                name,
                item: item.clone(),
            });
        }
        let callee = match target {
            Target::Function(id) if self.program.functions[id].signature.asyncness.is_some() => {
                return;
            }
            Target::Function(id) => Some(id),
            Target::Closure(body) => Some(body),
            Target::Wasi(full) if full.is_empty() || wasi::is_async(&full) => None,
            Target::Wasi(full) => {
                if wasi::asks(&full) {
                    let range = self.parsed.expr(expr);
                    self.facts.asked.push((self.file, range));
                }
                return;
            }
        };
        if as_future {
            return;
        }
        let range = self.parsed.expr(expr);
        self.facts.sites.push(Site {
            body: self.body,
            file: self.file,
            range,
            callee,
            what: what.to_owned(),
        });
    }

    /// The program's function that a path names.
    pub(super) fn function_named(&self, names: &[String]) -> Option<FnId> {
        if names.len() == 2 && names[0] == "Self" {
            return self.methods.find(&self.own(), &names[1]);
        }
        if names.len() == 2
            && let Some(id) = self.function
            && let Some((_, ty)) = self.methods.scopes[id]
                .parameters
                .iter()
                .rev()
                .find(|(name, _)| *name == names[0])
        {
            return self.methods.find(ty, &names[1]);
        }
        let (def, used) = self.resolve(names, Space::Value)?;
        let rest = &names[used..];
        match (def, rest) {
            (Def::Fn(id), []) => Some(id),
            (Def::Adt(id), [method]) => self.methods.find(&Ty::Adt(id, Vec::new()), method),
            (Def::Trait(id), [method]) => self.methods.of_trait(id, method),
            (Def::Alias(module, item), [method]) => {
                let own = self.program.lower(module, &item.ty, &Default::default());
                self.methods.find(&own, method)
            }
            _ => None,
        }
    }
}

fn called(bounds: &[Bound]) -> Ty {
    let result = bounds.iter().find_map(|bound| match bound {
        Bound::Call(_, result) => Some(result.clone()),
        _ => None,
    });
    result.unwrap_or(Ty::Unknown)
}

/// What `Type::name(…)` returns, for types of others.
fn constructed(ty: &Ty, name: &str, arguments: &[Ty]) -> Ty {
    let Ty::Std(holder, _) = ty else {
        return ty.clone();
    };
    let holds = [
        "Box",
        "Rc",
        "Arc",
        "RefCell",
        "Cell",
        "Mutex",
        "RwLock",
        "Pin",
        "ManuallyDrop",
    ]
    .contains(&&**holder);
    match name {
        "new" | "from" | "pin" if holds => Ty::Std(holder.clone(), arguments.to_vec()),
        "downgrade" => Ty::std(
            "Weak",
            vec![arguments.first().map_or(Ty::Unknown, |ty| ty.argument(0))],
        ),
        "clone" if holds => arguments.first().cloned().unwrap_or(Ty::Unknown),
        "new" | "with_capacity" | "default" | "from_iter" => ty.clone(),
        _ => Ty::Unknown,
    }
}
