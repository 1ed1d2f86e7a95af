//! The changes that follow from the colours: `.await`, `async`, `block_on`, and what a function's callers must know.

use super::changes::Changes;
use super::colour::Colours;
use super::entry;
use super::facts::{BodyKind, Facts};
use super::methods::Methods;
use super::setup::{ByExample, blocking_calls, bound_of};
use super::tree::{FnId, Function, Owner, Program, is_public};
use crate::finding::Finding;
use std::ops::Range;
use syn::visit::{self, Visit};
use syn::{FnArg, Lifetime, Receiver, ReturnType, Signature, TypeReference};

pub const BLOCK_ON: &str = "compat_api::wit_bindgen::block_on";

/// What the rewrite of the code has made: the changes and findings of each file.
pub struct Emitted {
    pub changes: Vec<Changes>,
    pub findings: Vec<(usize, Finding)>,
    /// How many calls are awaited.
    pub awaited: usize,
    /// How many calls keep the thread until they are done.
    pub blocking: usize,
    pub functions: usize,
}

pub fn emit(program: &Program, methods: &Methods, facts: &Facts, colours: &Colours) -> Emitted {
    let mut emitted = Emitted {
        changes: program.files.iter().map(|_| Changes::default()).collect(),
        findings: Vec::new(),
        awaited: 0,
        blocking: 0,
        functions: 0,
    };
    emitted.sites(facts, colours);
    emitted.bodies(program, methods, facts, colours);
    emitted.values(program, facts, colours);
    emitted.macros(program);
    emitted.busy(program, facts, colours);
    for (file, range, name) in &facts.unknown {
        let message =
            format!("`{name}` blocks if this is a value of WASI; its type could not be found");
        emitted.find(
            *file,
            range.clone(),
            "unknown-receiver",
            message,
            "give the variable a type, or add `.await` if it is one",
        );
    }
    emitted
}

impl Emitted {
    fn find(
        &mut self,
        file: usize,
        range: Range<usize>,
        rule: &'static str,
        message: String,
        help: &str,
    ) {
        self.findings.push((
            file,
            Finding {
                rule,
                ..Finding::new(range, message).help(help)
            },
        ));
    }

    fn sites(&mut self, facts: &Facts, colours: &Colours) {
        let mut seen = rustc_hash::FxHashSet::default();
        for site in &facts.sites {
            if !site.callee.is_none_or(|callee| colours.is_async(callee))
                || !seen.insert((site.file, site.range.clone()))
            {
                continue;
            }
            let is_macro = site
                .callee
                .is_some_and(|callee| facts.bodies[callee].kind == BodyKind::Macro);
            if colours.is_async(site.body) {
                self.awaited += 1;
                if is_macro {
                    continue;
                }
                let recursive = site.callee.is_some_and(|callee| {
                    colours.is_recursive(site.body, callee) && !facts.dynamic.contains(&callee)
                });
                let changes = &mut self.changes[site.file];
                if recursive {
                    changes.before(&site.range, "Box::pin(");
                    changes.after(&site.range, ").await");
                } else {
                    changes.after(&site.range, ".await");
                }
                continue;
            }
            let why = facts
                .why(site.body)
                .unwrap_or("something that must stay as it is");
            let message = format!(
                "`{}` is async in the facade, and is called in {why}",
                site.what
            );
            if is_macro || facts.bodies[site.body].kind == BodyKind::Constant {
                self.find(
                    site.file,
                    site.range.clone(),
                    "sync-caller",
                    message,
                    "move the call to an async function",
                );
                continue;
            }
            self.blocking += 1;
            let changes = &mut self.changes[site.file];
            changes.before(&site.range, &format!("{BLOCK_ON}("));
            changes.after(&site.range, ")");
            let help = "`block_on` is put around it: nothing else of the component runs until it is done; a channel or an async caller would be better";
            self.find(site.file, site.range.clone(), "sync-caller", message, help);
        }
    }

    fn bodies(&mut self, program: &Program, methods: &Methods, facts: &Facts, colours: &Colours) {
        let mut seen = rustc_hash::FxHashSet::default();
        for (id, body) in facts.bodies.iter().enumerate() {
            if body.is_async || !colours.is_async(id) {
                continue;
            }
            match body.kind {
                BodyKind::Function(function) => {
                    let found = &program.functions[function];
                    if seen.insert(super::tree::address(found.signature)) {
                        self.functions += 1;
                        let is_dynamic = facts.dynamic.contains(&id)
                            || methods
                                .declaration(program, function)
                                .is_some_and(|id| facts.dynamic.contains(&id));
                        self.function(program, function, is_dynamic);
                    }
                }
                BodyKind::Closure(at) => self.changes[body.file].insert(at, "async "),
                BodyKind::Parameter(function, index) => {
                    let found = &program.functions[function];
                    if let Some(FnArg::Typed(input)) = found.signature.inputs.iter().nth(index)
                        && let Some(bound) = bound_of(found, &input.ty)
                        && let Some(parsed) = &program.files[found.file]
                    {
                        let at = parsed.range(bound).start;
                        self.changes[found.file].insert(at, "Async");
                    }
                }
                BodyKind::Block | BodyKind::Constant | BodyKind::Macro => {}
            }
        }
    }

    fn function(&mut self, program: &Program, id: FnId, is_dynamic: bool) {
        let found = &program.functions[id];
        let Some(parsed) = &program.files[found.file] else {
            return;
        };
        if is_dynamic {
            boxed(&mut self.changes[found.file], parsed, found);
            return;
        }
        if entry::is_main(program, found) {
            if let Some(finding) = entry::change(&mut self.changes[found.file], program, found) {
                self.findings.push((found.file, finding));
            }
            return;
        }
        let signature = found.signature;
        let mut at = parsed.range(&signature.fn_token).start;
        if let syn::Safety::Unsafe(token) = &signature.safety {
            at = parsed.range(token).start;
        }
        self.changes[found.file].insert(at, "async ");
        if let Owner::Trait(of) = found.owner
            && is_public(&program.traits[of].item.vis)
        {
            let item = program.traits[of].item;
            let place = parsed.range(&item.vis);
            let has = item.attrs.iter().any(|attribute| {
                attribute.path().is_ident("allow")
                    && parsed.text[parsed.range(attribute)].contains("async_fn_in_trait")
            });
            if !has {
                let line = parsed.text[..place.start]
                    .rfind('\n')
                    .map_or(0, |at| at + 1);
                let indent = &parsed.text[line..place.start];
                let end = line_end(&parsed.text);
                let indent = if indent.trim().is_empty() { indent } else { "" };
                self.changes[found.file].insert(
                    place.start,
                    &format!("#[allow(async_fn_in_trait)]{end}{indent}"),
                );
            }
        }
    }

    /// Functions that are mentioned without being called, as function pointers are.
    fn values(&mut self, program: &Program, facts: &Facts, colours: &Colours) {
        for value in &facts.values {
            if !colours.is_async(value.function) || facts.bodies[value.function].is_async {
                continue;
            }
            let found = &program.functions[value.function];
            self.wrapped(
                program,
                value.file,
                &value.range,
                found.signature.inputs.len(),
                &found.name,
            );
        }
        for (file, range, arity) in &facts.wasi_values {
            let name = program.files[*file]
                .as_ref()
                .map_or(String::new(), |parsed| {
                    parsed.text[range.clone()].to_owned()
                });
            self.wrapped(program, *file, range, *arity, &name);
        }
    }

    fn wrapped(
        &mut self,
        program: &Program,
        file: usize,
        range: &Range<usize>,
        arity: usize,
        name: &str,
    ) {
        let Some(parsed) = &program.files[file] else {
            return;
        };
        let names: Vec<_> = ["a", "b", "c", "d", "e", "f", "g", "h"]
            .into_iter()
            .take(arity)
            .collect();
        let names = names.join(", ");
        // Before a cast it needs parentheses.
        let rest = parsed.text[range.end..].trim_start();
        let (open, close) = if rest.starts_with("as ") {
            ("(", ")")
        } else {
            ("", "")
        };
        let changes = &mut self.changes[file];
        changes.before(range, &format!("{open}|{names}| {BLOCK_ON}("));
        changes.after(range, &format!("({names})){close}"));
        self.blocking += 1;
        let message = format!(
            "`{name}` is async now, and is used as a function pointer or passed on as a value"
        );
        let help = "a closure with `block_on` takes its place; make the pointer's type return a future to have it await";
        self.find(file, range.clone(), "function-pointer", message, help);
    }

    /// Loops that ask and never wait: on 0.3 nothing happens outside meanwhile.
    fn busy(&mut self, program: &Program, facts: &Facts, colours: &Colours) {
        let within = |part: &Range<usize>, whole: &Range<usize>| {
            whole.start <= part.start && part.end <= whole.end
        };
        for (file, whole) in &facts.loops {
            let Some(parsed) = &program.files[*file] else {
                continue;
            };
            let mut asked = facts
                .asked
                .iter()
                .filter(|(other, part)| other == file && within(part, whole));
            let Some((_, first)) = asked.next() else {
                continue;
            };
            let waits = facts.sites.iter().any(|site| {
                let is_async = site.callee.is_none_or(|callee| colours.is_async(callee));
                is_async && site.file == *file && within(&site.range, whole)
            });
            if !waits && !parsed.text[whole.clone()].contains(".await") {
                let message = "a loop that asks again and again, and waits for nothing: on 0.3 nothing happens meanwhile, so that it may never end".to_owned();
                self.find(
                    *file,
                    first.clone(),
                    "busy-loop",
                    message,
                    "wait in it: `subscribe().block().await`, or `poll`",
                );
            }
        }
    }

    fn macros(&mut self, program: &Program) {
        for (file, parsed) in program.files.iter().enumerate() {
            let Some(parsed) = parsed else { continue };
            let mut found = ByExample::default();
            found.visit_file(&parsed.tree);
            for (_, tokens) in found.0 {
                for end in blocking_calls(tokens.clone()) {
                    let place = parsed.places.of_ends((end, end));
                    self.changes[file].after(&place, ".await");
                }
            }
        }
    }
}

impl Facts {
    /// Why a body cannot become async: what it is, or what it is bound to.
    pub fn why(&self, body: usize) -> Option<&str> {
        let own = self.bodies[body].blocked.as_deref();
        let root = self.root(body);
        own.or_else(|| {
            let mut beside = self
                .bodies
                .iter()
                .enumerate()
                .filter(|(id, other)| other.blocked.is_some() && self.root(*id) == root);
            beside
                .next()
                .and_then(|(_, other)| other.blocked.as_deref())
        })
    }
}

pub fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// `async fn` of a trait that is used as `dyn`: a function that returns a boxed future.
fn boxed(changes: &mut Changes, parsed: &super::parsed::Parsed, found: &Function) {
    let signature = found.signature;
    let mut elided = Elided::default();
    elided.visit_signature_inputs(signature);
    let named: Vec<_> = signature
        .generics
        .lifetimes()
        .map(|lifetime| lifetime.lifetime.to_string())
        .collect();
    let name = ["'a", "'f", "'future"]
        .into_iter()
        .find(|name| named.iter().all(|other| other != name))
        .unwrap_or("'facade");
    let uses = !elided.inserts.is_empty() || !elided.replaces.is_empty();
    if uses {
        for span in &elided.inserts {
            let place = parsed.places.of_ends((*span, *span));
            changes.insert(place.end, &format!("{name} "));
        }
        for span in &elided.replaces {
            let place = parsed.places.of_ends((*span, *span));
            changes.replace(place, name);
        }
        match &signature.generics.lt_token {
            Some(open) => changes.insert(parsed.range(open).end, &format!("{name}, ")),
            None => changes.insert(parsed.range(&signature.ident).end, &format!("<{name}>")),
        }
    }
    let lifetime = if uses {
        format!(" + {name}")
    } else {
        String::new()
    };
    match &signature.output {
        ReturnType::Default => {
            let place = parsed.range(&signature.paren_token.span.close());
            changes.insert(
                place.end,
                &format!(" -> std::pin::Pin<Box<dyn std::future::Future<Output = ()>{lifetime}>>"),
            );
        }
        ReturnType::Type(_, ty) => {
            let place = parsed.range(&**ty);
            changes.before(
                &place,
                "std::pin::Pin<Box<dyn std::future::Future<Output = ",
            );
            changes.after(&place, &format!(">{lifetime}>>"));
            if uses {
                let mut result = Elided::default();
                result.visit_type(ty);
                for span in result.inserts {
                    changes.insert(parsed.places.of_ends((span, span)).end, &format!("{name} "));
                }
                for span in result.replaces {
                    changes.replace(parsed.places.of_ends((span, span)), name);
                }
            }
        }
    }
    if let Some(body) = found.body {
        let place = parsed.range(body);
        changes.before(&place, "{ Box::pin(async move ");
        changes.after(&place, ") }");
    }
}

/// The references without a lifetime (after the `&`), and the lifetimes `'_`.
#[derive(Default)]
struct Elided {
    inserts: Vec<proc_macro2::Span>,
    replaces: Vec<proc_macro2::Span>,
}

impl Elided {
    fn visit_signature_inputs(&mut self, signature: &Signature) {
        signature
            .inputs
            .iter()
            .for_each(|input| self.visit_fn_arg(input));
    }
}

impl<'ast> Visit<'ast> for Elided {
    fn visit_type_reference(&mut self, ty: &'ast TypeReference) {
        if ty.lifetime.is_none() {
            self.inserts.push(ty.and_token.span);
        }
        visit::visit_type_reference(self, ty);
    }

    fn visit_receiver(&mut self, receiver: &'ast Receiver) {
        if let syn::ReceiverKind::Reference(and, None, _) = &receiver.kind {
            self.inserts.push(and.span);
        }
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        if lifetime.ident == "_" {
            self.replaces.push(lifetime.span());
        }
    }

    // Lifetimes in `Fn(&T)` are its own.
    fn visit_parenthesized_generic_arguments(
        &mut self,
        _: &'ast syn::ParenthesizedGenericArguments,
    ) {
    }

    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}
}
