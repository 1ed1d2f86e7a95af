//! The command `rule`: explains a rule.

use anyhow::{Result, bail};
use isyswasfa_migrate::rules::{RULES, rule};
use serde_json::json;
use std::process::ExitCode;

/// Explains a rule, or lists them all
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  isyswasfa-migrate rule
  isyswasfa-migrate rule start-finish-pair")]
pub struct Arguments {
    name: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: Arguments) -> Result<ExitCode> {
    let rules: Vec<_> = match &arguments.name {
        None => RULES.iter().collect(),
        Some(name) => match rule(name) {
            Some(rule) => vec![rule],
            None => bail!("there is no rule `{name}`\nhelp: `isyswasfa-migrate rule` lists them"),
        },
    };
    if arguments.json {
        let rules: Vec<_> = rules
            .iter()
            .map(|rule| json!({ "name": rule.name, "about": rule.group(), "summary": rule.summary(), "documentation": rule.documentation() }))
            .collect();
        say!("{}", serde_json::to_string_pretty(&rules)?);
    } else if arguments.name.is_some() {
        say!("# {}\n\n{}", rules[0].name, rules[0].documentation());
    } else {
        for rule in rules {
            say!("{:<22} {:<9} {}", rule.name, rule.group(), rule.summary());
        }
    }
    Ok(ExitCode::SUCCESS)
}
