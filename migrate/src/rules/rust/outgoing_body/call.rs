//! Recognises calls that write to a stream, and says what they are in 0.3.

use super::super::RustContext;
use crate::rust::flow::{method_on, peel, variable};
use std::ops::Range;
use syn::Expr;

/// Methods of `OutputStream`, and those that `std::io::Write` adds. Nothing asks for room any more: waiting for it is a part of writing.
const WRITES: [&str; 5] = [
    "blocking_write_and_flush",
    "write_all",
    "write",
    "blocking_write_zeroes_and_flush",
    "write_zeroes",
];

/// What the old code did when writing failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnError {
    /// It went on, or looked at the result itself.
    Continues,
    Panics,
    Returns,
}

/// A write in its new form.
pub struct Write {
    pub text: String,
    /// The call, with the code that takes off the `Result`.
    pub place: Range<usize>,
    pub on_error: OnError,
    /// What was done with the `Result`: `.map_err(|_| ())?`
    pub taken_off: String,
}

impl Write {
    fn told(text: String, place: Range<usize>) -> Self {
        Self {
            text,
            place,
            on_error: OnError::Continues,
            taken_off: String::new(),
        }
    }

    /// The write in a task, which ends where the old code would have gone no further: what can't be written comes back.
    pub fn in_task(&self) -> String {
        let text = &self.text;
        match self.on_error {
            OnError::Continues => text.clone(),
            OnError::Panics => format!("assert!({text}.is_empty(), \"the stream is closed\")"),
            OnError::Returns => format!("if !{text}.is_empty() {{ return }}"),
        }
    }
}

/// The new form of `stream.blocking_write_and_flush(bytes).unwrap()` and other writes, and its place, with the code that takes off the `Result`.
pub fn write_call(context: &RustContext, expr: &Expr, stream: &str) -> Option<Write> {
    let file = context.file;
    let range = file.range(expr);
    if let Expr::Macro(found) = expr
        && ["write", "writeln"]
            .iter()
            .any(|name| found.mac.path.is_ident(name))
    {
        let arguments = file.macro_arguments(&found.mac);
        if arguments.first().and_then(variable).as_deref() != Some(stream) {
            return None;
        }
        let start = file.range(arguments.get(1)?).start;
        let inner = &context.text[start..range.end - 1];
        let newline = if found.mac.path.is_ident("writeln") {
            " + \"\\n\""
        } else {
            ""
        };
        let text = format!("format!({inner})");
        let text = if newline.is_empty() {
            text
        } else {
            format!("({text}{newline})")
        };
        return answered(
            context,
            format!("{stream}.write_all({text}.into_bytes()).await"),
            expr,
            file.range(file.unpeeled(expr)),
        );
    }
    // How much there is room for. Any number will do, since writing waits until everything is written.
    if method_on(expr, "check_write").is_some_and(|(of, _)| of == stream) {
        let outermost = file.unpeeled(expr);
        let is_number = peel(outermost).layers.len() == 1;
        let place = file.range(outermost);
        let (statement, _) = file.statement(&place)?;
        let is_used = is_number && statement.start < place.start;
        return is_used.then(|| Write::told("4096_u64".to_owned(), place));
    }
    let (_, call) = WRITES
        .iter()
        .find_map(|method| method_on(expr, method))
        .filter(|(of, _)| of == stream)?;
    if call.args.len() != 1 || context.text[range.end..].trim_start().starts_with(".await") {
        return None;
    }
    if call.method == "blocking_write_zeroes_and_flush" || call.method == "write_zeroes" {
        let count = match &call.args[0] {
            count @ Expr::Lit(_) => context.text(count).trim_end_matches("u64").to_owned(),
            count => format!("({}) as usize", context.text(count)),
        };
        return answered(
            context,
            format!("{stream}.write_all(vec![0; {count}]).await"),
            expr,
            file.range(file.unpeeled(expr)),
        );
    }
    let bytes = match &call.args[0] {
        Expr::Reference(inner) => &inner.expr,
        argument => argument,
    };
    let text = context.text(bytes);
    let simple = matches!(
        bytes,
        Expr::Path(_)
            | Expr::Lit(_)
            | Expr::MethodCall(_)
            | Expr::Index(_)
            | Expr::Field(_)
            | Expr::Call(_)
            | Expr::Paren(_)
            | Expr::Macro(_)
    );
    let bytes = if simple {
        format!("{text}.to_vec()")
    } else {
        format!("({text}).to_vec()")
    };
    answered(
        context,
        format!("{stream}.write_all({bytes}).await"),
        expr,
        file.range(file.unpeeled(expr)),
    )
}

/// The write with the code that uses its result, which is no longer a `Result`, but the values that could not be written.
fn answered(
    context: &RustContext,
    write: String,
    call: &Expr,
    peeled: Range<usize>,
) -> Option<Write> {
    let range = context.file.range(call);
    for (method, new) in [
        ("is_err", format!("!{write}.is_empty()")),
        ("is_ok", format!("{write}.is_empty()")),
    ] {
        if let Some(Expr::MethodCall(outer)) = context.file.index.around(call)
            && outer.method == method
            && std::ptr::eq(&*outer.receiver, call)
        {
            return Some(Write::told(new, context.file.range(outer)));
        }
    }
    let (statement, _) = context.file.statement(&range)?;
    let before = context.text[statement.start..peeled.start].trim();
    let after = context.text[peeled.end..].trim_start();
    let idle = (before.is_empty() || before == "let _ =")
        && (after.starts_with(';')
            || after.starts_with('}') && statement.end == peeled.end && peeled != range);
    let layers = peel(context.file.unpeeled(call)).layers;
    let on_error = layers.iter().map(|layer| match layer {
        Expr::Try(_) => OnError::Returns,
        _ => OnError::Panics,
    });
    let behind = context.text[range.end..peeled.end].lines();
    idle.then(|| Write {
        taken_off: behind.map(str::trim).collect(),
        text: write,
        place: peeled,
        on_error: on_error.max().unwrap_or(OnError::Continues),
    })
}

/// A statement that is not needed any more: nothing has to be flushed, and writing waits for room.
pub fn is_flush(context: &RustContext, mention: &Range<usize>) -> bool {
    let rest = &context.text[mention.end..];
    let statement = context
        .file
        .statement(mention)
        .is_some_and(|(statement, _)| statement.start == mention.start);
    statement
        && [".blocking_flush()", ".flush()", ".check_write()"]
            .iter()
            .any(|call| rest.starts_with(call))
}
