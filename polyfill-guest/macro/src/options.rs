//! The options of `generate!`: wit-bindgen's, and `wasi`.

use crate::asynchronous::Asynchronous;
use quote::ToTokens;
use std::path::PathBuf;
use syn::ext::IdentExt;
use syn::parse::{Error, Parse, ParseStream, Result};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, LitBool, LitStr, Token, braced, bracketed, token};
use wit_bindgen_core::{AsyncFilterSet, ChainableMethodFilterSet};
use wit_bindgen_rust::{Opts, Ownership, WithOption};

/// The options that were given.
#[derive(Default)]
pub struct Options {
    /// The options for the generator of wit-bindgen.
    pub opts: Opts,
    /// The world, if it was named.
    pub world: Option<String>,
    /// WIT in the source itself.
    pub inline: Option<String>,
    /// Where the WIT is, relative to the package. Empty: not given.
    pub paths: Vec<PathBuf>,
    /// The versions of WASI whose embedded WIT is wanted. Not an option of wit-bindgen's.
    pub wasi: Vec<String>,
    /// The WIT features to switch on.
    pub features: Vec<String>,
    /// Write the generated code to a file, so that errors in it have a place.
    pub debug: bool,
    /// The functions that the option says are asynchronous. The WIT has to agree.
    pub asynchronous: Option<Asynchronous>,
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
            options.option(&content, &mut seen)?;
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

impl Options {
    /// Parses `name` or `name: value`.
    fn option(&mut self, input: ParseStream<'_>, seen: &mut Vec<String>) -> Result<()> {
        // `async` among others, which is a keyword.
        let name = input.call(Ident::parse_any)?;
        let text = name.to_string();
        let once = matches!(
            &*text,
            "world" | "path" | "wasi" | "inline" | "async" | "sync" | "chainable_methods"
        );
        if once && seen.contains(&text) {
            return Err(Error::new(name.span(), format!("`{text}` is given twice")));
        }
        seen.push(text.clone());

        let opts = &mut self.opts;
        match &*text {
            "generate_all" => return done(&mut opts.generate_all),
            "raw_strings" => return done(&mut opts.raw_strings),
            "std_feature" => return done(&mut opts.std_feature),
            "stubs" => return done(&mut opts.stubs),
            _ => {}
        }
        input.parse::<Token![:]>()?;
        match &*text {
            "world" => self.world = Some(string(input)?),
            "path" => self.paths = paths(input)?,
            "wasi" => self.wasi = versions(input)?,
            "inline" => self.inline = Some(string(input)?),
            "features" => self.features.extend(strings(input)?),
            "debug" => self.debug = boolean(input)?,
            "ownership" => opts.ownership = ownership(input)?,
            "skip" => opts.skip.extend(strings(input)?),
            "runtime_path" => opts.runtime_path = Some(string(input)?),
            "map_type" => opts.map_type = Some(string(input)?),
            "bitflags_path" => opts.bitflags_path = Some(string(input)?),
            "export_prefix" => opts.export_prefix = Some(string(input)?),
            "additional_derives" => {
                opts.additional_derive_attributes = list::<syn::Path>(input)?
                    .iter()
                    .map(|path| path.to_token_stream().to_string())
                    .collect();
            }
            "additional_derives_ignore" => opts.additional_derive_ignore = strings(input)?,
            "additional_type_attributes" => opts.additional_type_attributes = attributes(input)?,
            "additional_member_attributes" => {
                opts.additional_member_attributes = attributes(input)?;
            }
            "with" => opts.with.extend(with(input)?),
            "type_section_suffix" => opts.type_section_suffix = Some(string(input)?),
            "disable_run_ctors_once_workaround" => {
                opts.disable_run_ctors_once_workaround = boolean(input)?;
            }
            "default_bindings_module" => opts.default_bindings_module = Some(string(input)?),
            "export_macro_name" => opts.export_macro_name = Some(string(input)?),
            "pub_export_macro" => opts.pub_export_macro = boolean(input)?,
            "generate_unused_types" => opts.generate_unused_types = boolean(input)?,
            "disable_custom_section_link_helpers" => {
                opts.disable_custom_section_link_helpers = boolean(input)?;
            }
            "merge_structurally_equal_types" => {
                opts.merge_structurally_equal_types = Some(Some(boolean(input)?));
            }
            "chainable_methods" => {
                let mut set = ChainableMethodFilterSet::default();
                strings(input)?.iter().for_each(|name| set.push(name));
                opts.chainable_methods = set;
            }
            "sync" => opts.async_ = sync(input)?,
            "async" => self.asynchronous = Some(Asynchronous::parse(name.span(), input)?),
            _ => {
                return Err(Error::new(
                    name.span(),
                    format!("`generate!` has no option `{text}`"),
                ));
            }
        }
        Ok(())
    }
}

fn done(flag: &mut bool) -> Result<()> {
    *flag = true;
    Ok(())
}

fn string(input: ParseStream<'_>) -> Result<String> {
    Ok(input.parse::<LitStr>()?.value())
}

fn boolean(input: ParseStream<'_>) -> Result<bool> {
    Ok(input.parse::<LitBool>()?.value)
}

/// `[a, b]`
fn list<T: Parse>(input: ParseStream<'_>) -> Result<Vec<T>> {
    let content;
    bracketed!(content in input);
    let items = Punctuated::<T, Token![,]>::parse_terminated(&content)?;
    Ok(items.into_iter().collect())
}

/// `["a", "b"]`
fn strings(input: ParseStream<'_>) -> Result<Vec<String>> {
    let strings = list::<LitStr>(input)?;
    Ok(strings.iter().map(LitStr::value).collect())
}

/// `"0.3"` or `["0.2.0", "0.3"]`
fn versions(input: ParseStream<'_>) -> Result<Vec<String>> {
    if input.peek(token::Bracket) {
        strings(input)
    } else {
        Ok(vec![string(input)?])
    }
}

/// `"a"` or `["a", "b"]`
fn paths(input: ParseStream<'_>) -> Result<Vec<PathBuf>> {
    let paths = if input.peek(token::Bracket) {
        list::<PathLiteral>(input)?
    } else {
        vec![input.parse()?]
    };
    Ok(paths.into_iter().map(|path| path.0).collect())
}

/// A string literal or, with the feature `macro-string`, a call of `concat!` or `env!`.
struct PathLiteral(PathBuf);

impl Parse for PathLiteral {
    #[cfg(feature = "macro-string")]
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let path: macro_string::MacroString = input.parse()?;
        Ok(PathLiteral(PathBuf::from(path.eval()?)))
    }

    #[cfg(not(feature = "macro-string"))]
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        Ok(PathLiteral(PathBuf::from(string(input)?)))
    }
}

/// `Owning` or `Borrowing { duplicate_if_necessary: true }`
fn ownership(input: ParseStream<'_>) -> Result<Ownership> {
    let name: Ident = input.parse()?;
    if name == "Owning" {
        return Ok(Ownership::Owning);
    }
    if name != "Borrowing" {
        return Err(Error::new(name.span(), "expected `Owning` or `Borrowing`"));
    }
    let content;
    braced!(content in input);
    let field: Ident = content.parse()?;
    if field != "duplicate_if_necessary" {
        return Err(Error::new(
            field.span(),
            "expected `duplicate_if_necessary`",
        ));
    }
    content.parse::<Token![:]>()?;
    let duplicate_if_necessary = boolean(&content)?;
    content.parse::<Option<Token![,]>>()?;
    Ok(Ownership::Borrowing {
        duplicate_if_necessary,
    })
}

/// `{ "selector": [#[a] #[b]], .. }`: a pair for each attribute.
fn attributes(input: ParseStream<'_>) -> Result<Vec<(String, String)>> {
    let content;
    braced!(content in input);
    let entry = |input: ParseStream<'_>| {
        let selector = string(input)?;
        input.parse::<Token![:]>()?;
        let content;
        let bracket = bracketed!(content in input);
        let attributes = content.call(Attribute::parse_outer)?;
        if !content.is_empty() {
            return Err(content.error("expected an outer attribute, `#[...]`"));
        }
        // An empty list would hide that the selector selects nothing.
        if attributes.is_empty() {
            return Err(Error::new(bracket.span.join(), "expected an attribute"));
        }
        Ok((selector, attributes))
    };
    let entries = content.parse_terminated(entry, Token![,])?;
    Ok(entries
        .into_iter()
        .flat_map(|(selector, attributes)| {
            attributes
                .into_iter()
                .map(move |a| (selector.clone(), a.to_token_stream().to_string()))
        })
        .collect())
}

/// `{ "a:b/c": path::to::it, "d:e/f": generate, .. }`
fn with(input: ParseStream<'_>) -> Result<Vec<(String, WithOption)>> {
    let content;
    braced!(content in input);
    let entry = |input: ParseStream<'_>| {
        let interface = string(input)?;
        input.parse::<Token![:]>()?;
        let path: syn::Path = input.parse()?;
        if path.is_ident("generate") {
            return Ok((interface, WithOption::Generate));
        }
        for segment in &path.segments {
            if !segment.arguments.is_none() {
                return Err(Error::new(
                    segment.ident.span(),
                    "expected the path of a module, without arguments",
                ));
            }
        }
        let names: Vec<_> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        let root = if path.leading_colon.is_some() {
            "::"
        } else {
            ""
        };
        Ok((
            interface,
            WithOption::Path(format!("{root}{}", names.join("::"))),
        ))
    };
    let entries = content.parse_terminated(entry, Token![,])?;
    let mut entries: Vec<_> = entries.into_iter().collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(entries)
}

/// `true`, or `["interface#function", "import:..", "export:.."]`
fn sync(input: ParseStream<'_>) -> Result<AsyncFilterSet> {
    let mut set = AsyncFilterSet::default();
    if !input.peek(LitBool) {
        strings(input)?.iter().for_each(|name| set.push(name));
    } else if boolean(input)? {
        set.push("all");
    }
    Ok(set)
}
