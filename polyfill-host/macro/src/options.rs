//! The options of `bindgen!`: those of `wasmtime::component::bindgen!`.

use crate::filter::{Filter, Flags};
use std::path::PathBuf;
use syn::parse::{Error, Parse, ParseStream, Result};
use syn::punctuated::Punctuated;
use syn::{Ident, LitBool, LitStr, Path, Token, braced, bracketed, token};

/// The options of a macro call.
#[derive(Default)]
pub struct Options {
    /// The world, if it was named.
    pub world: Option<String>,
    /// The paths of WIT, relative to the package; empty: the default.
    pub paths: Vec<PathBuf>,
    /// WIT in the source itself.
    pub inline: Option<String>,
    /// The user's modules and types for interfaces, types and resources.
    pub with: Vec<With>,
    /// The flags of functions that the host implements.
    pub imports: Filter,
    /// The flags of functions that the guest exports.
    pub exports: Filter,
    /// Traits to derive for each type without streams, futures and resources.
    pub additional_derives: Vec<Path>,
    /// Errors of functions that the host implements, and the Rust types that they return instead.
    pub trappable_errors: Vec<With>,
    /// Whether to return the code as a string.
    pub stringify: bool,
}

/// `"a:b/c.d": path::to::it`, or with `=>`.
pub struct With {
    /// The key of the item.
    pub item: LitStr,
    /// The path for it.
    pub path: Path,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut options = Options::default();
        if !input.peek(token::Brace) {
            options.world = input.parse::<Option<LitStr>>()?.map(|world| world.value());
            if input.parse::<Option<Token![in]>>()?.is_some() {
                options.paths = vec![PathBuf::from(input.parse::<LitStr>()?.value())];
            }
            return Ok(options);
        }
        let content;
        braced!(content in input);
        let mut seen = Vec::new();
        while !content.is_empty() {
            let name: Ident = content.parse()?;
            if seen.contains(&name) {
                return Err(Error::new(name.span(), format!("`{name}` is given twice")));
            }
            content.parse::<Token![:]>()?;
            options.option(&name, &content)?;
            seen.push(name);
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

impl Options {
    /// Parses what comes after `name:`.
    fn option(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<()> {
        match name.to_string().as_str() {
            "world" => self.world = Some(string(input)?),
            "path" => self.paths = paths(input)?,
            "inline" => self.set_inline(name, string(input)?)?,
            "interfaces" => {
                let world = format!(
                    "package isyswasfa:interfaces; world interfaces {{ {} }}",
                    string(input)?
                );
                self.set_inline(name, world)?;
            }
            "with" => self.with = entries::<Token![:]>(input)?,
            "trappable_error_type" => {
                self.trappable_errors = entries::<Token![=>]>(input)?;
            }
            "imports" => {
                self.imports = input.parse()?;
                refuse_flags(
                    &self.imports,
                    "imports",
                    Flags::VERBOSE_TRACING | Flags::STORE,
                )?;
            }
            "exports" => {
                self.exports = input.parse()?;
                let only_tracing = Flags::all() ^ Flags::TRACING ^ Flags::ASYNC ^ Flags::EXACT;
                refuse_flags(&self.exports, "exports", only_tracing)?;
            }
            "additional_derives" => {
                let content;
                bracketed!(content in input);
                let list = Punctuated::<Path, Token![,]>::parse_terminated(&content)?;
                self.additional_derives = list.into_iter().collect();
            }
            "stringify" => self.stringify = boolean(input)?,
            // This is always so.
            "require_store_data_send" => {
                let wanted: LitBool = input.parse()?;
                if !wanted.value {
                    return Err(Error::new(
                        wanted.span(),
                        "a store's data is always `Send`: instances are used from many tasks",
                    ));
                }
            }
            "ownership" => ownership(input)?,
            other => return Err(Error::new(name.span(), unsupported(other))),
        }
        Ok(())
    }

    fn set_inline(&mut self, name: &Ident, wit: String) -> Result<()> {
        match self.inline.replace(wit) {
            None => Ok(()),
            Some(_) => Err(Error::new(
                name.span(),
                "`inline` and `interfaces` both give the world\nhelp: leave one of them out",
            )),
        }
    }
}

/// Why an option does not exist.
fn unsupported(name: &str) -> String {
    let reason = match name {
        "wasmtime_crate" => {
            "generated code finds wasmtime through polyfill-host, under whatever name that is known here"
        }
        "anyhow" => {
            "functions that can trap return `wasmtime::Result`; `?` turns an `anyhow::Error` into its error"
        }
        "skip_mut_forwarding_impls" => {
            "traits are implemented for the host's own type and for `Arc`s of it: there is nothing to skip"
        }
        "named_imports" => {
            "an interface is implemented once: import it under a name in the WIT (`import name: interface { .. }`)"
        }
        "include_generated_code_from_file" | "debug" => {
            "see the code with `stringify: true`, or with `cargo expand`"
        }
        "include_component_type" => "read the component's own type with the crate `wit-component`",
        "tracing" | "async" | "trappable" => {
            "say it for functions: `imports: { default: trappable }`"
        }
        "only_imports" | "except_imports" | "trappable_imports" => {
            "say it by function: `imports: { \"a:b/c.f\": trappable }`"
        }
        _ => {
            return format!(
                "`bindgen!` has no option `{name}`\nhelp: its options are those of `wasmtime::component::bindgen!`"
            );
        }
    };
    format!("the option `{name}` has no use here\nhelp: {reason}")
}

fn refuse_flags(filter: &Filter, option: &str, refused: Flags) -> Result<()> {
    for rule in filter.rules() {
        let bad = rule.flags & refused;
        if bad == Flags::NONE {
            continue;
        }
        let reason = if bad & Flags::STORE != Flags::NONE {
            "a function runs beside the guest, without the store\nhelp: keep what it needs in the host's type, which every call is given"
        } else if bad & Flags::VERBOSE_TRACING != Flags::NONE {
            "arguments are not traced: some can't be shown without being used\nhelp: `tracing` has a span for each call"
        } else {
            "calls of exports always answer an error if the guest traps\nhelp: leave it out"
        };
        let message = format!("`{bad}` has no use in `{option}`: {reason}");
        return Err(Error::new(rule.span, message));
    }
    Ok(())
}

fn string(input: ParseStream<'_>) -> Result<String> {
    Ok(input.parse::<LitStr>()?.value())
}

fn boolean(input: ParseStream<'_>) -> Result<bool> {
    Ok(input.parse::<LitBool>()?.value)
}

/// `"a"` or `["a", "b"]`
fn paths(input: ParseStream<'_>) -> Result<Vec<PathBuf>> {
    if !input.peek(token::Bracket) {
        return Ok(vec![PathBuf::from(string(input)?)]);
    }
    let content;
    bracketed!(content in input);
    let list = Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?;
    Ok(list
        .iter()
        .map(|path| PathBuf::from(path.value()))
        .collect())
}

/// `{ "item": path, .. }`
fn entries<Separator: Parse>(input: ParseStream<'_>) -> Result<Vec<With>> {
    let content;
    braced!(content in input);
    let entries = content.parse_terminated(entry::<Separator>, Token![,])?;
    Ok(entries.into_iter().collect())
}

fn entry<Separator: Parse>(input: ParseStream<'_>) -> Result<With> {
    let item = input.parse()?;
    input.parse::<Separator>()?;
    let path = input.parse()?;
    Ok(With { item, path })
}

/// `Owning`, the only one.
fn ownership(input: ParseStream<'_>) -> Result<()> {
    let name: Ident = input.parse()?;
    if name == "Owning" {
        return Ok(());
    }
    let message = if name == "Borrowing" {
        "arguments can't be borrowed: a call may go on when the caller has given it up\nhelp: leave `ownership` out"
    } else {
        "expected `Owning`"
    };
    Err(Error::new(name.span(), message))
}
