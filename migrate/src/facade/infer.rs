//! The walk through each function: the types of its expressions, as far as names tell, and its calls.

mod arguments;
mod call;
mod pattern;
mod structure;

use super::facts::{BodyKind, Facts, Site, Value};
use super::lower::segments;
use super::methods::Methods;
use super::parsed::Parsed;
use super::resolve::Space;
use super::tree::{BodyId, Def, FnId, ModId, Program};
use super::types::Ty;
use super::{standard, wasi};
use std::ops::Range;
use syn::{Block, Expr, Item, Macro, Stmt};

pub struct Walker<'a, 'p> {
    pub program: &'p Program<'a>,
    pub methods: &'p Methods,
    pub facts: &'p mut Facts,
    parsed: &'a Parsed,
    file: usize,
    module: ModId,
    function: Option<FnId>,
    body: BodyId,
    variables: Vec<(String, Ty)>,
    /// The types of the arguments of the closure that is visited next.
    given: Vec<Ty>,
    /// What the closure that is visited next is for.
    taker: Taker,
    /// Calls directly below are taken as futures.
    as_future: bool,
}

/// What a closure is passed to.
#[derive(Clone)]
enum Taker {
    Nothing(String),
    Parameter(BodyId),
    Variable,
    Called,
}

impl<'a, 'p> Walker<'a, 'p> {
    /// Walks a function's body. Its own body has the function's number.
    pub fn function(
        program: &'p Program<'a>,
        methods: &'p Methods,
        facts: &'p mut Facts,
        id: FnId,
    ) {
        let function = &program.functions[id];
        let (Some(block), Some(parsed)) = (function.body, &program.files[function.file]) else {
            return;
        };
        let mut walker = Walker::new(
            program,
            methods,
            facts,
            parsed,
            function.file,
            function.module,
            id,
        );
        walker.function = Some(id);
        walker.inputs(id);
        walker.block(block);
    }

    fn new(
        program: &'p Program<'a>,
        methods: &'p Methods,
        facts: &'p mut Facts,
        parsed: &'a Parsed,
        file: usize,
        module: ModId,
        body: BodyId,
    ) -> Self {
        let taker = Taker::Nothing(String::new());
        Self {
            program,
            methods,
            facts,
            parsed,
            file,
            module,
            function: None,
            body,
            variables: Vec::new(),
            given: Vec::new(),
            taker,
            as_future: false,
        }
    }

    /// Walks the value of a constant or static.
    pub fn constant(
        program: &'p Program<'a>,
        methods: &'p Methods,
        facts: &'p mut Facts,
        module: ModId,
        value: &'a Expr,
    ) {
        let file = program.modules[module].file;
        let Some(parsed) = &program.files[file] else {
            return;
        };
        let body = facts.add(BodyKind::Constant, file, None);
        Walker::new(program, methods, facts, parsed, file, module, body).expr(value);
    }

    fn inputs(&mut self, id: FnId) {
        let function = &self.program.functions[id];
        let scope = &self.methods.scopes[id];
        for (index, input) in function.signature.inputs.iter().enumerate() {
            match input {
                syn::FnArg::Receiver(receiver) => {
                    let own = match &receiver.kind {
                        syn::ReceiverKind::Typed(_, ty) => {
                            self.program.lower(self.module, ty, scope)
                        }
                        _ => scope.own.clone().unwrap_or(Ty::Unknown),
                    };
                    self.variables.push(("self".to_owned(), own));
                }
                syn::FnArg::Typed(input) => {
                    let ty = match self.facts.parameters.get(&(id, index)) {
                        Some(body) => Ty::Closure(*body),
                        None => self.program.lower(self.module, &input.ty, scope),
                    };
                    self.bind(&input.pat, &ty);
                }
            }
        }
    }

    fn block(&mut self, block: &'a Block) -> Ty {
        let (outer, module) = (self.variables.len(), self.module);
        self.module = self.program.module_in(block, module);
        let mut ty = Ty::unit();
        for statement in &block.stmts {
            ty = self.statement(statement);
        }
        self.variables.truncate(outer);
        self.module = module;
        ty
    }

    fn statement(&mut self, statement: &'a Stmt) -> Ty {
        match statement {
            Stmt::Local(local) => {
                self.local(local);
                Ty::unit()
            }
            Stmt::Expr(expr, None) => self.expr(expr),
            Stmt::Expr(expr, Some(_)) => {
                self.expr(expr);
                Ty::unit()
            }
            Stmt::Macro(found) => {
                let range = self.parsed.range(&found.mac);
                self.a_macro(&found.mac, range)
            }
            Stmt::Item(Item::Const(item)) => {
                self.aside(BodyKind::Constant, &item.expr);
                Ty::unit()
            }
            Stmt::Item(Item::Static(item)) => {
                self.aside(BodyKind::Constant, &item.expr);
                Ty::unit()
            }
            // Functions are walked on their own.
            Stmt::Item(_) => Ty::unit(),
        }
    }

    fn local(&mut self, local: &'a syn::Local) {
        let annotated = match &local.pat {
            syn::Pat::Type(pat) => Some(self.lower(&pat.ty)),
            _ => None,
        };
        let mut ty = Ty::Unknown;
        if let Some(init) = &local.init {
            if let (Expr::Closure(_), syn::Pat::Ident(_)) = (&*init.expr, &local.pat) {
                self.taker = Taker::Variable;
            }
            ty = self.expr(&init.expr);
            if let Some((_, other)) = &init.diverge {
                self.expr(other);
            }
        }
        if let (Some(annotated), false) = (annotated, matches!(ty, Ty::Closure(_))) {
            ty = merged(annotated, ty);
        }
        self.bind(&local.pat, &ty);
        // `let stream; …` and `let mut found = None; …` get their type from what is assigned.
    }

    fn lower(&self, ty: &syn::Type) -> Ty {
        let scope = self.function.map(|id| &self.methods.scopes[id]);
        self.program
            .lower(self.module, ty, scope.unwrap_or(&Default::default()))
    }

    /// Visits an expression in a body of its own.
    fn aside(&mut self, kind: BodyKind, expr: &'a Expr) -> (BodyId, Ty) {
        let body = self.facts.add(kind, self.file, Some(self.body));
        let outer = std::mem::replace(&mut self.body, body);
        let ty = self.expr(expr);
        self.body = outer;
        (body, ty)
    }

    /// Visits an expression, and returns its type.
    pub fn expr(&mut self, expr: &'a Expr) -> Ty {
        let as_future = std::mem::take(&mut self.as_future);
        let taker = std::mem::replace(&mut self.taker, Taker::Nothing("a value".to_owned()));
        match expr {
            Expr::Call(call) => self.call(expr, call, as_future),
            Expr::MethodCall(call) => self.method_call(expr, call, as_future),
            Expr::Closure(closure) => self.closure(closure, taker),
            Expr::Paren(inner) => {
                (self.as_future, self.taker) = (as_future, taker);
                self.expr(&inner.expr)
            }
            Expr::Group(inner) => {
                (self.as_future, self.taker) = (as_future, taker);
                self.expr(&inner.expr)
            }
            Expr::Reference(inner) => {
                self.taker = taker;
                self.expr(&inner.expr)
            }
            Expr::Await(inner) => {
                self.as_future = true;
                self.expr(&inner.base)
            }
            Expr::Path(path) => self.path_value(expr, path),
            Expr::Macro(found) => {
                let range = self.parsed.expr(expr);
                self.a_macro(&found.mac, range)
            }
            Expr::Async(inner) => {
                let body = self.facts.add(BodyKind::Block, self.file, Some(self.body));
                let outer = std::mem::replace(&mut self.body, body);
                self.block(&inner.block);
                self.body = outer;
                Ty::Unknown
            }
            Expr::Field(field) => self.field(field),
            Expr::Struct(found) => self.structure(found),
            Expr::Match(found) => self.matched(found),
            Expr::If(found) => self.condition(found),
            Expr::Let(found) => {
                let ty = self.expr(&found.expr);
                self.bind(&found.pat, &ty);
                Ty::Unknown
            }
            Expr::ForLoop(found) => {
                let ty = self.expr(&found.expr);
                let outer = self.variables.len();
                let item = self.methods.item(&ty);
                self.bind(&found.pat, &item);
                self.block(&found.body);
                self.variables.truncate(outer);
                Ty::unit()
            }
            Expr::While(found) => {
                self.facts.loops.push((self.file, self.parsed.expr(expr)));
                let outer = self.variables.len();
                self.expr(&found.cond);
                self.block(&found.body);
                self.variables.truncate(outer);
                Ty::unit()
            }
            _ => self.simple(expr),
        }
    }

    fn resolve(&self, path: &[String], space: Space) -> Option<(Def<'a>, usize)> {
        self.program.resolve(self.module, path, space)
    }

    fn closure(&mut self, closure: &'a syn::ExprClosure, taker: Taker) -> Ty {
        let at = self.parsed.range(&closure.inputs_begin).start;
        let at = closure
            .capture
            .as_ref()
            .map_or(at, |capture| self.parsed.range(capture).start);
        let body = self
            .facts
            .add(BodyKind::Closure(at), self.file, Some(self.body));
        let given = std::mem::take(&mut self.given);
        match taker {
            Taker::Nothing(what) => self
                .facts
                .block(body, format!("a closure that is passed to {what}")),
            Taker::Parameter(parameter) => self.facts.join(parameter, body),
            Taker::Variable | Taker::Called => {}
        }
        self.facts.bodies[body].is_async = closure.asyncness.is_some();
        let outer = self.variables.len();
        for (index, input) in closure.inputs.iter().enumerate() {
            let ty = given.get(index).cloned().unwrap_or(Ty::Unknown);
            self.bind(input, &ty);
        }
        let around = std::mem::replace(&mut self.body, body);
        let ty = self.expr(&closure.body);
        self.body = around;
        self.variables.truncate(outer);
        let declared = match &closure.output {
            syn::ReturnType::Type(_, ty) => self.lower(ty),
            syn::ReturnType::Default => Ty::Unknown,
        };
        self.facts.bodies[body].result = merged(declared, ty);
        Ty::Closure(body)
    }

    fn path_value(&mut self, expr: &'a Expr, path: &'a syn::ExprPath) -> Ty {
        if let Some(ident) = path.path.get_ident()
            && let Some((_, ty)) = self.variables.iter().rev().find(|(name, _)| ident == name)
        {
            let ty = ty.clone();
            if let Ty::Closure(body) = ty {
                // Not called here: where it goes is not known.
                self.facts
                    .block(body, "a closure that is kept or passed on");
            }
            return ty;
        }
        if path.qself.is_some() {
            return Ty::Unknown;
        }
        let names = segments(&path.path);
        match self.function_named(&names) {
            Some(id) => {
                let range = self.parsed.expr(expr);
                self.facts.values.push(Value {
                    function: id,
                    file: self.file,
                    range,
                });
                Ty::Function(id)
            }
            None => match self.resolve(&names, Space::Value) {
                Some((Def::Value(module, ty), used)) if used == names.len() => {
                    self.program.lower(module, ty, &Default::default())
                }
                Some((Def::Variant(id, _), _)) | Some((Def::Adt(id), _)) => Ty::Adt(id, Vec::new()),
                Some((Def::Wasi(path), _)) if wasi::is_async(&wasi::item(&path)) => {
                    let range = self.parsed.expr(expr);
                    self.facts.wasi_values.push((
                        self.file,
                        range,
                        wasi::arity(&wasi::item(&path)),
                    ));
                    Ty::Unknown
                }
                _ => Ty::Unknown,
            },
        }
    }

    fn a_macro(&mut self, found: &'a Macro, range: Range<usize>) -> Ty {
        let name = found
            .path
            .segments
            .last()
            .map(|last| last.ident.to_string())
            .unwrap_or_default();
        if let Some(body) = self.facts.macros.get(&name).copied() {
            self.facts.sites.push(Site {
                body: self.body,
                file: self.file,
                range,
                callee: Some(body),
                what: format!("{name}!"),
            });
        }
        let parsed = self.parsed;
        let mut types = Vec::new();
        for argument in parsed.arguments(found).unwrap_or_default() {
            self.as_future = ["join", "try_join", "select", "pin"].contains(&name.as_str());
            types.push(self.expr(argument));
        }
        match name.as_str() {
            "vec" => Ty::std("Vec", vec![types.into_iter().fold(Ty::Unknown, merged)]),
            "dbg" | "try" => types.into_iter().next().unwrap_or(Ty::Unknown),
            _ => Ty::Unknown,
        }
    }
}

/// What is known of either.
pub fn merged(a: Ty, b: Ty) -> Ty {
    match (a, b) {
        (Ty::Unknown, b) => b,
        (Ty::Std(name, first), Ty::Std(other, second)) if name == other => {
            let longest = first.len().max(second.len());
            let at = |types: &[Ty], index: usize| types.get(index).cloned().unwrap_or(Ty::Unknown);
            Ty::Std(
                name,
                (0..longest)
                    .map(|index| merged(at(&first, index), at(&second, index)))
                    .collect(),
            )
        }
        (Ty::Std(name, arguments), b) if &*name == "_" && arguments.is_empty() => b,
        (Ty::Tuple(first), Ty::Tuple(second)) if first.len() == second.len() => Ty::Tuple(
            first
                .into_iter()
                .zip(second)
                .map(|(a, b)| merged(a, b))
                .collect(),
        ),
        (Ty::Tuple(unit), b) if unit.is_empty() => b,
        (a, _) => a,
    }
}

/// The result of a method of the standard library, seen through what holds the value.
fn standard_result(methods: &Methods, receiver: &Ty, method: &str, closure: Option<&Ty>) -> Ty {
    let mut at = receiver.clone();
    loop {
        let found = standard::result(&at, method, closure);
        if found != Ty::Unknown {
            return found;
        }
        match methods.inner(&at) {
            Some(inner) => at = inner,
            None => return Ty::Unknown,
        }
    }
}
