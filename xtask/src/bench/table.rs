//! Rows as Markdown tables, and back.

use super::row::Row;
use anyhow::{Context, Result, bail};
use std::path::Path;

/// The rows with two columns, then those with three.
pub fn of(rows: &[Row]) -> String {
    let (three, two): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.built.is_some());
    let mut text = String::new();
    if !two.is_empty() {
        text += "| row | unit | ours | native | ratio | spread | wanted | reached |\n";
        text += "| --- | --- | ---: | ---: | ---: | ---: | --- | --- |\n";
        for row in two {
            text += &format!(
                "| `{}` | {} | {} | {} | {} | {} | {} | {} |\n",
                row.row,
                row.unit,
                row.ours,
                cell(row.native),
                cell(row.ratio),
                spread(row),
                row.wanted,
                reached(row)
            );
        }
    }
    if !three.is_empty() {
        if !text.is_empty() {
            text += "\n";
        }
        text += "| row | unit | ours | built | native | ratio | spread | ours / native | wanted | reached |\n";
        text += "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |\n";
        for row in three {
            text += &format!(
                "| `{}` | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
                row.row,
                row.unit,
                row.ours,
                cell(row.built),
                cell(row.native),
                cell(row.ratio),
                spread(row),
                cell(row.by_native()),
                row.wanted,
                reached(row)
            );
        }
    }
    text
}

fn cell(figure: Option<f64>) -> String {
    figure.map_or("-".into(), |figure| figure.to_string())
}

fn spread(row: &Row) -> String {
    row.spread
        .map_or("-".into(), |spread| format!("± {spread} %"))
}

fn reached(row: &Row) -> &'static str {
    match row.reached {
        Some(true) => "yes",
        Some(false) => "**no**",
        None => "-",
    }
}

/// The rows of an earlier result: lines of JSON, or a Markdown file with such tables, of this or an earlier form.
pub fn read(path: &Path) -> Result<Vec<Row>> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("failed to read `{}`", path.display()))?;
    let rows = if text.trim_start().starts_with('{') {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let rows = lines.map(serde_json::from_str).collect::<Result<_, _>>();
        rows.with_context(|| format!("failed to understand `{}`", path.display()))?
    } else {
        of_markdown(&text)
    };
    if rows.is_empty() {
        bail!(
            "`{}` has no row of a benchmark\nhelp: `cargo xtask bench --json > FILE` writes one, and `benches/RESULTS.md` is one",
            path.display()
        );
    }
    Ok(rows)
}

fn of_markdown(text: &str) -> Vec<Row> {
    let (mut rows, mut columns) = (vec![], vec![]);
    for line in text.lines() {
        let Some(cells) = line.strip_prefix('|') else {
            columns.clear();
            continue;
        };
        let cells: Vec<_> = cells.split('|').map(str::trim).collect();
        if cells.first() == Some(&"row") {
            columns = cells;
            continue;
        }
        let cell = |name: &str| {
            let at = columns.iter().position(|column| *column == name)?;
            cells.get(at).copied()
        };
        let number = |name: &str| {
            let text = cell(name)?.trim_start_matches("± ").trim_end_matches(" %");
            text.parse::<f64>().ok()
        };
        if let (Some(row), Some(ours)) = (cell("row"), number("ours")) {
            rows.push(Row {
                row: row.trim_matches('`').into(),
                unit: unit(cell("unit").unwrap_or_default()),
                ours,
                built: number("built"),
                native: number("native"),
                ratio: number("ratio"),
                spread: number("spread"),
                wanted: cell("wanted").unwrap_or_default().into(),
                reached: match cell("reached") {
                    Some("yes") => Some(true),
                    Some("**no**") => Some(false),
                    _ => None,
                },
            });
        }
    }
    rows
}

/// Earlier results called requests a second so.
fn unit(name: &str) -> String {
    match name {
        "requests/s" => "1/s".into(),
        name => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::row::{Spec, Unit, Wanted};
    use crate::bench::sides::Sides;

    #[test]
    fn a_table_is_read_back() {
        let spec = |name| Spec {
            name,
            unit: Unit::ASecond,
            wanted: Wanted::AtLeast(1.5),
            about: "",
        };
        let two = Sides::pair(vec![140.0, 150.0], vec![100.0, 100.0]);
        let three = Sides {
            ours: vec![140.0],
            built: Some(vec![200.0]),
            native: Some(vec![100.0]),
        };
        let rows = [
            Row::new(&spec("http-hello"), &two),
            Row::new(&spec("translated-hello"), &three),
        ];
        let text = of(&rows);
        assert_eq!(text, TEXT);
        let read = of_markdown(&text);
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].ratio, Some(1.45));
        assert_eq!(read[0].spread, rows[0].spread);
        assert_eq!(read[0].reached, Some(false));
        assert_eq!(read[1].built, Some(200.0));
        assert_eq!(read[1].native, Some(100.0));
    }

    const TEXT: &str = "| row | unit | ours | native | ratio | spread | wanted | reached |\n\
             | --- | --- | ---: | ---: | ---: | ---: | --- | --- |\n\
             | `http-hello` | 1/s | 145 | 100 | 1.45 | ± 2.8 % | ≥ 1.5 | **no** |\n\
             \n\
             | row | unit | ours | built | native | ratio | spread | ours / native | wanted | reached |\n\
             | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |\n\
             | `translated-hello` | 1/s | 140 | 200 | 100 | 0.7 | - | 1.4 | ≥ 1.5 | **no** |\n";

    #[test]
    fn tables_of_earlier_forms_are_read() {
        let rows = of_markdown(
            "# Results\n\n| row | unit | ours | native | ratio | wanted |\n| --- | --- | ---: | ---: | ---: | --- |\n\
             | `http-hello` | requests/s | 42060 | 29950 | 1.404 | ≥ 1.25 |\n",
        );
        assert_eq!(rows[0].row, "http-hello");
        assert_eq!(rows[0].unit, "1/s");
        assert_eq!(rows[0].ratio, Some(1.404));
        assert_eq!(rows[0].spread, None);
    }
}
