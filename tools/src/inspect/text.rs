//! The report for people.

use super::{Host, Item, Nested, Report};
use std::fmt;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = bytes(self.size);
        writeln!(f, "{}: {}, {size}", self.component, self.abi)?;
        items(f, "Imports", &self.imports)?;
        items(f, "Exports", &self.exports)?;

        writeln!(f, "\nNeeds")?;
        let wasi = self.wasi.iter().filter(|it| it.imported).map(|it| {
            let split = if it.split { " (split)" } else { "" };
            format!("{} {}{split}", it.package, it.version)
        });
        line(f, "WASI", wasi.collect(), "none")?;
        let features = self.wasm_features.iter();
        let features = features.map(|it| it.to_lowercase().replace('_', "-"));
        line(
            f,
            "WebAssembly",
            features.collect(),
            "nothing beyond components",
        )?;

        writeln!(f, "\nRuns on")?;
        for (name, host) in [
            ("WASI 0.2 hosts", &self.hosts.wasi_0_2),
            ("... after `lower`", &self.hosts.wasi_0_2_lowered),
            ("polyfill-host", &self.hosts.polyfill_host),
            ("WASI 0.3 hosts", &self.hosts.wasi_0_3),
        ] {
            writeln!(f, "  {name:<18} {}", answer(host))?;
        }

        if let Some(translation) = &self.translation {
            writeln!(f, "\nCan be translated to the split ABI")?;
            match &translation.why {
                None => writeln!(f, "  yes")?,
                Some(why) => writeln!(f, "  no: {why}")?,
            }
        }

        writeln!(f, "\nMade of")?;
        nested(f, &self.nested, 1)?;
        for section in &self.sections {
            // These are listed above, one by one.
            if !["component", "core module"].contains(&section.kind.as_str()) {
                let kind = format!("section `{}`", section.kind);
                writeln!(f, "  {kind:<40} {:>14}", bytes(section.size))?;
            }
        }

        writeln!(f, "\nMade by")?;
        let producers = self
            .producers
            .iter()
            .map(|(field, program)| match field.as_str() {
                "language" => format!("language {program}"),
                _ => program.clone(),
            });
        let mut producers: Vec<_> = producers.collect();
        producers.dedup();
        if producers.is_empty() {
            writeln!(f, "  it does not say")
        } else {
            writeln!(f, "  {}", producers.join(", "))
        }
    }
}

fn items(f: &mut fmt::Formatter<'_>, title: &str, items: &[Item]) -> fmt::Result {
    writeln!(f, "\n{title}")?;
    if items.is_empty() {
        writeln!(f, "  nothing")?;
    }
    for item in items {
        match &item.stands_for {
            Some(original) => match &item.bridged_to {
                Some(name) => writeln!(f, "  {original} (bridged to {name})")?,
                None if item.only_types => writeln!(f, "  {original} (split; only types)")?,
                None => writeln!(f, "  {original} (split)")?,
            },
            None if is_function(item) => {}
            None if item.only_types => writeln!(f, "  {} (only types)", item.name)?,
            None => writeln!(f, "  {}", item.name)?,
        }
        let indent = if is_function(item) { "  " } else { "    " };
        for function in &item.functions {
            writeln!(f, "{indent}{}: {}", function.name, function.signature)?;
        }
    }
    Ok(())
}

/// Whether it is a function of the world itself.
fn is_function(item: &Item) -> bool {
    matches!(item.functions.as_slice(), [only] if only.name == item.name)
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, values: Vec<String>, none: &str) -> fmt::Result {
    let values = if values.is_empty() {
        none.to_owned()
    } else {
        values.join(", ")
    };
    writeln!(f, "  {name:<12} {values}")
}

fn answer(host: &Host) -> String {
    let word = if host.runs { "yes" } else { "no" };
    match &host.but {
        Some(but) => format!("{word}: {but}"),
        None => word.to_owned(),
    }
}

fn nested(f: &mut fmt::Formatter<'_>, parts: &[Nested], depth: usize) -> fmt::Result {
    for part in parts {
        let name = match &part.name {
            Some(name) => format!("{} `{name}`", part.kind),
            None => part.kind.to_owned(),
        };
        let indent = "  ".repeat(depth);
        let width = 40 + 2 - indent.len().min(40);
        writeln!(f, "{indent}{name:<width$} {:>14}", bytes(part.size))?;
        nested(f, &part.nested, depth + 1)?;
    }
    Ok(())
}

/// `1,234,567 bytes`
fn bytes(size: usize) -> String {
    let digits = size.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{text} bytes")
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn thousands_are_separated() {
        assert_eq!(bytes(7), "7 bytes");
        assert_eq!(bytes(1_234_567), "1,234,567 bytes");
        assert_eq!(bytes(123_456), "123,456 bytes");
    }
}
