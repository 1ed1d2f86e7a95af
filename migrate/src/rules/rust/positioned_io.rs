//! Finds reads and writes of files at an offset: `descriptor.read` and `descriptor.write`.
//!
//! ## Why
//! In 0.3 a file is read and written only through streams: `read_via_stream(offset)`, `write_via_stream(data, offset)`. The stream says that the file ended, and
//! the future beside it says whether reading or writing failed.
//!
//! ## Before
//! ```rust,ignore
//! use wasi::filesystem::types::{Descriptor, ErrorCode};
//!
//! async fn first(file: &Descriptor) -> Result<Vec<u8>, ErrorCode> {
//!     let (bytes, _) = file.read(1024, 0)?;
//!     Ok(bytes)
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::filesystem::types::{Descriptor, ErrorCode};
//!
//! async fn first(file: &Descriptor) -> Result<Vec<u8>, ErrorCode> {
//!     let (bytes, _) = {
//!         let (mut stream, end) = file.read_via_stream(0);
//!         let bytes = stream.read(Vec::with_capacity(1024)).await.1;
//!         let is_end = bytes.is_empty();
//!         if is_end {
//!             end.await?;
//!         }
//!         (bytes, is_end)
//!     };
//!     Ok(bytes)
//! }
//! ```
//!
//! ## Fix
//! Unsafe: an empty read says that the file ended, and no longer the read of its last bytes. Each call opens a stream, so code that reads a whole file should
//! read one stream to its end. It is reported if the result is used in another way than by `?`, `unwrap` or `expect`, and in closures.

use super::{RustContext, free_name, indent};
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use syn::{Expr, ExprMethodCall};

const DESCRIPTOR: &str = "wasi:filesystem/types.descriptor";

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    context.file.each_expr(&mut |expr| {
        let Expr::MethodCall(call) = expr else { return };
        let reads = call.method == "read";
        if !(reads || call.method == "write")
            || call.args.len() != 2
            || context.file.types.wasi(&call.receiver) != Some(DESCRIPTOR)
        {
            return;
        }
        let message = format!("`descriptor.{}` is gone in 0.3: files are streams", call.method);
        let finding = Finding::new(context.at(call.method.span()), message);
        let whole = context.file.unpeeled(expr);
        if std::ptr::eq(whole, expr) || context.file.is_in_closure(expr) {
            let help = match reads {
                true => "`let (mut stream, end) = file.read_via_stream(offset)`, then `stream.read(…).await`; `end.await` says if it failed",
                false => "`let end = file.write_via_stream(data, offset)`, then `write_all(…).await` to the other end of `data`; `end.await` says if it failed",
            };
            found.push(finding.help(help));
            return;
        }
        let (inner, outer) = (context.file.range(expr), context.file.range(whole));
        let text = &context.text[outer.clone()];
        if text.contains("//") || text.contains("/*") {
            found.push(finding.help("there is a comment in the call: take that out first"));
            return;
        }
        let taken = &context.text[inner.end..outer.end];
        let line = indent(context.text, outer.start);
        // The names of what is made must not be those of what is passed.
        let name = |name: &str| free_name(context, &outer, name);
        let lines = match reads {
            true => read(context, call, taken, &name),
            false => write(context, call, taken, &name),
        };
        let text: String = lines
            .iter()
            .map(|text| format!("{line}    {text}\n"))
            .collect();
        let new = format!("{{\n{text}{line}}}");
        found.push(finding.fix(Fix::risky(vec![Edit::replace(outer.clone(), new)])));
    });
}

fn read(
    context: &RustContext,
    call: &ExprMethodCall,
    taken: &str,
    name: &dyn Fn(&str) -> String,
) -> Vec<String> {
    let file = context.text(&*call.receiver);
    let offset = context.text(&call.args[1]);
    let length = match &call.args[0] {
        Expr::Lit(length) => context
            .text(length)
            .trim_end_matches("u64")
            .trim_end_matches('_')
            .to_owned(),
        length => format!("({}) as usize", context.text(length)),
    };
    let [stream, end, bytes, is_end] = ["stream", "end", "bytes", "is_end"].map(name);
    vec![
        format!("let (mut {stream}, {end}) = {file}.read_via_stream({offset});"),
        format!("let {bytes} = {stream}.read(Vec::with_capacity({length})).await.1;"),
        format!("let {is_end} = {bytes}.is_empty();"),
        format!("if {is_end} {{"),
        format!("    {end}.await{taken};"),
        "}".to_owned(),
        format!("({bytes}, {is_end})"),
    ]
}

fn write(
    context: &RustContext,
    call: &ExprMethodCall,
    taken: &str,
    name: &dyn Fn(&str) -> String,
) -> Vec<String> {
    let file = context.text(&*call.receiver);
    let given = match &call.args[0] {
        Expr::Reference(inner) => context.text(&*inner.expr),
        given => context.text(given),
    };
    let offset = context.text(&call.args[1]);
    let support = context.support();
    let [bytes, length, stream, data, end, left] =
        ["bytes", "length", "stream", "data", "end", "left"].map(name);
    vec![
        format!("let {bytes} = ({given}).to_vec();"),
        format!("let {length} = {bytes}.len();"),
        format!("let (mut {stream}, {data}) = {support}::wit_stream::new();"),
        format!("let {end} = {file}.write_via_stream({data}, {offset});"),
        format!("let {left} = {stream}.write_all({bytes}).await;"),
        format!("drop({stream});"),
        format!("{end}.await{taken};"),
        format!("({length} - {left}.len()) as u64"),
    ]
}
