//! Declared types: the results of a file's functions, and the fields of its structs.

use super::names::Names;
use super::signatures::Ty;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use syn::visit::Visit;
use syn::{GenericArgument, PathArguments, ReturnType, Signature};

/// The results of the file's functions, and the fields of its structs. A name with two meanings is left out.
pub struct Declared<'a> {
    names: &'a Names,
    pub functions: FxHashMap<String, Ty>,
    pub fields: FxHashMap<String, Ty>,
}

impl<'a> Declared<'a> {
    pub fn of(file: &syn::File, names: &'a Names) -> Self {
        let mut declared = Self {
            names,
            functions: FxHashMap::default(),
            fields: FxHashMap::default(),
        };
        declared.visit_file(file);
        declared
    }
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

fn insert(into: &mut FxHashMap<String, Ty>, name: String, ty: Ty) {
    into.entry(name)
        .and_modify(|known| {
            if *known != ty {
                *known = Ty::Unknown
            }
        })
        .or_insert(ty);
}

/// The WASI type behind a written type.
pub fn type_of(names: &Names, ty: &syn::Type) -> Ty {
    match ty {
        syn::Type::Reference(ty) => type_of(names, &ty.elem),
        syn::Type::Paren(ty) => type_of(names, &ty.elem),
        syn::Type::Tuple(ty) => Ty::Tuple(ty.elems.iter().map(|ty| type_of(names, ty)).collect()),
        syn::Type::Path(ty) => {
            let Some(last) = ty.path.segments.last() else {
                return Ty::Unknown;
            };
            let argument = || match &last.arguments {
                PathArguments::AngleBracketed(arguments) => {
                    arguments.args.iter().find_map(|argument| match argument {
                        GenericArgument::Type(ty) => Some(type_of(names, ty)),
                        _ => None,
                    })
                }
                _ => None,
            };
            // Of each the first argument is what matters.
            let wrapped = |ty: Ty| {
                let is = |names: &[&str]| names.iter().any(|name| last.ident == name);
                match () {
                    () if is(&["Option"]) => Some(Ty::Option(Arc::new(ty))),
                    () if is(&["Result"]) => Some(Ty::Result(Arc::new(ty))),
                    () if is(&["Vec"]) => Some(Ty::List(Arc::new(ty))),
                    () if is(&["Box", "Rc", "Arc"]) => Some(ty),
                    () => None,
                }
            };
            if let Some(ty) = argument().and_then(wrapped) {
                return ty;
            }
            names
                .wasi(&ty.path)
                .map_or(Ty::Unknown, |path| Ty::Wasi(alias(path.full()).into()))
        }
        _ => Ty::Unknown,
    }
}

/// `headers` and `trailers` are `fields`.
pub fn alias(name: &str) -> &str {
    match name {
        "wasi:http/types.headers" | "wasi:http/types.trailers" => "wasi:http/types.fields",
        _ => name,
    }
}
