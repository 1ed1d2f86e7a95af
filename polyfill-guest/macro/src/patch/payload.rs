//! Patches payloads of streams and futures: the modules `vtable0`, `vtable1`, .. in wit-bindgen's `wit_stream` and `wit_future`.

use super::Patch;
use super::foreign::{import_module, link_name};
use crate::target::{Scope, Target};
use isyswasfa_wit::Pipe;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::visit::{self, Visit};
use syn::visit_mut::VisitMut;
use syn::{
    Expr, ExprPath, FieldValue, File, ForeignItem, Ident, Item, ItemFn, ItemForeignMod, ItemMod,
    Member, Path,
};
use wit_parser::TypeId;

/// A payload that generated code has a vtable for.
pub struct Payload<'a> {
    pub pipe: &'a Pipe,
    /// The scope that has the pipe. None: the split ABI's own interfaces.
    pub scope: Option<&'a Scope>,
    /// `wit_stream` or `wit_future`.
    pub kind: &'static str,
    /// `vtable0`
    pub module: String,
}

/// All vtables of the generated file.
pub fn survey<'a>(file: &File, target: &'a Target) -> Vec<Payload<'a>> {
    let mut payloads = Vec::new();
    for item in &file.items {
        let Item::Mod(outer) = item else { continue };
        let kind = match () {
            _ if outer.ident == "wit_stream" => "wit_stream",
            _ if outer.ident == "wit_future" => "wit_future",
            _ => continue,
        };
        let items = outer.content.iter().flat_map(|(_, items)| items);
        for item in items {
            if let Item::Mod(module) = item
                && is_vtable(module)
            {
                let (pipe, scope) = pipe_of(module, target);
                payloads.push(Payload {
                    pipe,
                    scope,
                    kind,
                    module: module.ident.to_string(),
                });
            }
        }
    }
    payloads
}

/// Whether the module is that of a vtable.
pub fn is_vtable(module: &ItemMod) -> bool {
    let name = module.ident.to_string();
    name.strip_prefix("vtable")
        .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// The pipe that the module's raw functions belong to, and the scope that has it.
fn pipe_of<'a>(module: &ItemMod, target: &'a Target) -> (&'a Pipe, Option<&'a Scope>) {
    let mut find = FindNew(None);
    find.visit_item_mod(module);
    let (import, name) = find.0.expect("a vtable has a function `new`");
    // `[stream-new-1][static]request.new`: the second stream or future that the function mentions.
    let (what, function) = name.split_once(']').expect("an intrinsic's name");
    let index: usize = what
        .rsplit_once('-')
        .and_then(|(_, index)| index.parse().ok())
        .expect("an index in an intrinsic's name");
    let scope = target.scope(&import).expect("a module of the world");
    let item = target.item(scope, function).expect("one of its functions");
    let id: TypeId = item.function.find_futures_and_streams(target.resolve())[index];
    let pipe = target.pipe(id).expect("every stream and future is a pipe");
    (pipe, target.pipe_scope(pipe, scope))
}

struct FindNew(Option<(String, String)>);

impl<'ast> Visit<'ast> for FindNew {
    fn visit_item_foreign_mod(&mut self, item: &'ast ItemForeignMod) {
        for function in &item.items {
            if let (ForeignItem::Fn(function), Some(module)) = (function, import_module(item)) {
                let name = link_name(function);
                if name.starts_with("[stream-new-") || name.starts_with("[future-new-") {
                    self.0 = Some((module, name));
                }
            }
        }
        visit::visit_item_foreign_mod(self, item);
    }
}

impl Patch<'_> {
    /// The module with the split ABI's raw functions. The functions that lift and lower stay.
    pub fn vtable(&mut self, mut module: ItemMod) -> ItemMod {
        let target = self.target;
        let (pipe, scope) = pipe_of(&module, target);
        let (_, items) = module.content.as_mut().expect("it has been parsed");
        items.retain(|item| match item {
            Item::Fn(function) => {
                let name = function.sig.ident.to_string();
                matches!(&*name, "lift" | "lower" | "dealloc_lists")
            }
            Item::Mod(_) => false,
            _ => true,
        });
        let weigh_lists = weigh_lists(items, &target.support);
        for item in items.iter_mut() {
            if let Item::Static(table) = item
                && let Expr::Struct(fields) = &mut *table.expr
            {
                let support = &target.support;
                let raw = match scope {
                    None if pipe.interface == isyswasfa_wit::names::BYTES => {
                        quote!(#support::BYTES)
                    }
                    _ => quote!(&PIPE),
                };
                let handles = pipe.payload.is_some_and(|ty| target.has_handles(&ty));
                let kept = std::mem::take(&mut fields.fields).into_iter();
                fields.fields = kept.filter(is_kept).collect();
                fields.fields.push(syn::parse_quote!(pipe: #raw));
                fields.fields.push(syn::parse_quote!(handles: #handles));
                if is_of_stream(&fields.path) {
                    let field = match weigh_lists {
                        Some(_) => quote!(::core::option::Option::Some(weigh_lists)),
                        None => quote!(::core::option::Option::None),
                    };
                    fields.fields.push(syn::parse_quote!(weigh_lists: #field));
                }
            }
        }
        items.extend(weigh_lists.map(Item::Fn));
        if pipe.interface != isyswasfa_wit::names::BYTES {
            let raw = match scope {
                Some(scope) if scope.exported => self.implemented(pipe, scope),
                _ => self.imported(pipe, scope),
            };
            let raw: File = syn::parse_quote!(#raw);
            items.extend(raw.items);
        }
        module
    }

    /// Declares the raw functions of an imported pipe.
    fn imported(&self, pipe: &Pipe, scope: Option<&Scope>) -> TokenStream {
        let support = &self.target.support;
        let names = Names::of(pipe);
        let Names {
            new,
            read,
            cancel_read,
            drop_reader,
            write,
            written,
            cancel_write,
            take_back,
            drop_writer,
        } = &names;
        let module = match scope {
            Some(scope) => &scope.split_name,
            None => &pipe.interface,
        };
        // The end may come from a component that was not called before.
        let poll = scope.and_then(|scope| {
            let poll = self.target.split.poll(scope.interface?)?;
            let wanted = super::link::Wanted {
                module: scope.split_name.clone(),
                poll: poll.name.clone(),
            };
            Some(self.link("LINK", &wanted))
        });
        let link = match poll {
            Some(_) => quote!(|| LINK.ensure()),
            None => quote!(|| ()),
        };
        let unit = pipe.payload.is_none().then(|| quote!(unit _;));
        let name = pipe.text(self.target.resolve());
        quote! {
            #poll
            #support::pipe! {
                name #name;
                link #link;
                module #module;
                new #new;
                read #read;
                cancel_read #cancel_read;
                drop_reader #drop_reader;
                write #write;
                written #written;
                cancel_write #cancel_write;
                take_back #take_back;
                drop_writer #drop_writer;
                #unit
            }
        }
    }

    /// Declares the raw functions of a pipe that this component implements.
    pub fn implemented(&self, pipe: &Pipe, scope: &Scope) -> TokenStream {
        let support = &self.target.support;
        let module = format!("[export]{}", scope.split_name);
        let intrinsic = |what: &str, end: &str| format!("[resource-{what}]{end}");
        let (reader_new, writer_new) = (
            intrinsic("new", &pipe.reader),
            intrinsic("new", &pipe.writer),
        );
        let (reader_rep, writer_rep) = (
            intrinsic("rep", &pipe.reader),
            intrinsic("rep", &pipe.writer),
        );
        let (reader_drop, writer_drop) = (
            intrinsic("drop", &pipe.reader),
            intrinsic("drop", &pipe.writer),
        );
        let payload = pipe.payload.as_ref();
        let (size, align) = self.target.layout(payload);
        let name = pipe.text(self.target.resolve());
        quote! {
            #support::own_pipe! {
                name #name;
                module #module;
                reader #reader_new #reader_rep #reader_drop;
                writer #writer_new #writer_rep #writer_drop;
                item #size #align;
            }
        }
    }
}

/// Whether a vtable's type is that of streams. Otherwise it is that of futures.
fn is_of_stream(vtable: &Path) -> bool {
    let last = vtable.segments.last();
    last.is_some_and(|last| last.ident == "StreamVtable")
}

/// The function `weigh_lists` of a stream's payload with lists, made from `dealloc_lists`. It counts what `dealloc_lists` frees.
fn weigh_lists(items: &[Item], support: &TokenStream) -> Option<ItemFn> {
    let is_stream = |item: &Item| match item {
        Item::Static(table) => matches!(&*table.expr, Expr::Struct(of) if is_of_stream(&of.path)),
        _ => false,
    };
    if !items.iter().any(is_stream) {
        return None;
    }
    let dealloc = items.iter().find_map(|item| match item {
        Item::Fn(function) if function.sig.ident == "dealloc_lists" => Some(function),
        _ => None,
    })?;
    let mut weigh = dealloc.clone();
    weigh.sig.ident = format_ident!("weigh_lists");
    Count { support }.visit_item_fn_mut(&mut weigh);
    Some(weigh)
}

/// Replaces `cabi_dealloc`.
struct Count<'a> {
    support: &'a TokenStream,
}

impl VisitMut for Count<'_> {
    fn visit_expr_path_mut(&mut self, path: &mut ExprPath) {
        let last = path.path.segments.last();
        if last.is_some_and(|last| last.ident == "cabi_dealloc") {
            let support = self.support;
            *path = syn::parse_quote!(#support::weigh_list);
        }
    }
}

fn is_kept(field: &FieldValue) -> bool {
    let Member::Named(name) = &field.member else {
        return false;
    };
    matches!(
        &*name.to_string(),
        "lift" | "lower" | "dealloc_lists" | "layout"
    )
}

/// The names of a pipe's functions in a core module.
pub struct Names {
    pub new: String,
    pub read: String,
    pub cancel_read: String,
    pub drop_reader: String,
    pub write: String,
    pub written: String,
    pub cancel_write: String,
    pub take_back: String,
    pub drop_writer: String,
}

impl Names {
    pub fn of(pipe: &Pipe) -> Names {
        let reader = |name: &str| format!("[method]{}.{name}", pipe.reader);
        let writer = |name: &str| format!("[method]{}.{name}", pipe.writer);
        Names {
            new: pipe.new.clone(),
            read: reader("read"),
            cancel_read: reader("cancel-read"),
            drop_reader: format!("[resource-drop]{}", pipe.reader),
            write: writer("write"),
            written: writer("written"),
            cancel_write: writer("cancel-write"),
            take_back: writer("take-back"),
            drop_writer: format!("[resource-drop]{}", pipe.writer),
        }
    }
}

/// The name of a vtable's module in `patch::export_macro`.
pub fn alias(payload: &Payload<'_>) -> Ident {
    let kind = payload.kind.strip_prefix("wit_").unwrap_or(payload.kind);
    let ordinal = payload.module.strip_prefix("vtable").unwrap_or_default();
    format_ident!("__isyswasfa_{kind}_{ordinal}")
}
