//! Puts the writing of a body into a task, with what it needs of the variables around it.

use super::super::{RustContext, contains, indent, inside};
use super::writing::Writing;
use crate::edit::Edit;
use crate::rust::flow::{called, peel, variable};
use std::ops::Range;
use syn::Expr;

impl Writing {
    /// The edits that make a task of it.
    pub fn task(self, context: &RustContext) -> Result<Vec<Edit>, String> {
        let text = &context.text[self.range.clone()];
        if contains_jump(context, &self.range) {
            return Err(
                "the writing leaves the function (`return`, `?`): put it into a task by hand"
                    .to_owned(),
            );
        }
        let indent = indent(context.text, self.range.start);
        let mut owned = String::new();
        for name in borrowed(context, &self.range)? {
            if is_set(context, &self.range, &name) {
                return Err(format!(
                    "`{name}` is only lent here, and moves on while it is written: write all of it at once, in a task that owns it"
                ));
            }
            owned += &format!("let {name} = {name}.to_owned();\n{indent}");
        }
        let mut edits = self.edits;
        edits.push(Edit::insert(
            self.range.start,
            format!("{owned}{}(async move {{\n{indent}    ", context.spawn()),
        ));
        // One step further in, but for the lines of strings.
        let mut at = self.range.start;
        for line in text.split_inclusive('\n') {
            let next = at + line.len();
            // Not within what is deleted or written anew.
            let deleted = edits.iter().any(|edit| {
                let first =
                    edit.range.start < next || edit.text.is_empty() && edit.range.start == next;
                first && next < edit.range.end
            });
            if next < self.range.end
                && !deleted
                && !context.text[next..].starts_with('\n')
                && !in_string(context, next)
            {
                edits.push(Edit::insert(next, "    "));
            }
            at = next;
        }
        let end = self.range.end;
        // After the last statement, or in its place if it is removed.
        let deletes_last = edits.iter().position(|edit| {
            edit.text.is_empty() && edit.range.start < end && end <= edit.range.end
        });
        match deletes_last {
            Some(index) => {
                let range = edits[index].range.clone();
                let whole = context.text[range.clone()].ends_with('\n');
                edits[index] = Edit::replace(
                    range.clone(),
                    if whole {
                        format!("{indent}}});\n")
                    } else {
                        "}); ".to_owned()
                    },
                );
                if !whole {
                    edits.retain(|edit| {
                        !(edit.text == "    "
                            && edit.range.is_empty()
                            && context.text[edit.range.start..range.start]
                                .trim()
                                .is_empty())
                    });
                }
            }
            None => edits.push(Edit::insert(end, format!("\n{indent}}});"))),
        }
        Ok(edits)
    }
}

/// A variable from outside that the bytes mention and that is mentioned again after them. It may have been moved into the task by then.
pub fn needed_later(
    context: &RustContext,
    range: &Range<usize>,
    function: &Range<usize>,
) -> Option<String> {
    let file = context.file;
    let mut names: Vec<(String, bool)> = Vec::new();
    for (name, ty) in file.parameters_around(range) {
        let ty = quote::quote!(#ty).to_string();
        let copied = [
            "u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize", "f32", "f64",
            "bool", "char",
        ]
        .contains(&ty.as_str());
        names.push((name, copied));
    }
    file.each_let(&mut |statement, name, value| {
        if inside(&statement, function) && statement.end <= range.start {
            names.push((name.to_owned(), matches!(value, Expr::Lit(_))));
        }
    });
    let later = range.end..function.end;
    let used = |name: &str| {
        !file.variable(name, range).is_empty()
            && file.variable(name, &later).iter().any(|mention| {
                let statement = file
                    .statement(mention)
                    .map(|(statement, _)| context.text[statement].to_owned())
                    .unwrap_or_default();
                !statement.contains("OutgoingBody::finish")
                    && !statement.contains("IncomingBody::finish")
            })
    };
    names
        .into_iter()
        .find(|(name, copied)| !copied && used(name))
        .map(|(name, _)| name)
}

/// The variables in these bytes that only borrow bytes or text. A task needs owned ones.
fn borrowed(context: &RustContext, range: &Range<usize>) -> Result<Vec<String>, String> {
    let file = context.file;
    let mentioned = |name: &str| !file.variable(name, range).is_empty();
    let mut names = Vec::new();
    for (name, ty) in file
        .parameters_around(range)
        .into_iter()
        .filter(|(name, _)| mentioned(name))
    {
        let text: String = quote::quote!(#ty)
            .to_string()
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect();
        match text.as_str() {
            "&[u8]" | "&str" | "&String" | "&Vec<u8>" => names.push(name),
            text if text.contains('&') || text.contains("impl") || text.len() == 1 => {
                return Err(format!(
                    "the writing needs `{name}`, which is only lent here, and a task may outlive it: write in a task that owns what it writes"
                ));
            }
            _ => {}
        }
    }
    let function = file.function_around(range).unwrap_or_else(|| range.clone());
    file.each_let(&mut |statement, name, value| {
        let lends = match value {
            Expr::Reference(_) => true,
            Expr::MethodCall(call) => ["as_bytes", "as_str", "as_slice", "trim"]
                .iter()
                .any(|method| call.method == method),
            _ => false,
        };
        if lends
            && inside(&statement, &function)
            && statement.end <= range.start
            && mentioned(name)
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    });
    Ok(names)
}

/// Whether the variable is set again within these bytes.
fn is_set(context: &RustContext, range: &Range<usize>, name: &str) -> bool {
    contains(
        context.file,
        range.clone(),
        &|expr| matches!(expr, Expr::Assign(found) if variable(&found.left).as_deref() == Some(name)),
    )
}

/// Whether there is a `return`, or a `?` outside of the rewritten code.
fn contains_jump(context: &RustContext, range: &Range<usize>) -> bool {
    contains(context.file, range.clone(), &|expr| match expr {
        Expr::Return(_) => true,
        Expr::Try(inner) => {
            let peeled = peel(expr);
            let _ = inner;
            !matches!(peeled.core, Expr::MethodCall(call) if ["blocking_write_and_flush", "write_all", "write", "blocking_flush", "flush", "check_write", "write_zeroes", "blocking_write_zeroes_and_flush"].iter().any(|name| call.method == name))
                && called(peeled.core)
                    .is_none_or(|(path, _)| path.last().is_none_or(|last| last != "finish"))
        }
        _ => false,
    })
}

/// Whether this byte is within a string literal of several lines.
fn in_string(context: &RustContext, at: usize) -> bool {
    let mut found = false;
    context.file.each_expr(&mut |expr| {
        if let Expr::Lit(_) = expr {
            let range = context.file.range(expr);
            found |= range.start < at && at < range.end;
        }
    });
    found
}
