//! Files that are nested more deeply than people write: each is looked at, or is told to be too deep, and costs the others
//! nothing.

use isyswasfa_migrate::edit::Safety;
use isyswasfa_migrate::{Finding, Options, Report, Source, check, migrate};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

const USE: &str = "use wasi::io::streams::InputStream;\n";

/// A file in which something is found, to be looked at beside each of the others.
fn beside() -> Source {
    Source::new(
        "beside.rs",
        "use wasi::clocks::wall_clock;\nfn f() { wall_clock::now(); }\n",
    )
    .unwrap()
}

/// What is found in that one when it is alone.
static ALONE: LazyLock<Vec<Finding>> = LazyLock::new(|| {
    let reports = check(&[beside()], &Options::default());
    assert!(!reports[0].findings.is_empty());
    reports[0].findings.clone()
});

/// The report of a file, which must not take longer than a minute, nor anything from the file beside it.
fn report(name: &str, text: String) -> Report {
    let begin = Instant::now();
    let head = text[..text.len().min(80)].to_owned();
    let sources = [Source::new(name, text).unwrap(), beside()];
    let [report, beside] = check(&sources, &Options::default()).try_into().unwrap();
    assert_eq!(beside.findings, *ALONE);
    let taken = begin.elapsed();
    if std::env::var_os("SHOW").is_some() {
        eprintln!("{taken:?} {:?}", head.lines().nth(1));
    }
    assert!(taken < Duration::from_secs(60), "{taken:?} for {head}");
    report
}

/// The same for rewriting, which parses what it has made.
#[test]
fn files_beside_one_that_is_too_deep_are_rewritten() {
    let deep = format!("{USE}fn f() {{ {} }}\n", "(".repeat(20_000));
    let long = format!(
        "{USE}use wasi::clocks::wall_clock;\nfn f() {{ 1{} }}\n",
        "+1".repeat(100_000)
    );
    let sources = [("deep.rs", deep.clone()), ("long.rs", long)];
    let mut sources: Vec<_> = sources
        .map(|(name, text)| Source::new(name, text).unwrap())
        .into();
    sources.push(beside());
    let migrated = migrate(sources, &Options::default(), Safety::Unsafe);
    assert!(migrated.reports[0].error.is_some());
    assert_eq!(migrated.files[0].text, deep);
    for at in [1, 2] {
        assert_eq!(migrated.reports[at].error, None);
        assert!(migrated.fixed[at] > 0);
    }
}

fn passes(name: &str, text: String) {
    let report = report(name, text);
    assert_eq!(report.error, None, "{name}");
}

fn is_too_deep(name: &str, text: String) {
    let head = text[..text.len().min(80)].to_owned();
    let error = report(name, text).error.unwrap_or_else(|| panic!("{head}"));
    assert!(
        error.message.contains("nested too deeply"),
        "{head}: {}",
        error.message
    );
}

/// What generators write.
#[test]
fn long_chains_are_looked_at() {
    const N: usize = 100_000;
    for (before, part, after) in [
        ("fn f() -> u32 { 1", "+1", " }"),
        ("fn f() -> bool { a", " && b", " }"),
        ("fn f() { x", ".a()", "; }"),
        ("fn f(s: InputStream) { s", ".a", "; }"),
        ("fn f() { x", "?", "; }"),
        ("fn f() { x", "[0]", "; }"),
        ("fn f() { x", "()", "; }"),
        ("fn f() { x", " as u8", "; }"),
        ("fn f() { x", ".await", "; }"),
        ("fn f() { x", " | a", "; }"),
        ("fn f() { match x { a", " | a", " => 1 } }"),
        ("fn f() { x", " == a || b", "; }"),
        ("static X: &[u8] = &[", "1, ", "];"),
        ("fn f() { ", "g(1); ", "}"),
        ("", "fn f() {}\n", ""),
        ("fn f() { println!(\"{}\", 1", "+1", "); }"),
    ] {
        let text = format!("{USE}{before}{}{after}", part.repeat(N));
        passes("long.rs", text);
    }
}

/// What is found in one is found at its end as well.
#[test]
fn something_is_found_in_a_long_chain() {
    let chain = "1+".repeat(100_000);
    let text = format!(
        "use wasi::io::poll::Pollable;\nfn f(a: Pollable) {{ a.block(); let b = {chain}1; a.block(); }}\n"
    );
    let found = report("long.rs", text).findings;
    let mut short = report(
        "short.rs",
        "use wasi::io::poll::Pollable;\nfn f(a: Pollable) { a.block(); let b = 1; a.block(); }\n"
            .to_owned(),
    )
    .findings;
    assert_eq!(found.len(), short.len());
    let last = short.pop().unwrap();
    let found = found.last().unwrap();
    assert_eq!(
        (found.rule, found.range.start),
        (last.rule, last.range.start + chain.len())
    );
}

#[test]
fn what_nests_is_looked_at_or_refused() {
    const N: usize = 2_000;
    // Not a question of brackets: these have none, or few.
    for (before, part, between, after, end) in [
        ("fn f() { ", "&", "x", "", "; }"),
        ("fn f() { ", "!", "x", "", "; }"),
        ("fn f() { ", "-", "x", "", "; }"),
        ("fn f() { ", "|| ", "1", "", "; }"),
        ("fn f() { ", "|a, b| ", "1", "", "; }"),
        ("fn f() { ", "if x {} else ", "{}", "", " }"),
        ("fn f() { ", "a = ", "1", "", "; }"),
        ("fn f() { ", "return ", "1", "", "; }"),
        ("fn f() { ", "match ", "x", " {}", " }"),
        ("fn f() { ", "if ", "x", " {}", " }"),
        ("fn f() { ", "for x in ", "x", " {}", " }"),
        ("fn f() { ", "break ", "1", "", "; }"),
        ("fn f() { ", "move || ", "1", "", "; }"),
        ("fn f() { ", "&raw const ", "x", "", "; }"),
        ("fn f() { ", "..", "x", "", "; }"),
        ("fn f() { ", "x..", "x", "", "; }"),
        ("fn f() { if ", "let a = ", "x", "", " {} }"),
        ("fn f() { ", "#[a] ", "x", "", "; }"),
        ("fn f(a: ", "impl Fn() -> ", "u8", "", ") {}"),
        ("type T = ", "dyn Fn() -> ", "u8", "", ";"),
        ("type T = ", "*const ", "u8", "", ";"),
        ("type T = ", "A<B = ", "u8", ">", ";"),
        ("type T = ", "<A<u8> as ", "u8", ">::B", ";"),
        ("fn f() where A: ", "for<'a> ", "A", "", " {}"),
        ("type T = ", "Option<", "u8", ">", ";"),
        ("type T = ", "A<u8, ", "u8", ">", ";"),
        ("type T = ", "&", "u8", "", ";"),
        ("type T = ", "fn() -> ", "u8", "", ";"),
        ("fn f(", "&", "x", "", ": u8) {}"),
        ("use ", "a::", "b", "", ";"),
        ("fn f() { a = ", "loop { break 1; } + ", "1", "", "; }"),
    ] {
        let text = format!(
            "{USE}{before}{}{between}{}{end}\n",
            part.repeat(N),
            after.repeat(N)
        );
        // Or it is not valid, and told to be not.
        let Some(error) = report("deep.rs", text).error else {
            continue;
        };
        let is_refused = ["nested too deeply", "expected", "unexpected"];
        assert!(
            is_refused.iter().any(|why| error.message.contains(why)),
            "{part}: {}",
            error.message
        );
    }
}

#[test]
fn brackets_without_end_are_refused() {
    const N: usize = 20_000;
    for (before, open, between, close, end) in [
        ("fn f() -> u32 { ", "(", "1", ")", " }"),
        ("fn f() { ", "{", "", "}", " }"),
        ("fn f() { ", "[", "", "]", "; }"),
        ("fn f() { ", "g(", "", ")", "; }"),
        ("fn f() { ", "a!(", "", ")", "; }"),
        ("fn f() { ", "match a { _ => ", "1", "}", " }"),
        ("fn f() { ", "if a { ", "", "}", " }"),
        ("", "mod a {", "", "}", ""),
        ("use ", "wasi::{", "a", "}", ";"),
        ("type T = ", "(", "u8", ",)", ";"),
        ("type T = ", "[", "u8", "; 1]", ";"),
        ("fn f(", "(", "a", ",)", ": u8) {}"),
        ("foo!{", "(", "", ")", "}"),
        ("#[a", "(b", "", ")", "] fn f() {}"),
    ] {
        let text = format!(
            "{USE}{before}{}{between}{}{end}\n",
            open.repeat(N),
            close.repeat(N)
        );
        is_too_deep("deep.rs", text);
    }
    // As deep as it may be.
    let n = 900;
    for (before, open, between, close, end) in [
        ("fn f() -> u32 { ", "(", "1", ")", " }"),
        ("fn f() { ", "|| {", "", "}", " }"),
        ("fn f() { ", "a(|b| b.map(", "", "))", "; }"),
        ("fn f() { ", "a!(", "1", ")", "; }"),
        ("", "mod a {", "", "}", ""),
    ] {
        let n = n / open.matches(['(', '{']).count();
        let text = format!(
            "{USE}{before}{}{between}{}{end}\n",
            open.repeat(n),
            close.repeat(n)
        );
        passes("deep.rs", text);
    }
}

#[test]
fn wit_and_manifests_too() {
    const N: usize = 20_000;
    let wit = format!(
        "package a:b;\ninterface i {{ use wasi:io/streams@0.2.0.{{input-stream}}; f: func(a: {}u8{}); }}\n",
        "list<".repeat(N),
        ">".repeat(N)
    );
    is_too_deep("deep.wit", wit);
    for text in [
        format!("package a:b;\n{}\n", "/*".repeat(N)),
        format!(
            "package a:b {{ {}{} }}\n",
            "interface i { ".repeat(N),
            "}".repeat(N)
        ),
        format!("{}{}\n", "package a:b { ".repeat(N), "}".repeat(N)),
    ] {
        report("deep.wit", text);
    }
    // Each includes the next one twice.
    let worlds: String = (0..60)
        .map(|i| {
            format!(
                "world w{i} {{ include w{0}; include w{0} with {{ a as b }} }}\n",
                i + 1
            )
        })
        .collect();
    passes(
        "includes.wit",
        format!("package a:b;\n{worlds}world w60 {{ import a: func(); }}\n"),
    );

    let manifest = "[package]\nname = \"a\"\nversion = \"0.1.0\"\n[dependencies]\nwasi = \"0.14\"\n[package.metadata";
    for text in [
        format!("{manifest}]\nx = {}{}\n", "[".repeat(N), "]".repeat(N)),
        format!("{manifest}.{}b]\nx = 1\n", "a.".repeat(N)),
        format!("{manifest}]\n{}b = 1\n", "a.".repeat(N)),
        format!("{manifest}]\nx = {}1{}\n", "{a=".repeat(N), "}".repeat(N)),
        format!("{manifest}]\nx = {{ {}a = 1 }}\n", "a.".repeat(N)),
    ] {
        let head = text[120..160].to_owned();
        let report = report("Cargo.toml", text);
        // Its parser has limits of its own; where it has none, the dependency is found.
        assert!(
            report.error.is_some() || !report.findings.is_empty(),
            "{head}"
        );
    }
}
