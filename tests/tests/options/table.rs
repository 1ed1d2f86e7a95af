//! The keys, and what shows that each reaches a guest.

use isyswasfa_tests::Backend::{self, Isyswasfa, Lowered, Native};
use isyswasfa_tests::probe::With::{self, Run, Serve};

/// A key of an option of `run` and `serve`.
pub struct Key {
    pub option: &'static str,
    pub name: &'static str,
    /// Further options.
    pub beside: &'static [&'static str],
    pub check: Check,
    /// What it concerns.
    pub on: &'static [(Backend, With)],
}

/// How a key shows.
#[derive(Clone, Copy)]
pub enum Check {
    /// With this value, the probe says so; without the key it says something else.
    Differs {
        without: &'static str,
        value: &'static str,
        probe: (&'static str, usize),
        says: &'static str,
    },
    /// With this value, the guest ends, which is told so; without the key it doesn't.
    Ends {
        value: &'static str,
        probe: (&'static str, usize),
        says: &'static str,
    },
    /// With this value, the guest is not started.
    Refused {
        value: &'static str,
        says: &'static str,
    },
    /// Only the clock can tell, or nobody: the guest works with each of these values.
    Unseen { values: &'static [&'static str] },
}

const ALL: &[(Backend, With)] = &[
    (Isyswasfa, Run),
    (Isyswasfa, Serve),
    (Native, Run),
    (Native, Serve),
    (Lowered, Run),
    (Lowered, Serve),
];
const RUN: &[(Backend, With)] = &[(Isyswasfa, Run), (Native, Run), (Lowered, Run)];
const SERVE: &[(Backend, With)] = &[(Isyswasfa, Serve), (Native, Serve), (Lowered, Serve)];
/// Those of 0.3 in either form.
const P3: &[(Backend, With)] = &[
    (Isyswasfa, Run),
    (Isyswasfa, Serve),
    (Native, Run),
    (Native, Serve),
];
const LOWERED: &[(Backend, With)] = &[(Lowered, Run), (Lowered, Serve)];
/// The key is about the host's part of the split ABI.
const SPLIT: &[(Backend, With)] = &[(Isyswasfa, Run), (Isyswasfa, Serve)];

const fn key(
    option: &'static str,
    name: &'static str,
    on: &'static [(Backend, With)],
    check: Check,
) -> Key {
    Key {
        option,
        name,
        beside: &[],
        check,
        on,
    }
}

impl Key {
    const fn beside(self, beside: &'static [&'static str]) -> Self {
        Key { beside, ..self }
    }
}

const fn differs(
    probe: (&'static str, usize),
    without: &'static str,
    value: &'static str,
    says: &'static str,
) -> Check {
    Check::Differs {
        without,
        value,
        probe,
        says,
    }
}

const fn ends(probe: (&'static str, usize), value: &'static str, says: &'static str) -> Check {
    Check::Ends { value, probe, says }
}

const NETWORK: &[&str] = &["-S", "inherit-network"];

/// All keys.
pub const KEYS: &[Key] = &[
    // With `serve`, the same is refused for another reason.
    key(
        "-S",
        "http",
        ALL,
        Check::Refused {
            value: "n",
            says: "http",
        },
    ),
    key(
        "-S",
        "cli",
        ALL,
        Check::Refused {
            value: "n",
            says: "wasi:",
        },
    ),
    key(
        "-S",
        "p3",
        P3,
        Check::Refused {
            value: "n",
            says: "wasi:",
        },
    ),
    key(
        "-S",
        "inherit-network",
        ALL,
        differs(("tcp", 0), "AccessDenied", "y", "ConnectionRefused"),
    ),
    key(
        "-S",
        "allow-ip-name-lookup",
        ALL,
        differs(("lookup", 0), "false", "y", "true"),
    ),
    key(
        "-S",
        "tcp",
        ALL,
        differs(("tcp", 0), "ConnectionRefused", "n", "AccessDenied"),
    )
    .beside(NETWORK),
    key(
        "-S",
        "udp",
        ALL,
        differs(("udp", 0), "Ok", "n", "AccessDenied"),
    )
    .beside(NETWORK),
    key(
        "-S",
        "inherit-env",
        ALL,
        differs(("environment", 0), "[]", "y", "PATH"),
    ),
    key(
        "-S",
        "inherit-stdin",
        RUN,
        differs(("stdin", 0), "5 bytes", "n", "0 bytes"),
    ),
    key(
        "-S",
        "inherit-stdin",
        SERVE,
        differs(("stdin", 0), "0 bytes", "y", "5 bytes"),
    ),
    // What becomes of output: see `output.rs`.
    key(
        "-S",
        "inherit-stdout",
        ALL,
        Check::Unseen { values: &["y"] },
    ),
    key(
        "-S",
        "inherit-stderr",
        ALL,
        Check::Unseen {
            values: &["y", "n"],
        },
    ),
    key(
        "-S",
        "cwd",
        ALL,
        differs(("cwd", 0), "", "/somewhere", "/somewhere"),
    ),
    key(
        "-S",
        "max-host-memory",
        ALL,
        ends(("fields", 20), "1M", "max-host-memory"),
    ),
    key(
        "-S",
        "hostcall-fuel",
        ALL,
        ends(("fields", 1), "50k", "hostcall-fuel"),
    ),
    key(
        "-S",
        "max-resources",
        ALL,
        ends(("resources", 1000), "100", "max-resources"),
    ),
    key(
        "-S",
        "max-handles",
        ALL,
        ends(("resources", 1000), "500", "max-handles"),
    ),
    // A host of 0.3 may give less.
    key(
        "-S",
        "max-random-size",
        P3,
        differs(("random", 100_000), "100000 bytes", "1k", "1024 bytes"),
    ),
    key(
        "-S",
        "max-random-size",
        LOWERED,
        ends(("random", 100_000), "1k", "max-random-size"),
    ),
    key(
        "-S",
        "max-http-fields-size",
        P3,
        differs(("headers", 2000), "Ok", "1000", "SizeExceeded"),
    ),
    // The adapter, which has the sockets, is a component too.
    // A host of 0.2 has no code for it.
    key(
        "-S",
        "max-http-fields-size",
        LOWERED,
        ends(("headers", 2000), "1000", ""),
    ),
    key(
        "-S",
        "max-components",
        SPLIT,
        ends(("tcp", 0), "1", "max-components"),
    )
    .beside(NETWORK),
    key(
        "-S",
        "max-functions",
        SPLIT,
        ends(("tcp", 0), "1", "max-functions"),
    )
    .beside(NETWORK),
    key(
        "-S",
        "max-events",
        SPLIT,
        ends(("events", 1000), "100", "max-events"),
    ),
    key(
        "-S",
        "max-tasks",
        SPLIT,
        ends(("tasks", 1000), "100", "max-tasks"),
    ),
    key(
        "-S",
        "max-streams",
        SPLIT,
        ends(("streams", 1000), "100", "max-streams"),
    ),
    key(
        "-S",
        "max-write-size",
        SPLIT,
        differs(("write", 1000), "1000 bytes", "10", "10 bytes"),
    ),
    key("-W", "timeout", ALL, ends(("sleep", 1500), "500ms", "")),
    key(
        "-W",
        "max-memory-size",
        ALL,
        differs(("memory", 64), "64 MiB", "32M", "no memory"),
    ),
    key(
        "-W",
        "max-table-elements",
        RUN,
        ends(("environment", 0), "1", ""),
    ),
    // A pool has room for no larger ones.
    key(
        "-W",
        "max-table-elements",
        SERVE,
        Check::Refused {
            value: "1",
            says: "table",
        },
    ),
    key(
        "-W",
        "max-instances",
        ALL,
        ends(("environment", 0), "1", ""),
    ),
    key("-W", "max-tables", ALL, Check::Unseen { values: &["100"] }),
    key(
        "-W",
        "max-memories",
        ALL,
        Check::Unseen { values: &["100"] },
    ),
    key(
        "-W",
        "trap-on-grow-failure",
        ALL,
        ends(("memory", 64), "y", "max-memory-size"),
    )
    .beside(&["-W", "max-memory-size=32M"]),
    key(
        "-W",
        "max-wasm-stack",
        ALL,
        ends(("recurse", 1200), "64k", "max-wasm-stack"),
    ),
    key(
        "-W",
        "async-stack-size",
        ALL,
        Check::Refused {
            value: "64k",
            says: "stack",
        },
    ),
    key(
        "-C",
        "cache",
        ALL,
        Check::Unseen {
            values: &["y", "n"],
        },
    ),
    key(
        "-C",
        "cache-config",
        ALL,
        Check::Refused {
            value: "/no/such/file",
            says: "/no/such/file",
        },
    ),
    key(
        "-C",
        "parallel-compilation",
        ALL,
        Check::Unseen { values: &["n"] },
    ),
    key("-O", "opt-level", ALL, Check::Unseen { values: &["2"] }),
    key(
        "-O",
        "pooling-allocator",
        ALL,
        Check::Unseen {
            values: &["y", "n"],
        },
    ),
    key(
        "-O",
        "pooling-total-component-instances",
        ALL,
        Check::Refused {
            value: "4294967295",
            says: "failed to set up the engine",
        },
    )
    .beside(&["-O", "pooling-allocator=y"]),
    key(
        "-O",
        "pooling-total-memories",
        ALL,
        Check::Refused {
            value: "4294967295",
            says: "failed to set up the engine",
        },
    )
    .beside(&["-O", "pooling-allocator=y"]),
    key(
        "-O",
        "pooling-memory-keep-resident",
        ALL,
        Check::Unseen { values: &["1M"] },
    )
    .beside(&["-O", "pooling-allocator=y"]),
];
