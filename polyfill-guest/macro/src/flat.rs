//! Generates code that moves values between the two forms of the canonical ABI: flat wasm values, and memory.
//!
//! wit-bindgen passes the parameters of an async import in memory if there are more than four flat ones, and the result of an async
//! export flat. Functions of the split ABI are ordinary ones, which take flat parameters and return results in memory.

use crate::wasm_type;
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};
use wit_bindgen_core::abi::{Bitcast, cast};
use wit_parser::abi::{FlatTypes, WasmType};
use wit_parser::{FlagsRepr, Int, Resolve, SizeAlign, Type, TypeDefKind};

/// The generator of such code. Offsets are those of wasm32. On other machines the code is compiled, and never run.
pub struct Flat<'a> {
    resolve: &'a Resolve,
    sizes: &'a SizeAlign,
    names: usize,
}

/// A flat value: its expression, and its type.
#[derive(Clone)]
pub struct Value {
    pub expr: TokenStream,
    pub ty: WasmType,
}

impl<'a> Flat<'a> {
    pub fn new(resolve: &'a Resolve, sizes: &'a SizeAlign) -> Self {
        Flat {
            resolve,
            sizes,
            names: 0,
        }
    }

    /// The flat types of `ty`. None: more than 16.
    pub fn types(resolve: &Resolve, ty: &Type) -> Option<Vec<WasmType>> {
        let mut storage = [WasmType::I32; Resolve::MAX_FLAT_PARAMS];
        let mut flat = FlatTypes::new(&mut storage);
        resolve.push_flat(ty, &mut flat).then(|| flat.to_vec())
    }

    /// Code that stores the value of type `ty`, of which `values` are the flat form, at `ptr` + `offset`.
    ///
    /// Takes from `values` as many as there are in `ty`.
    pub fn store(
        &mut self,
        ty: &Type,
        values: &mut dyn Iterator<Item = Value>,
        ptr: &Ident,
        offset: usize,
    ) -> TokenStream {
        let at = Literal::usize_unsuffixed(offset);
        let mut next = || values.next().expect("as many values as flat types").expr;
        let mut scalar = |ty: TokenStream| {
            let value = next();
            quote!(#ptr.add(#at).cast::<#ty>().write((#value) as #ty);)
        };
        let id = match ty {
            Type::Bool | Type::U8 | Type::S8 => return scalar(quote!(u8)),
            Type::U16 | Type::S16 => return scalar(quote!(u16)),
            Type::U32 | Type::S32 | Type::Char | Type::ErrorContext => return scalar(quote!(i32)),
            Type::U64 | Type::S64 => return scalar(quote!(i64)),
            Type::F32 => return scalar(quote!(f32)),
            Type::F64 => return scalar(quote!(f64)),
            Type::String => return self.store_list(values, ptr, offset),
            Type::Id(id) => *id,
        };
        match &self.resolve.types[id].kind {
            TypeDefKind::Type(ty) => self.store(ty, values, ptr, offset),
            TypeDefKind::List(_) | TypeDefKind::Map(..) => self.store_list(values, ptr, offset),
            TypeDefKind::Handle(_) | TypeDefKind::Stream(_) | TypeDefKind::Future(_) => {
                scalar(quote!(i32))
            }
            TypeDefKind::Flags(flags) => match flags.repr() {
                FlagsRepr::U8 => scalar(quote!(u8)),
                FlagsRepr::U16 => scalar(quote!(u16)),
                FlagsRepr::U32(n) => (0..n)
                    .map(|i| {
                        let at = Literal::usize_unsuffixed(offset + i * 4);
                        let value = values.next().expect("as many values as flat types").expr;
                        quote!(#ptr.add(#at).cast::<i32>().write(#value);)
                    })
                    .collect(),
            },
            TypeDefKind::Enum(e) => scalar(int(e.tag())),
            _ => match self.shape(id) {
                Shape::Fields(fields) => fields
                    .iter()
                    .map(|(at, ty)| self.store(ty, values, ptr, offset + at))
                    .collect(),
                Shape::Cases {
                    tag,
                    payload,
                    cases,
                } => {
                    let discriminant = next();
                    let joined: Vec<_> = (&mut *values).take(self.joined(id).len()).collect();
                    let tag = int(tag);
                    let arms = cases.iter().enumerate().map(|(i, case)| {
                        let i = Literal::i32_unsuffixed(i as i32);
                        let Some(ty) = case else {
                            return quote!(#i => {});
                        };
                        let types =
                            Self::types(self.resolve, ty).expect("the variant has at most 16");
                        let mut own = joined.iter().zip(types).map(|(value, ty)| Value {
                            expr: bitcast(&cast(value.ty, ty), value.expr.clone()),
                            ty,
                        });
                        let store = self.store(ty, &mut own, ptr, offset + payload);
                        quote!(#i => { #store })
                    });
                    let arms: Vec<_> = arms.collect();
                    let name = self.name();
                    quote! {
                        let #name: i32 = #discriminant;
                        #ptr.add(#at).cast::<#tag>().write(#name as #tag);
                        match #name { #(#arms)* _ => ::core::unreachable!() }
                    }
                }
            },
        }
    }

    fn store_list(
        &mut self,
        values: &mut dyn Iterator<Item = Value>,
        ptr: &Ident,
        offset: usize,
    ) -> TokenStream {
        let (at, len_at) = (
            Literal::usize_unsuffixed(offset),
            Literal::usize_unsuffixed(offset + 4),
        );
        let mut next = || values.next().expect("as many values as flat types").expr;
        let (address, len) = (next(), next());
        quote! {
            #ptr.add(#at).cast::<*mut u8>().write(#address);
            #ptr.add(#len_at).cast::<usize>().write(#len);
        }
    }

    /// Code that loads the value of type `ty` from `ptr` + `offset`, and the names that its flat form then has.
    pub fn load(&mut self, ty: &Type, ptr: &Ident, offset: usize) -> (TokenStream, Vec<Value>) {
        let at = Literal::usize_unsuffixed(offset);
        let id = match ty {
            Type::Bool | Type::U8 => return self.scalar(ptr, &at, quote!(u8)),
            Type::S8 => return self.scalar(ptr, &at, quote!(i8)),
            Type::U16 => return self.scalar(ptr, &at, quote!(u16)),
            Type::S16 => return self.scalar(ptr, &at, quote!(i16)),
            Type::U32 | Type::S32 | Type::Char | Type::ErrorContext => {
                return self.scalar(ptr, &at, quote!(i32));
            }
            Type::U64 | Type::S64 => return self.read(ptr, &at, WasmType::I64),
            Type::F32 => return self.read(ptr, &at, WasmType::F32),
            Type::F64 => return self.read(ptr, &at, WasmType::F64),
            Type::String => return self.load_list(ptr, offset),
            Type::Id(id) => *id,
        };
        match &self.resolve.types[id].kind {
            TypeDefKind::Type(ty) => self.load(ty, ptr, offset),
            TypeDefKind::List(_) | TypeDefKind::Map(..) => self.load_list(ptr, offset),
            TypeDefKind::Handle(_) | TypeDefKind::Stream(_) | TypeDefKind::Future(_) => {
                self.read(ptr, &at, WasmType::I32)
            }
            TypeDefKind::Flags(flags) => match flags.repr() {
                FlagsRepr::U8 => self.scalar(ptr, &at, quote!(u8)),
                FlagsRepr::U16 => self.scalar(ptr, &at, quote!(u16)),
                FlagsRepr::U32(n) => {
                    let (mut code, mut values) = (TokenStream::new(), Vec::new());
                    for i in 0..n {
                        let at = Literal::usize_unsuffixed(offset + i * 4);
                        let (read, value) = self.read(ptr, &at, WasmType::I32);
                        code.extend(read);
                        values.extend(value);
                    }
                    (code, values)
                }
            },
            TypeDefKind::Enum(e) => self.scalar(ptr, &at, int(e.tag())),
            _ => match self.shape(id) {
                Shape::Fields(fields) => {
                    let (mut code, mut values) = (TokenStream::new(), Vec::new());
                    for (at, ty) in fields {
                        let (load, value) = self.load(&ty, ptr, offset + at);
                        code.extend(load);
                        values.extend(value);
                    }
                    (code, values)
                }
                Shape::Cases {
                    tag,
                    payload,
                    cases,
                } => {
                    let joined = self.joined(id);
                    let (mut code, mut values) = self.scalar(ptr, &at, int(tag));
                    let arms: Vec<_> = cases
                        .iter()
                        .enumerate()
                        .map(|(i, case)| {
                            let i = Literal::i32_unsuffixed(i as i32);
                            let (load, own) = match case {
                                Some(ty) => self.load(ty, ptr, offset + payload),
                                None => Default::default(),
                            };
                            let exprs = joined.iter().enumerate().map(|(i, ty)| match own.get(i) {
                                Some(own) => bitcast(&cast(own.ty, *ty), own.expr.clone()),
                                None => zero(*ty),
                            });
                            quote!(#i => { #load (#(#exprs,)*) })
                        })
                        .collect();
                    let names: Vec<_> = joined.iter().map(|_| self.name()).collect();
                    let types = joined.iter().map(|ty| wasm_type(*ty));
                    let discriminant = &values[0].expr;
                    code.extend(quote! {
                        let (#(#names,)*): (#(#types,)*) =
                            match #discriminant { #(#arms)* _ => ::core::unreachable!() };
                    });
                    let joined = names.into_iter().zip(joined);
                    values.extend(joined.map(|(name, ty)| Value {
                        expr: quote!(#name),
                        ty,
                    }));
                    (code, values)
                }
            },
        }
    }

    fn load_list(&mut self, ptr: &Ident, offset: usize) -> (TokenStream, Vec<Value>) {
        let at = Literal::usize_unsuffixed(offset);
        let len_at = Literal::usize_unsuffixed(offset + 4);
        let (mut code, mut values) = self.read(ptr, &at, WasmType::Pointer);
        let (len, value) = self.read(ptr, &len_at, WasmType::Length);
        code.extend(len);
        values.extend(value);
        (code, values)
    }

    /// An integer of at most 32 bits.
    fn scalar(&mut self, ptr: &Ident, at: &Literal, ty: TokenStream) -> (TokenStream, Vec<Value>) {
        let name = self.name();
        let code = quote!(let #name: i32 = #ptr.add(#at).cast::<#ty>().read() as i32;);
        let value = Value {
            expr: quote!(#name),
            ty: WasmType::I32,
        };
        (code, vec![value])
    }

    fn read(&mut self, ptr: &Ident, at: &Literal, ty: WasmType) -> (TokenStream, Vec<Value>) {
        let (name, rust) = (self.name(), wasm_type(ty));
        let code = quote!(let #name: #rust = #ptr.add(#at).cast::<#rust>().read(););
        let value = Value {
            expr: quote!(#name),
            ty,
        };
        (code, vec![value])
    }

    fn name(&mut self) -> Ident {
        self.names += 1;
        format_ident!("flat{}", self.names, span = Span::call_site())
    }

    /// The flat types behind a variant's discriminant.
    fn joined(&self, id: wit_parser::TypeId) -> Vec<WasmType> {
        let mut types =
            Self::types(self.resolve, &Type::Id(id)).expect("asked for only where it fits");
        types.remove(0);
        types
    }

    /// How a compound type is laid out.
    pub fn shape(&self, id: wit_parser::TypeId) -> Shape {
        let fields = |types: Vec<Type>| {
            let offsets = self.sizes.field_offsets(&types);
            let fields = offsets.into_iter();
            Shape::Fields(fields.map(|(at, ty)| (at.size_wasm32(), *ty)).collect())
        };
        let cases = |tag: Int, cases: Vec<Option<Type>>| {
            let payload = self
                .sizes
                .payload_offset(tag, cases.iter().map(Option::as_ref));
            Shape::Cases {
                tag,
                payload: payload.size_wasm32(),
                cases,
            }
        };
        match &self.resolve.types[id].kind {
            TypeDefKind::Record(record) => {
                fields(record.fields.iter().map(|field| field.ty).collect())
            }
            TypeDefKind::Tuple(tuple) => fields(tuple.types.clone()),
            TypeDefKind::FixedLengthList(ty, n) => fields(vec![*ty; *n as usize]),
            TypeDefKind::Variant(v) => cases(v.tag(), v.cases.iter().map(|case| case.ty).collect()),
            TypeDefKind::Option(ty) => cases(Int::U8, vec![None, Some(*ty)]),
            TypeDefKind::Result(result) => cases(Int::U8, vec![result.ok, result.err]),
            kind => unreachable!("`{}` is no compound type", kind.as_str()),
        }
    }
}

/// The layout of a compound type; offsets in bytes.
pub enum Shape {
    Fields(Vec<(usize, Type)>),
    Cases {
        tag: Int,
        payload: usize,
        cases: Vec<Option<Type>>,
    },
}

/// The Rust type of a discriminant.
pub fn int(repr: Int) -> TokenStream {
    match repr {
        Int::U8 => quote!(u8),
        Int::U16 => quote!(u16),
        Int::U32 => quote!(u32),
        Int::U64 => quote!(u64),
    }
}

/// The value in a place that only another case uses.
fn zero(ty: WasmType) -> TokenStream {
    match ty {
        WasmType::I32 | WasmType::I64 | WasmType::Length => quote!(0),
        WasmType::F32 | WasmType::F64 => quote!(0.0),
        WasmType::Pointer => quote!(::core::ptr::null_mut()),
        WasmType::PointerOrI64 => quote!(::core::mem::MaybeUninit::<u64>::zeroed()),
    }
}

/// Converts a flat value to another type, which has room for it or which it was made from.
fn bitcast(cast: &Bitcast, value: TokenStream) -> TokenStream {
    match cast {
        Bitcast::None => value,
        Bitcast::I32ToI64 => quote!(((#value) as u32 as i64)),
        Bitcast::I64ToI32 => quote!(((#value) as i32)),
        Bitcast::F32ToI32 => quote!(((#value).to_bits() as i32)),
        Bitcast::I32ToF32 => quote!(f32::from_bits((#value) as u32)),
        Bitcast::F64ToI64 => quote!(((#value).to_bits() as i64)),
        Bitcast::I64ToF64 => quote!(f64::from_bits((#value) as u64)),
        Bitcast::F32ToI64 => quote!(((#value).to_bits() as i64)),
        Bitcast::I64ToF32 => quote!(f32::from_bits((#value) as u32)),
        Bitcast::I64ToP64 => quote!(::core::mem::MaybeUninit::<u64>::new((#value) as u64)),
        // A pointer keeps its provenance in a `MaybeUninit`, which an integer would lose.
        Bitcast::PToP64 => quote! {{
            let mut bits = ::core::mem::MaybeUninit::<u64>::zeroed();
            bits.as_mut_ptr().cast::<*mut u8>().write(#value);
            bits
        }},
        Bitcast::P64ToI64 => quote!(((#value).assume_init() as i64)),
        Bitcast::P64ToP => quote!((#value).as_ptr().cast::<*mut u8>().read()),
        Bitcast::I32ToP | Bitcast::LToP => quote!(((#value) as usize as *mut u8)),
        Bitcast::PToI32 => quote!(((#value) as usize as i32)),
        Bitcast::LToI32 => quote!(((#value) as i32)),
        Bitcast::I32ToL => quote!(((#value) as u32 as usize)),
        Bitcast::I64ToL | Bitcast::PToL => quote!(((#value) as usize)),
        Bitcast::LToI64 => quote!(((#value) as i64)),
        Bitcast::Sequence(both) => {
            let [first, second] = &**both;
            bitcast(second, bitcast(first, value))
        }
    }
}
