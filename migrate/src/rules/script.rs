//! Rules about Python and JavaScript guests. They find, and rewrite nothing.

pub mod javascript_binding;
pub mod javascript_export;
pub mod python_binding;
pub mod python_export;

use super::ScriptContext;
use super::rust::unawaited_call::became_async;
use crate::finding::Finding;
use crate::moves::{Change, TO, moves};
use crate::script::{Mention, What};

/// What `look` finds in each mention, as a finding of its statement.
fn each(
    context: &ScriptContext,
    look: fn(&ScriptContext, &Mention) -> Option<Finding>,
    found: &mut Vec<Finding>,
) {
    for mention in &context.mentions {
        found.extend(look(context, mention).map(|finding| Finding {
            statement: mention.statement.clone(),
            ..finding
        }));
    }
}

/// The finding about an interface, a name or a call that is not the same in 0.3.
fn binding(context: &ScriptContext, mention: &Mention) -> Option<Finding> {
    let at = mention.place.clone();
    match &mention.what {
        What::Interface { name, version } => {
            let entry = moves().get(name)?;
            let written = match version {
                Some(version) => format!("{name}@{version}"),
                None => name.clone(),
            };
            if entry.change == Change::Gone {
                let finding = Finding::new(at, format!("`{written}` is gone in 0.3"));
                return Some(helped(finding, &entry.note));
            }
            let to = entry.to.as_deref().unwrap_or(name);
            let new = match context.language.is_python() {
                true if to == name => return None,
                true => format!("`{}` (`{to}`)", context.language.spelled(to)),
                false => format!("`{to}@{TO}`"),
            };
            let finding = Finding::new(at, format!("`{written}` is {new} in 0.3"));
            Some(helped(finding, &entry.note))
        }
        What::Item(full) => named(context, at, full, false),
        What::Call { full, awaited } => named(context, at, full, *awaited),
        What::PollLoop => {
            let finding = Finding::new(
                at,
                "`poll_loop` waits by `wasi:io/poll`, which is gone in 0.3",
            );
            Some(finding.help("the functions of 0.3's bindings are async: await them, and run tasks with `asyncio`"))
        }
        What::Export { .. } => None,
    }
}

fn named(
    context: &ScriptContext,
    at: std::ops::Range<usize>,
    full: &str,
    awaited: bool,
) -> Option<Finding> {
    let entry = moves().get(full)?;
    let to = entry.to.as_deref().filter(|to| *to != full);
    let message = match (entry.change, to) {
        (Change::Kept, _) => return None,
        (Change::Gone, _) => format!("`{full}` is gone in 0.3"),
        (_, Some(to)) => format!(
            "`{full}` is `{}` (`{to}`) in 0.3",
            context.language.spelled(to)
        ),
        (_, None) if became_async(full) && awaited => return None,
        (_, None) if became_async(full) => format!("`{full}` is async in 0.3: await it"),
        (_, None) => format!("`{full}` works differently in 0.3"),
    };
    Some(helped(Finding::new(at, message), &entry.note))
}

fn helped(finding: Finding, note: &str) -> Finding {
    match note {
        "" => finding,
        note => finding.help(note),
    }
}

/// The finding about something that a component exports.
fn export(context: &ScriptContext, mention: &Mention) -> Option<Finding> {
    let What::Export {
        interface,
        is_async,
    } = &mention.what
    else {
        return None;
    };
    let (python, at) = (context.language.is_python(), mention.place.clone());
    match interface.as_str() {
        "wasi:http/incoming-handler" => {
            let finding = Finding::new(
                at,
                "`wasi:http/incoming-handler` is `wasi:http/handler` in 0.3, which returns the response",
            );
            Some(finding.help(match python {
                true => "`class Handler(exports.Handler)` with `async def handle(self, request) -> Response`",
                false => "`export const handler = { async handle(request) { … return response } }`",
            }))
        }
        "wasi:cli/run" if !is_async => {
            let finding = Finding::new(at, "`wasi:cli/run.run` is async in 0.3");
            Some(finding.help(match python {
                true => "`async def run(self)`",
                false => "`async run() { … }`",
            }))
        }
        _ => None,
    }
}
