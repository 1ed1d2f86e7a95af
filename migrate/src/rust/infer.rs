//! The inference of WASI types: follows values through parameters, `let`s, patterns, fields, and the results of WASI's own functions.

use super::declared::{Declared, alias, type_of};
use super::names::Names;
use super::signatures::{Ty, field, method_answer, signature};
use super::text::with_text;
use super::{Macros, address};
use crate::moves::moves;
use rustc_hash::{FxBuildHasher, FxHashMap};
use syn::visit::{self, Visit};
use syn::{Expr, FnArg, ItemFn, Local, Pat, Signature};

/// The types of expressions that have to do with WASI, by the address of the expression.
#[derive(Default)]
pub struct Types {
    known: FxHashMap<usize, Ty>,
}

impl Types {
    pub fn of(file: &syn::File, names: &Names, macros: &Macros, size: usize) -> Self {
        let Declared {
            functions, fields, ..
        } = Declared::of(file, names);
        let mut infer = Infer {
            names,
            macros,
            functions,
            fields,
            variables: Vec::new(),
            given: None,
            known: FxHashMap::with_capacity_and_hasher(size, FxBuildHasher),
        };
        infer.visit_file(file);
        Self { known: infer.known }
    }

    /// The type of an expression, if it is known.
    pub fn get(&self, expr: &Expr) -> Option<&Ty> {
        self.known.get(&address(expr))
    }

    /// The type of WASI that an expression is, by reference or not.
    pub fn wasi(&self, expr: &Expr) -> Option<&str> {
        match self.get(expr)? {
            Ty::Wasi(name) => Some(name),
            _ => None,
        }
    }
}

/// Methods of `Option` and `Result` that pass what is inside to a closure.
const GIVING: [&str; 6] = [
    "map",
    "and_then",
    "map_or",
    "is_some_and",
    "is_ok_and",
    "filter",
];

struct Infer<'a> {
    names: &'a Names,
    macros: &'a Macros,
    functions: FxHashMap<String, Ty>,
    fields: FxHashMap<String, Ty>,
    /// The variables in scope. Later ones shadow earlier ones.
    variables: Vec<(&'a syn::Ident, Ty)>,
    /// The type of the argument of the closure that is visited next.
    given: Option<Ty>,
    known: FxHashMap<usize, Ty>,
}

impl<'a> Infer<'a> {
    fn bind(&mut self, pat: &'a Pat, ty: &Ty) {
        match (pat, ty) {
            (Pat::Ident(pat), ty) => self.variables.push((&pat.ident, ty.clone())),
            (Pat::Type(pat), Ty::Unknown) => {
                let ty = type_of(self.names, &pat.ty);
                self.bind(&pat.pat, &ty);
            }
            (Pat::Type(pat), ty) => self.bind(&pat.pat, ty),
            (Pat::Guard(pat), ty) => self.bind(&pat.pat, ty),
            (Pat::Reference(pat), ty) => self.bind(&pat.pat, ty),
            (Pat::Paren(pat), ty) => self.bind(&pat.pat, ty),
            (Pat::Tuple(pat), Ty::Tuple(types)) => pat
                .elems
                .iter()
                .zip(types.iter())
                .for_each(|(pat, ty)| self.bind(pat, ty)),
            (Pat::Tuple(pat), _) => pat
                .elems
                .iter()
                .for_each(|pat| self.bind(pat, &Ty::Unknown)),
            (Pat::TupleStruct(pat), ty) => {
                let last = pat.path.segments.last();
                let is = |name| last.is_some_and(|segment| segment.ident == name);
                let inner = match ty {
                    Ty::Result(ty) if is("Ok") => (**ty).clone(),
                    Ty::Option(ty) if is("Some") => (**ty).clone(),
                    _ => Ty::Unknown,
                };
                pat.elems.iter().for_each(|pat| self.bind(pat, &inner));
            }
            (Pat::Or(pat), ty) => pat.cases.iter().for_each(|pat| self.bind(pat, ty)),
            _ => {}
        }
    }

    /// The type that was found for an expression that was visited.
    fn known(&self, expr: &Expr) -> &Ty {
        self.known.get(&address(expr)).unwrap_or(&Ty::Unknown)
    }

    fn ty(&self, expr: &Expr) -> Ty {
        match expr {
            Expr::Path(expr) => expr.path.get_ident().map_or(Ty::Unknown, |ident| {
                let variables = self.variables.iter().rev();
                let mut named = variables.filter(|(name, _)| *name == ident);
                named.next().map_or(Ty::Unknown, |(_, ty)| ty.clone())
            }),
            Expr::Reference(expr) => self.known(&expr.expr).clone(),
            Expr::Paren(expr) => self.known(&expr.expr).clone(),
            Expr::Await(expr) => self.known(&expr.base).clone(),
            Expr::Try(expr) => match self.known(&expr.expr) {
                Ty::Option(ty) | Ty::Result(ty) => (**ty).clone(),
                _ => Ty::Unknown,
            },
            Expr::Tuple(expr) => Ty::Tuple(
                expr.elems
                    .iter()
                    .map(|expr| self.known(expr).clone())
                    .collect(),
            ),
            Expr::Field(expr) => match (&expr.member, self.known(&expr.base)) {
                (syn::Member::Unnamed(index), Ty::Tuple(types)) => types
                    .get(index.index as usize)
                    .cloned()
                    .unwrap_or(Ty::Unknown),
                (syn::Member::Named(name), Ty::Wasi(record)) => field(record, name)
                    .cloned()
                    .unwrap_or_else(|| named(&self.fields, name)),
                (syn::Member::Named(name), _) => named(&self.fields, name),
                _ => Ty::Unknown,
            },
            Expr::Call(expr) => self.call(&expr.func),
            Expr::Struct(expr) => {
                let found = self.names.wasi(&expr.path);
                found.map_or(Ty::Unknown, |path| Ty::Wasi(alias(path.full()).into()))
            }
            Expr::MethodCall(expr) => {
                let is = |names: &[&str]| names.iter().any(|name| expr.method == name);
                match self.known(&expr.receiver) {
                    Ty::Option(ty) | Ty::Result(ty)
                        if is(&["unwrap", "expect", "unwrap_or_else", "unwrap_or"]) =>
                    {
                        (**ty).clone()
                    }
                    Ty::Result(ty) if is(&["ok"]) => Ty::Option(ty.clone()),
                    Ty::Option(ty) if is(&["ok_or", "ok_or_else", "context", "with_context"]) => {
                        Ty::Result(ty.clone())
                    }
                    Ty::Option(ty) if is(&["take", "as_ref", "as_mut"]) => Ty::Option(ty.clone()),
                    Ty::Result(ty)
                        if is(&["map_err", "context", "with_context", "as_ref", "or_else"]) =>
                    {
                        Ty::Result(ty.clone())
                    }
                    Ty::Wasi(ty) if is(&["clone", "as_ref"]) => Ty::Wasi(ty.clone()),
                    Ty::Wasi(ty) => method_answer(ty, &expr.method)
                        .cloned()
                        .unwrap_or(Ty::Unknown),
                    Ty::Unknown => named(&self.functions, &expr.method),
                    _ => Ty::Unknown,
                }
            }
            _ => Ty::Unknown,
        }
    }

    fn call(&self, function: &Expr) -> Ty {
        let Expr::Path(path) = function else {
            return Ty::Unknown;
        };
        if let Some(found) = self.names.wasi(&path.path) {
            let mut full = found.full().to_owned();
            if found.rest.len() == 2 && found.rest[1] == "new" && signature(&full).is_none() {
                full.truncate(full.len() - "new".len());
                full += "constructor";
            }
            let full = alias_call(full);
            return signature(&full).cloned().unwrap_or(Ty::Unknown);
        }
        match path.path.segments.last() {
            Some(last) if last.ident != "Ok" && last.ident != "Some" => {
                named(&self.functions, &last.ident)
            }
            _ => Ty::Unknown,
        }
    }
}

fn named(all: &FxHashMap<String, Ty>, name: &syn::Ident) -> Ty {
    let found = with_text(name, |name| all.get(name).cloned());
    found.unwrap_or(Ty::Unknown)
}

/// `Headers::new` is `Fields::new`.
fn alias_call(name: String) -> String {
    for from in ["wasi:http/types.headers.", "wasi:http/types.trailers."] {
        if let Some(rest) = name.strip_prefix(from) {
            return format!("wasi:http/types.fields.{rest}");
        }
    }
    debug_assert!(moves().get("wasi:http/types.fields").is_some());
    name
}

impl<'ast> Visit<'ast> for Infer<'ast> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::If(expr) => {
                let outer = self.variables.len();
                visit::visit_expr_if(self, expr);
                self.variables.truncate(outer);
            }
            Expr::While(expr) => {
                let outer = self.variables.len();
                visit::visit_expr_while(self, expr);
                self.variables.truncate(outer);
            }
            Expr::Let(expr) => {
                self.visit_expr(&expr.expr);
                let ty = self.known(&expr.expr).clone();
                self.bind(&expr.pat, &ty);
            }
            Expr::Match(expr) => {
                self.visit_expr(&expr.expr);
                let ty = self.known(&expr.expr).clone();
                for arm in &expr.arms {
                    let outer = self.variables.len();
                    self.bind(&arm.pat, &ty);
                    visit::visit_arm(self, arm);
                    self.variables.truncate(outer);
                }
            }
            Expr::MethodCall(expr) => {
                self.visit_expr(&expr.receiver);
                // `time.map(|time| time.seconds)`: the closure is given what is inside.
                let gives = GIVING.iter().any(|name| expr.method == name);
                let inner = match self.known(&expr.receiver) {
                    Ty::Option(ty) | Ty::Result(ty) if gives => Some((**ty).clone()),
                    _ => None,
                };
                for argument in &expr.args {
                    if let Expr::Closure(_) = argument {
                        self.given.clone_from(&inner);
                    }
                    self.visit_expr(argument);
                }
            }
            Expr::Closure(expr) => {
                let outer = self.variables.len();
                let given = self.given.take().unwrap_or(Ty::Unknown);
                expr.inputs.iter().for_each(|pat| {
                    self.bind(
                        pat,
                        if expr.inputs.len() == 1 {
                            &given
                        } else {
                            &Ty::Unknown
                        },
                    )
                });
                visit::visit_expr_closure(self, expr);
                self.variables.truncate(outer);
            }
            Expr::ForLoop(expr) => {
                self.visit_expr(&expr.expr);
                let outer = self.variables.len();
                let item = match self.known(&expr.expr) {
                    Ty::List(ty) => (**ty).clone(),
                    _ => Ty::Unknown,
                };
                self.bind(&expr.pat, &item);
                self.visit_block(&expr.body);
                self.variables.truncate(outer);
            }
            _ => visit::visit_expr(self, expr),
        }
        let ty = self.ty(expr);
        if ty != Ty::Unknown {
            self.known.insert(address(expr), ty);
        }
    }

    fn visit_macro(&mut self, found: &'ast syn::Macro) {
        let macros = self.macros;
        for expr in macros.arguments(found) {
            Visit::visit_expr(self, expr);
        }
    }

    fn visit_local(&mut self, local: &'ast Local) {
        let mut ty = Ty::Unknown;
        if let Some(init) = &local.init {
            self.visit_expr(&init.expr);
            ty = self.known(&init.expr).clone();
            if let Some((_, other)) = &init.diverge {
                self.visit_expr(other);
            }
        }
        self.bind(&local.pat, &ty);
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        let outer = self.variables.len();
        visit::visit_block(self, block);
        self.variables.truncate(outer);
    }

    fn visit_signature(&mut self, found: &'ast Signature) {
        for input in &found.inputs {
            if let FnArg::Typed(input) = input {
                let ty = type_of(self.names, &input.ty);
                self.bind(&input.pat, &ty);
            }
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        // Parameters of one function are not seen by the next.
        let outer = self.variables.len();
        visit::visit_item_fn(self, item);
        self.variables.truncate(outer);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        let outer = self.variables.len();
        visit::visit_impl_item_fn(self, item);
        self.variables.truncate(outer);
    }
}
