//! Follows values of WASI through functions: parameters, `let`s, patterns, fields, and what WASI's own functions answer.

use super::names::Names;
use super::signatures::{Ty, kebab, signature};
use super::{Macros, address, segments};
use crate::moves::moves;
use rustc_hash::FxHashMap;
use std::collections::HashMap;
use syn::visit::{self, Visit};
use syn::{Expr, FnArg, GenericArgument, ItemFn, Local, Pat, PathArguments, ReturnType, Signature};

/// The types of expressions, by their address; of those that have to do with WASI.
#[derive(Default)]
pub struct Types {
    known: FxHashMap<usize, Ty>,
}

impl Types {
    pub fn of(file: &syn::File, names: &Names, macros: &Macros) -> Self {
        let mut declared = Declared {
            names,
            functions: HashMap::new(),
            fields: HashMap::new(),
        };
        declared.visit_file(file);
        let Declared {
            functions, fields, ..
        } = declared;
        let mut infer = Infer {
            names,
            macros,
            functions,
            fields,
            scopes: vec![HashMap::new()],
            known: FxHashMap::default(),
        };
        infer.visit_file(file);
        Self { known: infer.known }
    }

    /// What an expression is, if that is known.
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

/// What functions of the file answer, and fields of its structs hold; a name with two meanings is not known.
struct Declared<'a> {
    names: &'a Names,
    functions: HashMap<String, Ty>,
    fields: HashMap<String, Ty>,
}

impl<'ast> Visit<'ast> for Declared<'_> {
    fn visit_signature(&mut self, found: &'ast Signature) {
        if let ReturnType::Type(_, ty) = &found.output {
            insert(
                &mut self.functions,
                found.ident.to_string(),
                type_of(self.names, ty),
            );
        }
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if let Some(ident) = &field.ident {
            insert(
                &mut self.fields,
                ident.to_string(),
                type_of(self.names, &field.ty),
            );
        }
    }
}

fn insert(into: &mut HashMap<String, Ty>, name: String, ty: Ty) {
    into.entry(name)
        .and_modify(|known| {
            if *known != ty {
                *known = Ty::Unknown
            }
        })
        .or_insert(ty);
}

fn type_of(names: &Names, ty: &syn::Type) -> Ty {
    match ty {
        syn::Type::Reference(ty) => type_of(names, &ty.elem),
        syn::Type::Paren(ty) => type_of(names, &ty.elem),
        syn::Type::Tuple(ty) => Ty::Tuple(ty.elems.iter().map(|ty| type_of(names, ty)).collect()),
        syn::Type::Path(ty) => {
            let Some(last) = ty.path.segments.last() else {
                return Ty::Unknown;
            };
            let argument = match &last.arguments {
                PathArguments::AngleBracketed(arguments) => {
                    arguments.args.iter().find_map(|argument| match argument {
                        GenericArgument::Type(ty) => Some(type_of(names, ty)),
                        _ => None,
                    })
                }
                _ => None,
            };
            match (last.ident.to_string().as_str(), argument) {
                ("Option", Some(ty)) => Ty::Option(Box::new(ty)),
                ("Result", Some(ty)) => Ty::Result(Box::new(ty)),
                ("Vec", Some(ty)) => Ty::List(Box::new(ty)),
                ("Box" | "Rc" | "Arc", Some(ty)) => ty,
                _ => names
                    .wasi(&segments(&ty.path))
                    .map_or(Ty::Unknown, |path| Ty::Wasi(alias(path.full().to_owned()))),
            }
        }
        _ => Ty::Unknown,
    }
}

/// `headers` and `trailers` are `fields`.
fn alias(name: String) -> String {
    match name.as_str() {
        "wasi:http/types.headers" | "wasi:http/types.trailers" => {
            "wasi:http/types.fields".to_owned()
        }
        _ => name,
    }
}

struct Infer<'a> {
    names: &'a Names,
    macros: &'a Macros,
    functions: HashMap<String, Ty>,
    fields: HashMap<String, Ty>,
    scopes: Vec<HashMap<String, Ty>>,
    known: FxHashMap<usize, Ty>,
}

impl Infer<'_> {
    fn bind(&mut self, pat: &Pat, ty: &Ty) {
        match (pat, ty) {
            (Pat::Ident(pat), ty) => {
                if let Some(scope) = self.scopes.last_mut() {
                    scope.insert(pat.ident.to_string(), ty.clone());
                }
            }
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
                .zip(types)
                .for_each(|(pat, ty)| self.bind(pat, ty)),
            (Pat::Tuple(pat), _) => pat
                .elems
                .iter()
                .for_each(|pat| self.bind(pat, &Ty::Unknown)),
            (Pat::TupleStruct(pat), ty) => {
                let name = pat
                    .path
                    .segments
                    .last()
                    .map(|segment| segment.ident.to_string())
                    .unwrap_or_default();
                let inner = match (name.as_str(), ty) {
                    ("Ok", Ty::Result(ty)) | ("Some", Ty::Option(ty)) => (**ty).clone(),
                    _ => Ty::Unknown,
                };
                pat.elems.iter().for_each(|pat| self.bind(pat, &inner));
            }
            (Pat::Or(pat), ty) => pat.cases.iter().for_each(|pat| self.bind(pat, ty)),
            _ => {}
        }
    }

    fn ty(&self, expr: &Expr) -> Ty {
        if let Some(known) = self.known.get(&address(expr)) {
            return known.clone();
        }
        match expr {
            Expr::Path(expr) => match expr.path.get_ident() {
                Some(ident) => self
                    .scopes
                    .iter()
                    .rev()
                    .find_map(|scope| scope.get(&ident.to_string()))
                    .cloned()
                    .unwrap_or(Ty::Unknown),
                None => Ty::Unknown,
            },
            Expr::Reference(expr) => self.ty(&expr.expr),
            Expr::Paren(expr) => self.ty(&expr.expr),
            Expr::Await(expr) => self.ty(&expr.base),
            Expr::Try(expr) => match self.ty(&expr.expr) {
                Ty::Option(ty) | Ty::Result(ty) => *ty,
                _ => Ty::Unknown,
            },
            Expr::Tuple(expr) => Ty::Tuple(expr.elems.iter().map(|expr| self.ty(expr)).collect()),
            Expr::Field(expr) => match (&expr.member, self.ty(&expr.base)) {
                (syn::Member::Unnamed(index), Ty::Tuple(types)) => types
                    .get(index.index as usize)
                    .cloned()
                    .unwrap_or(Ty::Unknown),
                (syn::Member::Named(name), _) => self
                    .fields
                    .get(&name.to_string())
                    .cloned()
                    .unwrap_or(Ty::Unknown),
                _ => Ty::Unknown,
            },
            Expr::Call(expr) => self.call(&expr.func),
            Expr::MethodCall(expr) => {
                let method = expr.method.to_string();
                match (self.ty(&expr.receiver), method.as_str()) {
                    (
                        Ty::Option(ty) | Ty::Result(ty),
                        "unwrap" | "expect" | "unwrap_or_else" | "unwrap_or",
                    ) => *ty,
                    (Ty::Result(ty), "ok") => Ty::Option(ty),
                    (Ty::Option(ty), "ok_or" | "ok_or_else" | "context" | "with_context") => {
                        Ty::Result(ty)
                    }
                    (Ty::Option(ty), "take" | "as_ref" | "as_mut") => Ty::Option(ty),
                    (
                        Ty::Result(ty),
                        "map_err" | "context" | "with_context" | "as_ref" | "or_else",
                    ) => Ty::Result(ty),
                    (Ty::Wasi(ty), "clone" | "as_ref") => Ty::Wasi(ty),
                    (Ty::Wasi(ty), _) => signature(&format!("{ty}.{}", kebab(&method)))
                        .cloned()
                        .unwrap_or(Ty::Unknown),
                    (Ty::Unknown, _) => self.functions.get(&method).cloned().unwrap_or(Ty::Unknown),
                    _ => Ty::Unknown,
                }
            }
            Expr::Unsafe(_) | Expr::Block(_) => Ty::Unknown,
            _ => Ty::Unknown,
        }
    }

    fn call(&self, function: &Expr) -> Ty {
        let Expr::Path(path) = function else {
            return Ty::Unknown;
        };
        let segments = segments(&path.path);
        if let Some(found) = self.names.wasi(&segments) {
            let mut full = found.full().to_owned();
            if found.rest.len() == 2 && found.rest[1] == "new" && signature(&full).is_none() {
                full.truncate(full.len() - "new".len());
                full += "constructor";
            }
            let full = alias_call(full);
            return signature(&full).cloned().unwrap_or(Ty::Unknown);
        }
        match segments.last() {
            Some(name) if name == "Ok" || name == "Some" => Ty::Unknown,
            Some(name) => self.functions.get(name).cloned().unwrap_or(Ty::Unknown),
            None => Ty::Unknown,
        }
    }
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

impl<'ast> Visit<'ast> for Infer<'_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::If(expr) => {
                self.scopes.push(HashMap::new());
                visit::visit_expr_if(self, expr);
                self.scopes.pop();
            }
            Expr::While(expr) => {
                self.scopes.push(HashMap::new());
                visit::visit_expr_while(self, expr);
                self.scopes.pop();
            }
            Expr::Let(expr) => {
                self.visit_expr(&expr.expr);
                let ty = self.ty(&expr.expr);
                self.bind(&expr.pat, &ty);
            }
            Expr::Match(expr) => {
                self.visit_expr(&expr.expr);
                let ty = self.ty(&expr.expr);
                for arm in &expr.arms {
                    self.scopes.push(HashMap::new());
                    self.bind(&arm.pat, &ty);
                    visit::visit_arm(self, arm);
                    self.scopes.pop();
                }
            }
            Expr::Closure(expr) => {
                self.scopes.push(HashMap::new());
                expr.inputs
                    .iter()
                    .for_each(|pat| self.bind(pat, &Ty::Unknown));
                visit::visit_expr_closure(self, expr);
                self.scopes.pop();
            }
            Expr::ForLoop(expr) => {
                self.visit_expr(&expr.expr);
                let ty = self.ty(&expr.expr);
                self.scopes.push(HashMap::new());
                let item = if let Ty::List(ty) = ty {
                    *ty
                } else {
                    Ty::Unknown
                };
                self.bind(&expr.pat, &item);
                self.visit_block(&expr.body);
                self.scopes.pop();
            }
            _ => visit::visit_expr(self, expr),
        }
        let ty = self.ty(expr);
        if ty != Ty::Unknown {
            self.known.insert(address(expr), ty);
        }
    }

    fn visit_macro(&mut self, found: &'ast syn::Macro) {
        for expr in self.macros.arguments(found) {
            Visit::visit_expr(self, expr);
        }
    }

    fn visit_local(&mut self, local: &'ast Local) {
        let mut ty = Ty::Unknown;
        if let Some(init) = &local.init {
            self.visit_expr(&init.expr);
            ty = self.ty(&init.expr);
            if let Some((_, other)) = &init.diverge {
                self.visit_expr(other);
            }
        }
        self.bind(&local.pat, &ty);
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.scopes.push(HashMap::new());
        visit::visit_block(self, block);
        self.scopes.pop();
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
        self.scopes.push(HashMap::new());
        visit::visit_item_fn(self, item);
        self.scopes.pop();
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.scopes.push(HashMap::new());
        visit::visit_impl_item_fn(self, item);
        self.scopes.pop();
    }
}
