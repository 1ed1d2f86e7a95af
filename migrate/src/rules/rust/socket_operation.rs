//! Finds sockets whose operations are a call to start and one to finish, with a pollable between.
//!
//! ## Why
//! In 0.3 `bind` and `listen` are one call each, and `connect` is awaited. `listen` returns a stream of sockets. `receive` and `send` give the streams of a
//! connection. There is no `network` any more: the host decides what a component may reach.
//!
//! ## Before
//! ```rust,ignore
//! use wasip2::sockets::instance_network::instance_network;
//! use wasip2::sockets::network::{ErrorCode, IpAddressFamily, IpSocketAddress};
//! use wasip2::sockets::tcp_create_socket::create_tcp_socket;
//!
//! async fn serve(address: IpSocketAddress) -> Result<(), ErrorCode> {
//!     let network = instance_network();
//!     let socket = create_tcp_socket(IpAddressFamily::Ipv4)?;
//!     let pollable = socket.subscribe();
//!     socket.start_bind(&network, address)?;
//!     pollable.block();
//!     socket.finish_bind()?;
//!     socket.start_listen()?;
//!     pollable.block();
//!     socket.finish_listen()?;
//!     loop {
//!         pollable.block();
//!         let (client, input, output) = socket.accept()?;
//!         while let Ok(bytes) = input.blocking_read(4096) {
//!             output.blocking_write_and_flush(&bytes).unwrap();
//!         }
//!         println!("{:?}", client.remote_address()?);
//!     }
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::sockets::types::{ErrorCode, IpAddressFamily, IpSocketAddress};
//!
//! async fn serve(address: IpSocketAddress) -> Result<(), ErrorCode> {
//!     let socket = wasip3::sockets::types::TcpSocket::create(IpAddressFamily::Ipv4)?;
//!     socket.bind(address)?;
//!     let mut accepted = socket.listen()?;
//!     loop {
//!         let client = accepted.next().await.ok_or(ErrorCode::InvalidState)?;
//!         let (mut input, _read) = client.receive();
//!         let (mut output, data) = wasip3::wit_stream::new();
//!         let output_written = client.send(data);
//!         while let (wasip3::wit_bindgen::StreamResult::Complete(_), bytes) = input.read(Vec::with_capacity(4096)).await {
//!             output.write_all(bytes.to_vec()).await;
//!         }
//!         drop(output);
//!         output_written.await.unwrap();
//!         println!("{:?}", client.get_remote_address()?);
//!     }
//! }
//! ```
//!
//! ## Fix
//! Unsafe: other tasks run while it waits, and futures say whether reading or writing failed. Everything that is done with a socket changes together. So the
//! fix is made only if both calls of each operation are in one function, and the streams are read and written in known ways. Otherwise it is reported.

mod accepting;
mod connection;
mod network;
mod pair;

use super::outgoing_request::waits_but;
use super::{RustContext, inside};
use crate::edit::{Edit, Fix, whole_lines};
use crate::finding::Finding;
use crate::rust::Call;
use crate::rust::flow::variable;
use pair::Pair;
pub use pair::{is_would_block, would_block_arms};
use std::ops::Range;
use syn::Expr;

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    created(context, found);
    network::check(context, found);
    let mut done: Vec<(String, Range<usize>)> = Vec::new();
    for call in &context.file.calls {
        let starts = ["start-bind", "start-connect", "start-listen"];
        if !is_socket(&call.ty) || !starts.contains(&method(call)) {
            continue;
        }
        let place = context.at(call.call.method.span());
        let finding = Finding::new(
            place,
            "an operation of a socket is one call in 0.3, without `network` and pollable",
        );
        let Some(name) = variable(&call.call.receiver) else {
            found.push(finding.help("`bind(address)?`, `connect(address).await?`, `listen()?`"));
            continue;
        };
        let socket = Socket::new(context, name, call);
        // All operations of a socket are rewritten together.
        if done.contains(&(socket.name.clone(), socket.scope.clone())) {
            continue;
        }
        found.push(match socket.edits() {
            Ok(edits) => finding.fix(Fix::risky(edits)),
            Err(reason) => finding.help(reason),
        });
        done.push((socket.name, socket.scope));
    }
}

/// `create_tcp_socket(family)`: `TcpSocket::create(family)`.
fn created(context: &RustContext, found: &mut Vec<Finding>) {
    context.file.each_expr(&mut |expr| {
        let Some((wasi, call)) = context.file.called(expr) else {
            return;
        };
        let ty = match wasi.full() {
            "wasi:sockets/tcp-create-socket.create-tcp-socket" => "TcpSocket",
            "wasi:sockets/udp-create-socket.create-udp-socket" => "UdpSocket",
            _ => return,
        };
        let place = context.file.range(&call.func);
        let finding = Finding::new(place.clone(), format!("in 0.3 `{ty}::create`"));
        let new = format!("{}::create", context.item("sockets", ty));
        found.push(finding.fix(Fix::risky(vec![Edit::replace(place, new)])));
    });
}

/// Of either version: other rules may have renamed the type already.
fn is_socket(ty: &str) -> bool {
    ty.starts_with("wasi:sockets/") && (ty.ends_with(".tcp-socket") || ty.ends_with(".udp-socket"))
}

/// In WIT's words.
fn method<'a>(call: &'a Call) -> &'a str {
    &call.full[call.ty.len() + 1..]
}

/// A socket in a variable, and what is done with it.
struct Socket<'a> {
    context: &'a RustContext<'a>,
    name: String,
    /// Its scope.
    scope: Range<usize>,
    calls: Vec<&'a Call<'a>>,
}

impl<'a> Socket<'a> {
    fn new(context: &'a RustContext, name: String, first: &Call) -> Self {
        let file = context.file;
        let scope = file.reach(&name, &file.range(first.expr));
        let calls = file.calls.iter().filter(|call| {
            is_socket(&call.ty)
                && variable(&call.call.receiver).as_ref() == Some(&name)
                && inside(&file.range(call.expr), &scope)
        });
        Self {
            context,
            calls: calls.collect(),
            name,
            scope,
        }
    }

    /// The one call of a method, or none.
    fn call(&self, name: &str) -> Result<Option<&'a Call<'a>>, String> {
        let mut calls = self.calls.iter().filter(|call| method(call) == name);
        match (calls.next(), calls.next()) {
            (_, Some(_)) => Err(format!(
                "`{}` is called several times: write each operation as one call",
                name.replace('-', "_")
            )),
            (call, None) => Ok(call.copied()),
        }
    }

    fn edits(&self) -> Result<Vec<Edit>, String> {
        let file = self.context.file;
        let matched = self
            .calls
            .iter()
            .filter_map(|call| match file.index.around(call.expr) {
                Some(Expr::Match(found)) if std::ptr::eq(&*found.expr, call.expr) => Some(found),
                _ => None,
            });
        let would_block = matched.flat_map(|found| would_block_arms(file, found));
        let gone: Vec<_> = would_block.collect();
        let waits = waits_but(self.context, &self.name, &self.scope, &gone)?;
        let mut edits = waits.edits;
        for operation in ["bind", "connect", "listen"] {
            let (start, finish) = (
                self.call(&format!("start-{operation}"))?,
                self.call(&format!("finish-{operation}"))?,
            );
            match (start, finish) {
                (None, None) => {}
                (Some(start), Some(finish)) => {
                    let pair = Pair {
                        context: self.context,
                        socket: &self.name,
                        start,
                        finish,
                        waits: &waits.statements,
                    };
                    edits.extend(match operation {
                        "bind" => pair.bound()?,
                        "connect" => connection::connected(&pair)?,
                        _ => accepting::listened(&pair, &self.scope, &self.calls)?,
                    });
                }
                _ => {
                    return Err(format!(
                        "`start_{operation}` and `finish_{operation}` are not in the same function: make it one call"
                    ));
                }
            }
        }
        // Waiting within a loop is removed with the loop.
        let deleted: Vec<_> = edits
            .iter()
            .filter(|edit| edit.text.is_empty())
            .cloned()
            .collect();
        edits.retain(|edit| {
            !deleted
                .iter()
                .any(|other| other != edit && inside(&edit.range, &other.range))
        });
        super::io_stream::sorted(edits)
    }
}

/// The statement in which a call stands alone, also with `?` or the like after it.
fn alone(context: &RustContext, call: &Call) -> Option<Range<usize>> {
    let file = context.file;
    let whole = file.range(file.unpeeled(call.expr));
    let (statement, _) = file.statement(&whole)?;
    let before = context.text[statement.start..whole.start].trim();
    let after = context.text[whole.end..statement.end].trim();
    ((before.is_empty() || before == "let _ =") && after == ";").then_some(statement)
}

fn deleted(context: &RustContext, statement: Range<usize>) -> Edit {
    Edit::delete(whole_lines(context.text, statement))
}
