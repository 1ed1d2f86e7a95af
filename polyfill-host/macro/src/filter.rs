//! Flags of functions: `{ "a:b/c.f": trappable | tracing, default: trappable }`.

use crate::names::Keys;
use proc_macro2::Span;
use std::cell::Cell;
use std::fmt;
use std::ops::{BitAnd, BitOr, BitXor};
use syn::parse::{Error, Parse, ParseStream, Result};
use syn::{Ident, LitStr, Token, braced};

/// The flags of a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u8);

/// The names of the flags, in the order of their bits.
const WORDS: [&str; 6] = [
    "async",
    "tracing",
    "verbose_tracing",
    "store",
    "trappable",
    "exact",
];

impl Flags {
    pub const NONE: Flags = Flags(0);
    pub const ASYNC: Flags = Flags(1);
    pub const TRACING: Flags = Flags(2);
    pub const VERBOSE_TRACING: Flags = Flags(4);
    pub const STORE: Flags = Flags(8);
    pub const TRAPPABLE: Flags = Flags(16);
    pub const EXACT: Flags = Flags(32);

    pub const fn all() -> Flags {
        Flags(63)
    }

    /// Whether it has these flags.
    pub fn has(self, flags: Flags) -> bool {
        self & flags == flags
    }
}

impl BitAnd for Flags {
    type Output = Flags;

    fn bitand(self, other: Flags) -> Flags {
        Flags(self.0 & other.0)
    }
}

impl BitOr for Flags {
    type Output = Flags;

    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

impl BitXor for Flags {
    type Output = Flags;

    fn bitxor(self, other: Flags) -> Flags {
        Flags(self.0 ^ other.0)
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = WORDS.iter().enumerate();
        let words = words.filter(|(bit, _)| self.0 & (1 << bit) != 0);
        let words: Vec<_> = words.map(|(_, word)| *word).collect();
        f.write_str(&words.join(" | "))
    }
}

/// Rules. The first one that applies to a function counts.
#[derive(Default)]
pub struct Filter {
    rules: Vec<Rule>,
    default: Option<Rule>,
}

/// One of them.
pub struct Rule {
    /// A function, an interface, a package or a namespace.
    item: String,
    pub flags: Flags,
    pub span: Span,
    used: Cell<bool>,
}

impl Filter {
    /// All rules.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().chain(&self.default)
    }

    /// The flags of the function with these keys.
    pub fn flags(&self, keys: &Keys) -> Flags {
        for (key, is_exact) in keys.all() {
            let rule = self
                .rules
                .iter()
                .find(|rule| rule.item == key && (is_exact || !rule.flags.has(Flags::EXACT)));
            if let Some(rule) = rule {
                rule.used.set(true);
                return rule.flags;
            }
        }
        self.default.as_ref().map_or(Flags::NONE, |rule| rule.flags)
    }

    /// # Errors
    /// If a rule applied to no function.
    pub fn check_used(&self, option: &str) -> Result<()> {
        match self.rules.iter().find(|rule| !rule.used.get()) {
            None => Ok(()),
            Some(rule) => Err(Error::new(
                rule.span,
                format!(
                    "`{option}` has a rule for `{}`, which the world does not have there",
                    rule.item
                ),
            )),
        }
    }
}

impl Parse for Filter {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let content;
        braced!(content in input);
        let mut filter = Filter::default();
        while !content.is_empty() {
            let is_default = content.peek(Token![default]);
            let (item, span) = if is_default {
                (String::new(), content.parse::<Token![default]>()?.span)
            } else {
                let item: LitStr = content.parse()?;
                (item.value(), item.span())
            };
            content.parse::<Token![:]>()?;
            let rule = Rule {
                item,
                flags: flags(&content)?,
                span,
                used: Cell::new(false),
            };
            if is_default {
                filter.default = Some(rule)
            } else {
                filter.rules.push(rule)
            }
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
        }
        Ok(filter)
    }
}

/// `trappable | tracing`
fn flags(input: ParseStream<'_>) -> Result<Flags> {
    let mut flags = Flags::NONE;
    loop {
        let word = match input.parse::<Option<Token![async]>>()? {
            Some(word) => Ident::new("async_", word.span),
            None => input.parse()?,
        };
        let text = word.to_string();
        let bit = WORDS
            .iter()
            .position(|&known| known == text.trim_end_matches('_'));
        let Some(bit) = bit else {
            let message = format!("expected one of {}, found `{word}`", WORDS.join(", "));
            return Err(Error::new(word.span(), message));
        };
        flags = flags | Flags(1 << bit);
        if input.parse::<Option<Token![|]>>()?.is_none() {
            return Ok(flags);
        }
    }
}
