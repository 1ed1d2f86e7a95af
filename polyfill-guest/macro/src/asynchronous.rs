//! The option `async` of `generate!`. Earlier versions of wit-bindgen had it when WIT did not say what is asynchronous. Now it
//! can only repeat what the WIT says.

use proc_macro2::Span;
use syn::parse::{Error, ParseStream, Result};
use syn::punctuated::Punctuated;
use syn::{LitBool, LitStr, Token, bracketed};
use wit_parser::{Function, Resolve, WorldId, WorldItem};

/// The functions that the option says are asynchronous.
pub enum Asynchronous {
    /// `true`: what is `async` in WIT. `false`: nothing.
    All(bool, Span),
    /// These functions among others: `interface#function`, with `import:` or `export:` before it if only one of them is meant.
    Functions(Vec<LitStr>),
}

impl Asynchronous {
    /// Parses the value of `async:`.
    pub fn parse(span: Span, input: ParseStream<'_>) -> Result<Self> {
        if input.peek(LitBool) {
            return Ok(Asynchronous::All(input.parse::<LitBool>()?.value, span));
        }
        let content;
        bracketed!(content in input);
        let names = Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?;
        Ok(Asynchronous::Functions(names.into_iter().collect()))
    }

    /// Checks that the WIT says the same.
    ///
    /// # Errors
    /// If it does not. The error names the function.
    pub fn check(&self, resolve: &Resolve, world: WorldId) -> Result<()> {
        let functions = functions(resolve, world);
        match self {
            Asynchronous::All(true, _) => Ok(()),
            Asynchronous::All(false, span) => {
                match functions
                    .iter()
                    .find(|found| found.function.kind.is_async())
                {
                    None => Ok(()),
                    Some(found) => Err(Error::new(
                        *span,
                        format!(
                            "`async: false` says that nothing is asynchronous, but `{}` is `async` in WIT\n\
                             help: `sync: true` binds it synchronously",
                            found.name
                        ),
                    )),
                }
            }
            Asynchronous::Functions(names) => {
                names.iter().try_for_each(|name| one(name, &functions))
            }
        }
    }
}

/// Checks that this function is asynchronous.
fn one(name: &LitStr, functions: &[Found<'_>]) -> Result<()> {
    let text = name.value();
    let (side, wanted) = match (text.strip_prefix("import:"), text.strip_prefix("export:")) {
        (Some(wanted), _) => (Some(false), wanted),
        (_, Some(wanted)) => (Some(true), wanted),
        (None, None) => (None, &*text),
    };
    if wanted == "all" {
        return Ok(());
    }
    let mut found = functions.iter().filter(|found| {
        found.name == wanted && side.is_none_or(|exported| exported == found.exported)
    });
    let message = match found.next() {
        Some(found) if found.function.kind.is_async() => return Ok(()),
        Some(_) => format!(
            "`{wanted}` cannot be asynchronous: it is not `async` in WIT\n\
             help: make it an `async func` there, or leave it out here"
        ),
        None => format!(
            "the world has no function `{wanted}`\n\
             help: the option `async` is not needed: what is `async` in WIT is asynchronous"
        ),
    };
    Err(Error::new(name.span(), message))
}

/// A function of the world.
struct Found<'a> {
    /// Its name in the options `async` and `sync`.
    name: String,
    exported: bool,
    function: &'a Function,
}

fn functions(resolve: &Resolve, world: WorldId) -> Vec<Found<'_>> {
    let world = &resolve.worlds[world];
    let mut all = Vec::new();
    for (items, exported) in [(&world.imports, false), (&world.exports, true)] {
        for (key, item) in items {
            match item {
                WorldItem::Interface { id, .. } => {
                    let interface = resolve.name_world_key(key);
                    let functions = resolve.interfaces[*id].functions.values();
                    all.extend(functions.map(|function| Found {
                        name: format!("{interface}#{}", function.name),
                        exported,
                        function,
                    }));
                }
                WorldItem::Function(function) => all.push(Found {
                    name: function.name.clone(),
                    exported,
                    function,
                }),
                WorldItem::Type { .. } => {}
            }
        }
    }
    all
}
