//! Values through async functions: what goes in comes out.

use super::engines::both_return;
use super::guest::Guest;

/// An async function that returns its argument, of the type `ty`, which has these core types: flat, or an address if they are more
/// than 16.
fn echo(ty: &str, flat: &[&str]) -> String {
    let passed = match flat.len() {
        0..=16 => flat.to_vec(),
        _ => vec!["i32"],
    };
    let gets: String = (0..passed.len())
        .map(|i| format!("(local.get {i}) "))
        .collect();
    let params = passed.join(" ");
    Guest::default()
        .built_in(
            "return",
            &format!("task.return (result {ty}) (memory $memory)"),
            &format!("(param {params})"),
        )
        .code(&format!(
            r#"
    (func (export "run") (param {params}) (result i32)
      (call $return {gets})
      (i32.const 0))
    (func (export "run-callback") (param i32 i32 i32) (result i32) unreachable)"#
        ))
        .export(
            "run",
            &format!("async (param \"value\" {ty}) (result {ty})"),
        )
        .text()
}

async fn same(ty: &str, flat: &[&str], values: &[&str]) {
    let component = echo(ty, flat);
    for value in values {
        both_return(&component, &format!("run({value})"), value).await;
    }
}

#[tokio::test]
async fn numbers() {
    same("u8", &["i32"], &["0", "255"]).await;
    same("s16", &["i32"], &["-32768", "32767"]).await;
    same("u64", &["i64"], &["0", "18446744073709551615"]).await;
    same("float32", &["f32"], &["1.5", "-inf"]).await;
    same("float64", &["f64"], &["-0.25", "nan"]).await;
    same("char", &["i32"], &["'a'", "'\u{10348}'"]).await;
    same("bool", &["i32"], &["true", "false"]).await;
}

#[tokio::test]
async fn what_is_flat_in_several() {
    same(
        "(tuple u8 s64 float32 string)",
        &["i32", "i64", "f32", "i32", "i32"],
        &[r#"(7, -9, 0.5, "three")"#],
    )
    .await;
    same(
        "(option (result string (error u64)))",
        &["i32", "i32", "i64", "i32"],
        &["none", r#"some(ok("yes"))"#, "some(err(9))"],
    )
    .await;
    same(
        "(result (tuple float32 float64) (error u8))",
        &["i32", "i32", "f64"],
        &["ok((1.5, 2.5))", "err(3)"],
    )
    .await;
}

#[tokio::test]
async fn lists_of_lists() {
    let flat = ["i32", "i32"];
    same(
        "(list (list string))",
        &flat,
        &["[]", "[[]]", r#"[["a", "bc"], [], ["", "é中"]]"#],
    )
    .await;
    same(
        "(list (tuple u8 (option (list u64))))",
        &flat,
        &["[(1, none), (2, some([1, 2, 18446744073709551615])), (3, some([]))]"],
    )
    .await;
}

#[tokio::test]
async fn parameters_and_results_in_memory() {
    let numbers: Vec<String> = (1..=17).map(|n| n.to_string()).collect();
    let value = format!("({})", numbers.join(", "));
    same(
        &format!("(tuple {})", "u32 ".repeat(17)),
        &["i32"; 17],
        &[&value],
    )
    .await;
    let nine = r#"("one", "two", "three", "", "five", "six", "seven", "eight", [1, 2, 3])"#;
    same(
        &format!("(tuple {} (list u16))", "string ".repeat(8)),
        &["i32"; 18],
        &[nine],
    )
    .await;
}

#[tokio::test]
async fn strings() {
    let texts = ["", "plain", "caf\u{e9}", "\u{4e2d}\u{6587}", "a\u{1f980}b"];
    let values = texts.map(|text| format!("\"{text}\""));
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    same("string", &["i32", "i32"], &values).await;
}
