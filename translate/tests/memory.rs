//! What translating hostile or large components takes: memory of a few times the file, or they are refused.

use isyswasfa_translate::translate;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The system's allocator, which counts.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: it is the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(now, Relaxed);
        // SAFETY: as the caller says.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as the caller says.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What a component may take besides what is in proportion to it.
const ROOM: usize = 160 << 20;

/// Translates the component, which takes at most `times` its size: what is said if it is refused.
fn within(times: usize, name: &str, component: &str) -> Option<String> {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let wasm = wat::parse_str(component).unwrap_or_else(|error| panic!("{name}: {error}"));
    let before = NOW.load(Relaxed);
    PEAK.store(before, Relaxed);
    let translated = translate(&wasm);
    let peak = PEAK.load(Relaxed) - before;
    let bound = ROOM + times * wasm.len();
    println!("{name}: {peak} bytes for {} bytes", wasm.len());
    assert!(
        peak <= bound,
        "{name}: {peak} bytes for a component of {} bytes",
        wasm.len()
    );
    let error = translated.err()?.to_string();
    assert!(!error.contains('\n'), "{name}: {error}");
    Some(error)
}

/// A component whose function has a parameter of the type `$ty`, which `types` define. It is one of many, so that they are passed by
/// their address whatever the type is.
fn with_type(types: &str) -> String {
    let others = "u64 ".repeat(17);
    format!(
        r#"(component
      {types}
      (type $all (tuple $ty {others}))
      (core func $return (canon task.return))
      (core module $main
        (func (export "f") (param i32) (result i32) unreachable)
        (func (export "callback") (param i32 i32 i32) (result i32) unreachable) (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
      (core instance $main (instantiate $main))
      (func $f async (param "n" $all)
        (canon lift (core func $main "f") (memory (core memory $main "memory"))
          (realloc (core func $main "realloc")) async (callback (core func $main "callback"))))
      (export "f" (func $f)))"#
    )
}

/// Types that each have the one before them twice: so many, from that one on.
fn doubled(from: &str, times: usize) -> String {
    let mut types = format!("(type $t0 {from})");
    for level in 1..=times {
        let below = level - 1;
        types.push_str(&format!("(type $t{level} (tuple $t{below} $t{below}))"));
    }
    types + &format!("(type $ty (tuple $t{times} $t{times}))")
}

#[test]
fn types_that_double() {
    for (name, from) in [
        ("numbers", "(tuple u8 u8)"),
        ("strings", "(tuple string string)"),
        ("lists", "(list string)"),
        ("streams", "(stream u8)"),
        ("results", "(result string (error u64))"),
    ] {
        for times in [4, 9, 11, 14, 17] {
            let name = format!("{name}, doubled {times} times");
            let refused = within(4, &name, &with_type(&doubled(from, times)));
            assert!(times > 9 || refused.is_none(), "{name}: {refused:?}");
        }
    }
}

#[test]
fn types_that_are_nested_deeply() {
    for levels in [20, 90, 1_000, 20_000] {
        for kind in [
            "(option $t)",
            "(list $t)",
            "(tuple $t u8)",
            "(result $t)",
            "(stream $t)",
        ] {
            let mut types = "(type $t0 string)".to_owned();
            for level in 1..=levels {
                let ty = kind.replace("$t", &format!("$t{}", level - 1));
                types.push_str(&format!("(type $t{level} {ty})"));
            }
            let types = types + &format!("(type $ty (list $t{levels}))");
            within(
                16,
                &format!("{levels} levels of {kind}"),
                &with_type(&types),
            );
        }
    }
}

#[test]
fn many_functions() {
    let imports: String = (0..5_000)
        .map(|n| format!("(export \"f{n}\" (func async (param \"a\" string) (result string)))"))
        .collect();
    let unused = format!(
        r#"(component (import "a:b/c" (instance {imports})) (core func $set (canon waitable-set.new))
          (core module $main (import "" "set" (func (result i32))))
          (core instance (instantiate $main (with "" (instance (export "set" (func $set)))))))"#
    );
    assert_eq!(within(400, "imported functions", &unused), None);
    let mut functions = String::new();
    let mut exports = String::new();
    for n in 0..2_000 {
        functions.push_str(&format!(
            r#"(func $f{n} async (canon lift (core func $main "f") async (callback (core func $main "callback"))))"#
        ));
        exports.push_str(&format!(r#"(export "f{n}" (func $f{n}))"#));
    }
    let exported = format!(
        r#"(component (core func $return (canon task.return))
          (core module $main (import "" "return" (func))
            (func (export "f") (result i32) (i32.const 0))
            (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
          (core instance $main (instantiate $main (with "" (instance (export "return" (func $return))))))
          {functions} (instance $api {exports}) (export "a:b/c" (instance $api)))"#
    );
    assert_eq!(within(400, "exported functions", &exported), None);
}

#[test]
fn names_that_are_long() {
    let long = "a".repeat(90_000);
    let import = format!(
        r#"(component (import "{long}" (func $f async)) (core func $f (canon lower (func $f) async))
          (core module $main (import "" "f" (func (result i32))))
          (core instance (instantiate $main (with "" (instance (export "f" (func $f)))))))"#
    );
    within(40, "an import", &import);
    let module = format!(
        r#"(component (core func $f (canon thread.index)) (core func $set (canon waitable-set.new))
          (core module $main (import "{long}" "{long}" (func (result i32))) (import "{long}" "set" (func (result i32)))
            (func $"{long}"))
          (core instance (instantiate $main (with "{long}" (instance
            (export "{long}" (func $f)) (export "set" (func $set)))))))"#
    );
    let refused = within(40, "a core import", &module).expect("it is refused");
    assert!(refused.contains("`thread.index`"), "{refused:.1000}");
    assert!(refused.len() < 1_000, "{}", refused.len());
}

#[test]
fn twenty_megabytes_of_memory() {
    let data = "a".repeat(20 << 20);
    let component = format!(
        r#"(component (core func $return (canon task.return))
          (core module $main (import "" "return" (func)) (memory 400) (data (i32.const 0) "{data}")
            (func (export "f") (result i32) (i32.const 0))
            (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
          (core instance $main (instantiate $main (with "" (instance (export "return" (func $return))))))
          (func $f async (canon lift (core func $main "f") async (callback (core func $main "callback"))))
          (export "f" (func $f)))"#
    );
    assert_eq!(within(5, "a large module", &component), None);
}
