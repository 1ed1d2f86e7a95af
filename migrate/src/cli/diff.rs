//! The command `diff`: the changes that could be made, as a patch.

use super::progress::Progress;
use super::{Selection, facade, pager, report_errors, report_unreadable};
use anyhow::Result;
use isyswasfa_migrate::edit::Safety;
use isyswasfa_migrate::migrate;
use isyswasfa_migrate::patch::patch;
use std::process::ExitCode;

/// Shows what `rewrite` would change, as a patch that `git apply` takes
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  isyswasfa-migrate diff --to facade
  isyswasfa-migrate diff --unsafe
  isyswasfa-migrate diff wit | git apply

On a terminal it is shown by `$ISYSWASFA_PAGER`, `$PAGER` or `less`; `cat` turns that off.")]
pub struct Arguments {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    to: facade::Goal,
    /// Also the changes that may change behaviour or signatures
    #[arg(long)]
    r#unsafe: bool,
}

pub fn level(risky: bool) -> Safety {
    if risky { Safety::Unsafe } else { Safety::Safe }
}

pub fn run(arguments: Arguments) -> Result<ExitCode> {
    if arguments.to.is_facade() {
        let found = facade::collect(&arguments.selection)?;
        return facade::diff(&found, &arguments.to.facade());
    }
    let mut options = arguments.selection.options()?;
    options.compat = arguments.to.facade();
    let found = arguments.selection.collect()?;
    report_unreadable(&found);
    let progress = Progress::new("rewriting", found.sources.len());
    options.looked_at = Some(progress.count.clone());
    let migrated = migrate(found.sources.clone(), &options, level(arguments.r#unsafe));
    drop(progress);
    let mut text = String::new();
    for (before, after) in found.sources.iter().zip(&migrated.files) {
        text += &patch(before, &after.text);
    }
    pager::show(&text)?;
    let could_not = report_errors(
        &migrated.files,
        migrated.reports.iter().map(|report| &report.error),
    ) || !found.unreadable.is_empty();
    Ok(ExitCode::from(if could_not {
        2
    } else {
        u8::from(!text.is_empty())
    }))
}
