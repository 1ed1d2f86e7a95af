//! The `main` that awaits: its body becomes the guest's `run`, and what is left of it does nothing.

use super::changes::Changes;
use super::emit::line_end;
use super::tree::{Function, Owner, Program};
use crate::finding::Finding;
use syn::ReturnType;

/// Whether a function is the `main` of a program.
pub fn is_main(program: &Program, found: &Function) -> bool {
    found.name == "main"
        && matches!(found.owner, Owner::Free)
        && program.modules[found.module].root == found.module
        && !program.libraries.values().any(|root| *root == found.module)
}

/// What `main` returns.
enum Answer {
    Nothing,
    Result,
    ExitCode,
}

pub fn change(changes: &mut Changes, program: &Program, found: &Function) -> Option<Finding> {
    let parsed = program.files[found.file].as_ref()?;
    let module = &program.modules[found.module];
    let free = |name: &&str| !module.names.contains_key(*name);
    let command = ["Command", "Program", "MainCommand"]
        .into_iter()
        .find(free)
        .unwrap_or("FacadeCommand");
    let start = ["start", "run", "run_main"]
        .into_iter()
        .find(free)
        .unwrap_or("facade_main");
    let signature = found.signature;
    changes.replace(parsed.range(&signature.ident), start);
    changes.insert(parsed.range(&signature.fn_token).start, "async ");
    let answer = answer(&signature.output);
    let calls = match answer {
        Answer::Nothing => format!("        {start}().await;\n        Ok(())\n"),
        Answer::Result => format!(
            "        {start}().await.map_err(|error| eprintln!(\"Error: {{error:?}}\"))?;\n        Ok(())\n"
        ),
        Answer::ExitCode => format!(
            "        match {start}().await == std::process::ExitCode::SUCCESS {{\n            true => Ok(()),\n            false => Err(()),\n        }}\n"
        ),
    };
    let text = format!(
        "\n\nstruct {command};\n\ncompat_api::p2::cli::command::export!({command});\n\nimpl compat_api::p2::exports::cli::run::Guest for {command} {{\n    async fn run() -> Result<(), ()> {{\n{calls}    }}\n}}\n\n/// The host calls `run`.\nfn main() {{}}"
    );
    let body = parsed.range(found.body?);
    changes.insert(body.end, &text.replace('\n', line_end(&parsed.text)));
    let place = parsed.range(&signature.ident);
    let finding = |message: &str, help: &str| Finding {
        rule: "exit-code",
        ..Finding::new(place.clone(), message).help(help)
    };
    match answer {
        Answer::ExitCode => Some(finding(
            "the number of an exit code is lost: `run` says whether it went well",
            "call `exit_with_code` where the number matters",
        )),
        _ => None,
    }
}

fn answer(output: &ReturnType) -> Answer {
    let ReturnType::Type(_, ty) = output else {
        return Answer::Nothing;
    };
    match &**ty {
        syn::Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident == "ExitCode" => Answer::ExitCode,
            _ => Answer::Result,
        },
        _ => Answer::Nothing,
    }
}
