//! Writes small components: a memory with a realloc, built-ins, and a module that uses them.

/// A component under construction, in the text format.
#[derive(Default)]
pub struct Guest {
    types: String,
    built_ins: String,
    passed: String,
    imports: String,
    code: String,
    exports: String,
}

/// The memory: what is allocated lies behind the first page.
const LIBC: &str = r#"
  (core module $libc
    (memory (export "memory") 4)
    (global $next (mut i32) (i32.const 65536))
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $next (i32.add (local.get $at) (local.get $size)))
      (memory.copy (local.get $at) (local.get $old) (local.get $old-size))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
"#;

/// What each module has: `log` adds a number to a list, whose address and length are at 1024 then.
const LOG: &str = r#"
    (import "libc" "memory" (memory 4))
    (global $logged (mut i32) (i32.const 0))
    (func $log (param $number i32)
      (i32.store (i32.add (i32.const 2048) (i32.mul (global.get $logged) (i32.const 4))) (local.get $number))
      (global.set $logged (i32.add (global.get $logged) (i32.const 1)))
      (i32.store (i32.const 1024) (i32.const 2048))
      (i32.store (i32.const 1028) (global.get $logged)))
"#;

/// The list of what was logged, as a result.
pub const LIST: &str = "async (result (list u32))";

impl Guest {
    /// With `return-log`, which returns what was logged as the task's result.
    pub fn logging() -> Self {
        Guest::default()
            .built_in(
                "return",
                "task.return (result (list u32)) (memory $memory)",
                "(param i32 i32)",
            )
            .code(
                r#"
    (func $return-log
      (call $return (i32.load (i32.const 1024)) (i32.load (i32.const 1028))))"#,
            )
    }

    /// With the built-ins for waitable sets.
    pub fn sets(self) -> Self {
        self.built_in("set-new", "waitable-set.new", "(result i32)")
            .built_in("set-drop", "waitable-set.drop", "(param i32)")
            .built_in(
                "set-wait",
                "waitable-set.wait (memory $memory)",
                "(param i32 i32) (result i32)",
            )
            .built_in(
                "set-poll",
                "waitable-set.poll (memory $memory)",
                "(param i32 i32) (result i32)",
            )
            .built_in("join", "waitable.join", "(param i32 i32)")
            .code(
                r#"
    ;; What a function answers to wait for the set.
    (func $wait-for (param $set i32) (result i32)
      (i32.or (i32.const 2) (i32.shl (local.get $set) (i32.const 4))))"#,
            )
    }

    /// With the built-ins for subtasks.
    pub fn subtasks(self) -> Self {
        self.built_in("subtask-drop", "subtask.drop", "(param i32)")
            .built_in(
                "subtask-cancel",
                "subtask.cancel",
                "(param i32) (result i32)",
            )
    }

    /// With the built-ins for a stream of numbers of this type.
    pub fn stream(self, item: &str) -> Self {
        self.types(&format!("(type $stream (stream {item}))\n"))
            .built_in("stream-new", "stream.new $stream", "(result i64)")
            .built_in(
                "stream-read",
                "stream.read $stream async (memory $memory)",
                "(param i32 i32 i32) (result i32)",
            )
            .built_in(
                "stream-write",
                "stream.write $stream async (memory $memory)",
                "(param i32 i32 i32) (result i32)",
            )
            .built_in(
                "cancel-read",
                "stream.cancel-read $stream",
                "(param i32) (result i32)",
            )
            .built_in(
                "cancel-write",
                "stream.cancel-write $stream",
                "(param i32) (result i32)",
            )
            .built_in(
                "drop-readable",
                "stream.drop-readable $stream",
                "(param i32)",
            )
            .built_in(
                "drop-writable",
                "stream.drop-writable $stream",
                "(param i32)",
            )
    }

    /// With the built-ins for a future of a number of this type.
    pub fn future(self, item: &str) -> Self {
        self.types(&format!("(type $future (future {item}))\n"))
            .built_in("future-new", "future.new $future", "(result i64)")
            .built_in(
                "future-read",
                "future.read $future async (memory $memory)",
                "(param i32 i32) (result i32)",
            )
            .built_in(
                "future-write",
                "future.write $future async (memory $memory)",
                "(param i32 i32) (result i32)",
            )
            .built_in(
                "future-cancel-read",
                "future.cancel-read $future",
                "(param i32) (result i32)",
            )
            .built_in(
                "future-cancel-write",
                "future.cancel-write $future",
                "(param i32) (result i32)",
            )
            .built_in(
                "future-drop-readable",
                "future.drop-readable $future",
                "(param i32)",
            )
            .built_in(
                "future-drop-writable",
                "future.drop-writable $future",
                "(param i32)",
            )
    }

    /// Text before everything else: imports and types.
    pub fn types(mut self, text: &str) -> Self {
        self.types.push_str(text);
        self
    }

    /// Gives the module the built-in `canon`, under the name `name`, which has this core type.
    pub fn built_in(mut self, name: &str, canon: &str, signature: &str) -> Self {
        self.built_ins
            .push_str(&format!("  (core func ${name} (canon {canon}))\n"));
        self.passed
            .push_str(&format!("(export \"{name}\" (func ${name})) "));
        self.imports.push_str(&format!(
            "    (import \"built-in\" \"{name}\" (func ${name} {signature}))\n"
        ));
        self
    }

    /// The module's own items.
    pub fn code(mut self, text: &str) -> Self {
        self.code.push_str(text);
        self
    }

    /// Exports the module's `core` as the async function `name` of the type `ty`, with the callback `core`-callback.
    pub fn export(mut self, name: &str, ty: &str) -> Self {
        self.lift(
            name,
            ty,
            "async (callback (core func $main \"CORE-callback\"))",
        );
        self.exports
            .push_str(&format!("  (export \"{name}\" (func ${name}))\n"));
        self
    }

    /// The same without `async`: it returns its result.
    pub fn export_sync(mut self, name: &str, ty: &str) -> Self {
        self.lift(name, ty, "");
        self.exports
            .push_str(&format!("  (export \"{name}\" (func ${name}))\n"));
        self
    }

    /// Exports the interface `name` with async functions of these names and types.
    pub fn interface(mut self, name: &str, functions: &[(&str, &str)]) -> Self {
        let mut items = String::new();
        for (function, ty) in functions {
            self.lift(
                function,
                ty,
                "async (callback (core func $main \"CORE-callback\"))",
            );
            items.push_str(&format!("(export \"{function}\" (func ${function})) "));
        }
        self.exports.push_str(&format!(
            "  (instance $api {items})\n  (export \"{name}\" (instance $api))\n"
        ));
        self
    }

    fn lift(&mut self, name: &str, ty: &str, options: &str) {
        let options = options.replace("CORE", name);
        self.exports.push_str(&format!(
            "  (func ${name} {ty} (canon lift (core func $main \"{name}\") \
             (memory $memory) (realloc $realloc) {options}))\n"
        ));
    }

    /// What the component consists of.
    pub fn body(&self) -> String {
        let Guest {
            types,
            built_ins,
            passed,
            imports,
            code,
            exports,
        } = self;
        format!(
            "{types}{LIBC}{built_ins}  (core module $main\n{imports}{LOG}{code})\n  \
             (core instance $main (instantiate $main (with \"libc\" (instance $libc)) \
             (with \"built-in\" (instance {passed}))))\n{exports}"
        )
    }

    /// The component.
    pub fn text(&self) -> String {
        format!("(component\n{})", self.body())
    }
}

/// `provider`, which exports the interface `test:faithful/api`, behind `user`, which imports it and exports the function `run`.
pub fn composed(provider: &Guest, user: &Guest) -> String {
    format!(
        "(component\n(component $provider\n{})\n(component $user\n{})\n\
         (instance $provider (instantiate $provider))\n\
         (alias export $provider \"test:faithful/api\" (instance $api))\n\
         (instance $user (instantiate $user (with \"test:faithful/api\" (instance $api))))\n\
         (alias export $user \"run\" (func $run))\n(export \"run\" (func $run)))",
        provider.body(),
        user.body()
    )
}
