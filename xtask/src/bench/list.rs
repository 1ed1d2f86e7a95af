//! All rows: what is wanted of each, what it needs, and who measures it.

use super::needs::Need::{self, Case, Guests, Installed, Migrate, Programs, Python, Wasmtime};
use super::row::Unit::{
    ASecond, GigabytesASecond, Kibibytes, Mebibytes, Microseconds, Milliseconds, Nanoseconds,
    Seconds,
};
use super::row::Wanted::{self, Added, AsRow, AtLeast, AtMost, Nothing, Within};
use super::row::{Row, Spec, Unit};
use super::{
    Bench, bridged, components, files, http, lowered, migrate, scale, sockets, translated,
};
use anyhow::Result;

/// Rows that are measured together.
pub struct Group {
    pub rows: &'static [Spec],
    pub needs: &'static [Need],
    /// Gives the rows in their order. One that measures its rows one by one is given the wanted ones only.
    pub measure: fn(&Bench, &[Spec]) -> Result<Vec<Row>>,
}

const fn row(name: &'static str, unit: Unit, wanted: Wanted, about: &'static str) -> Spec {
    Spec {
        name,
        unit,
        wanted,
        about,
    }
}

const WRK: Need = Installed("wrk", "wrk");

pub const GROUPS: &[Group] = &[
    Group {
        rows: &[
            row(
                "call-sync",
                Nanoseconds,
                Nothing,
                "a call between two components",
            ),
            row(
                "call-ready",
                Nanoseconds,
                AtMost(1.0 / 60.0),
                "an async call that is done at once",
            ),
            row(
                "call-pending",
                Nanoseconds,
                AtMost(0.1),
                "an async call that lets others run first",
            ),
            row(
                "call-chain",
                Nanoseconds,
                AtMost(0.1),
                "the same through three components",
            ),
            row(
                "call-among-1",
                Nanoseconds,
                AsRow("call-pending"),
                "the same beside 1 idle component",
            ),
            row(
                "call-among-4",
                Nanoseconds,
                AsRow("call-among-1"),
                "beside 4",
            ),
            row(
                "call-among-16",
                Nanoseconds,
                AsRow("call-among-1"),
                "beside 16",
            ),
            row(
                "call-among-64",
                Nanoseconds,
                AsRow("call-among-1"),
                "beside 64",
            ),
            row(
                "call-beside-1",
                Nanoseconds,
                AsRow("call-pending"),
                "the same while 1 other call waits",
            ),
            row(
                "call-beside-100",
                Nanoseconds,
                AsRow("call-beside-1"),
                "while 100 others wait",
            ),
            row(
                "call-beside-10000",
                Nanoseconds,
                AsRow("call-beside-1"),
                "while 10,000 others wait",
            ),
            row(
                "stream-bytes",
                GigabytesASecond,
                AtLeast(1.0),
                "a stream of bytes in pieces of 64 KiB",
            ),
            row(
                "stream-write",
                GigabytesASecond,
                AtLeast(1.0),
                "one write of 256 MiB, read in such pieces",
            ),
            row(
                "stream-items",
                Nanoseconds,
                AtMost(1.0),
                "numbers of one write, read one by one",
            ),
            row(
                "stream-records",
                Nanoseconds,
                AtMost(1.0),
                "a record of 32 bytes, by 1,000",
            ),
            row(
                "stream-record",
                Nanoseconds,
                AtMost(1.0),
                "the same, one by one",
            ),
        ],
        needs: &[Programs, Guests],
        measure: components::measure,
    },
    Group {
        rows: &[
            row(
                "host-to-guest",
                Nanoseconds,
                AtMost(0.5),
                "a program calls a guest through `bindgen!`",
            ),
            row(
                "guest-to-host",
                Nanoseconds,
                AtMost(0.5),
                "a guest calls such a program",
            ),
        ],
        needs: &[Programs, Guests],
        measure: components::measure,
    },
    Group {
        rows: &[row(
            "bridged-call",
            Microseconds,
            AtMost(2.0),
            "64 KiB over a bridge, beside the same without",
        )],
        needs: &[Programs, Guests],
        measure: bridged::call,
    },
    Group {
        rows: &[row(
            "file-read",
            GigabytesASecond,
            AtLeast(0.8),
            "a file of 256 MiB",
        )],
        needs: &[Programs, Wasmtime, Guests],
        measure: files::read,
    },
    Group {
        rows: &[row(
            "file-write",
            GigabytesASecond,
            AtLeast(0.8),
            "256 MiB into a file",
        )],
        needs: &[Programs, Wasmtime, Guests],
        measure: files::written,
    },
    Group {
        rows: &[row(
            "file-small",
            ASecond,
            AtLeast(0.8),
            "10,000 files of 1 KiB, walked and read",
        )],
        needs: &[Programs, Wasmtime, Guests],
        measure: files::small,
    },
    Group {
        rows: &[row(
            "tcp-echo",
            GigabytesASecond,
            AtLeast(1.0),
            "256 MiB over a connection and back",
        )],
        needs: &[Programs, Wasmtime, Case("tcp-echo")],
        measure: sockets::echo,
    },
    Group {
        rows: &[row(
            "tcp-connections",
            ASecond,
            AtLeast(1.0),
            "1,000 connections of 1 KiB",
        )],
        needs: &[Programs, Wasmtime, Case("tcp-echo")],
        measure: sockets::connections,
    },
    Group {
        rows: &[
            row(
                "http-hello",
                ASecond,
                AtLeast(1.5),
                "responses of a few bytes",
            ),
            row(
                "http-hello-p99",
                Milliseconds,
                AtMost(1.0),
                "the slowest hundredth of them",
            ),
        ],
        needs: &[Programs, Wasmtime, WRK, Guests],
        measure: http::hello,
    },
    Group {
        rows: &[
            row(
                "http-echo",
                ASecond,
                AtLeast(1.2),
                "bodies of 1 MiB, sent back",
            ),
            row(
                "http-echo-p99",
                Milliseconds,
                AtMost(1.0),
                "the slowest hundredth of them",
            ),
        ],
        needs: &[Programs, Wasmtime, WRK, Case("echo")],
        measure: http::echo,
    },
    Group {
        rows: &[
            row(
                "http-hash-all",
                ASecond,
                AtLeast(1.2),
                "responses for which 16 bodies are fetched",
            ),
            row(
                "http-hash-all-p99",
                Milliseconds,
                AtMost(1.0),
                "the slowest hundredth of them",
            ),
        ],
        needs: &[Programs, Wasmtime, WRK, Case("hash-all")],
        measure: http::hash_all,
    },
    Group {
        rows: &[
            row(
                "http-middleware",
                ASecond,
                AtLeast(1.2),
                "a middleware and a service, composed",
            ),
            row(
                "http-middleware-p99",
                Milliseconds,
                AtMost(1.0),
                "the slowest hundredth of them",
            ),
        ],
        needs: &[Programs, Wasmtime, WRK, Case("middleware"), Case("service")],
        measure: http::middleware,
    },
    Group {
        rows: &[
            row(
                "waiting-100",
                ASecond,
                Nothing,
                "100 requests at once, each waiting 100 ms",
            ),
            row(
                "waiting-100-p99",
                Milliseconds,
                Nothing,
                "the slowest hundredth of them",
            ),
            row(
                "waiting-100-memory",
                Mebibytes,
                Nothing,
                "the server's memory meanwhile",
            ),
        ],
        needs: &[Programs, Wasmtime, WRK, Guests],
        measure: scale::at_once_100,
    },
    Group {
        rows: &[
            row("waiting-1000", ASecond, Nothing, "1,000 of them"),
            row(
                "waiting-1000-p99",
                Milliseconds,
                Nothing,
                "the slowest hundredth of them",
            ),
            row(
                "waiting-1000-memory",
                Mebibytes,
                Nothing,
                "the server's memory meanwhile",
            ),
        ],
        needs: &[Programs, Wasmtime, WRK, Guests],
        measure: scale::at_once_1000,
    },
    Group {
        rows: &[
            row("waiting-10000", ASecond, AtLeast(1.0), "10,000 of them"),
            row(
                "waiting-10000-p99",
                Milliseconds,
                AtMost(1.0),
                "the slowest hundredth of them",
            ),
            row(
                "waiting-10000-memory",
                Mebibytes,
                AtMost(0.5),
                "the server's memory meanwhile",
            ),
        ],
        needs: &[Programs, Wasmtime, WRK, Guests],
        measure: scale::at_once_10000,
    },
    Group {
        rows: &[
            row(
                "cold",
                Milliseconds,
                AtMost(1.0),
                "from the server's start to its first answer",
            ),
            row(
                "cold-cached",
                Milliseconds,
                AtMost(1.0),
                "the same with compiled code in the cache",
            ),
        ],
        needs: &[Programs, Wasmtime, Guests],
        measure: scale::cold,
    },
    Group {
        rows: &[row(
            "instances",
            ASecond,
            AtLeast(1.0),
            "requests with a new instance for each",
        )],
        needs: &[Programs, Wasmtime, WRK, Guests],
        measure: scale::instances,
    },
    Group {
        rows: &[row(
            "idle-memory",
            Mebibytes,
            AtMost(1.0),
            "a server with 900 idle instances",
        )],
        needs: &[Programs, Wasmtime, WRK, Guests],
        measure: scale::idle,
    },
    Group {
        rows: &[
            row(
                "lowered-hello",
                ASecond,
                AtLeast(0.95),
                "responses of a few bytes",
            ),
            row(
                "lowered-hello-p99",
                Milliseconds,
                Nothing,
                "the slowest hundredth of them",
            ),
            row(
                "lowered-size",
                Kibibytes,
                Added(120.0),
                "the component, and before it was lowered",
            ),
        ],
        needs: &[Programs, Wasmtime, WRK, Guests],
        measure: lowered::hello,
    },
    Group {
        rows: &[row(
            "lowered-echo",
            GigabytesASecond,
            AtLeast(1.0),
            "256 MiB, sent back",
        )],
        needs: &[Programs, Wasmtime, Case("echo"), Guests],
        measure: lowered::echo,
    },
    Group {
        rows: &[
            row(
                "lowered-chain",
                ASecond,
                AtLeast(0.8),
                "responses by three components, composed",
            ),
            row(
                "lowered-chain-p99",
                Milliseconds,
                Nothing,
                "the slowest hundredth of them",
            ),
        ],
        needs: &[Programs, Wasmtime, WRK, Guests],
        measure: lowered::chain,
    },
    Group {
        rows: &[
            row(
                "translated-ready",
                Nanoseconds,
                AtMost(1.3),
                "`call-ready` of translated components",
            ),
            row(
                "translated-pending",
                Nanoseconds,
                AtMost(1.3),
                "`call-pending` of them",
            ),
            row(
                "translated-stream",
                GigabytesASecond,
                AtLeast(1.0 / 1.3),
                "`stream-bytes` of them",
            ),
        ],
        needs: &[Programs, Guests],
        measure: components::measure,
    },
    Group {
        rows: &[
            row(
                "translated-hello",
                ASecond,
                AtLeast(1.0 / 1.3),
                "`http-hello` of a translated component",
            ),
            row(
                "translated-hello-p99",
                Milliseconds,
                Nothing,
                "the slowest hundredth of them",
            ),
            row(
                "translated-size",
                Kibibytes,
                Added(60.0),
                "that component, and before it was translated",
            ),
        ],
        needs: &[Programs, Wasmtime, WRK, Guests],
        measure: translated::hello,
    },
    Group {
        rows: &[row(
            "translated-lowered",
            ASecond,
            AtLeast(0.9),
            "`lowered-hello` of a translated component",
        )],
        needs: &[Programs, Wasmtime, WRK, Guests],
        measure: translated::lowered,
    },
    Group {
        rows: &[row(
            "translate-python",
            Seconds,
            Within(3.0),
            "translating 20 MB of Python",
        )],
        needs: &[Programs, Python],
        measure: translated::python,
    },
    Group {
        rows: &[row(
            "migrate-check",
            Seconds,
            AtMost(12.0),
            "`check` of a million lines, beside `rg -c .`",
        )],
        needs: &[Migrate, Installed("rg", "ripgrep")],
        measure: migrate::check,
    },
];

/// All names.
pub fn names() -> impl Iterator<Item = &'static str> {
    GROUPS
        .iter()
        .flat_map(|group| group.rows)
        .map(|row| row.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_there_once() {
        let mut all: Vec<_> = names().collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn rows_that_others_are_compared_with_exist() {
        for row in GROUPS.iter().flat_map(|group| group.rows) {
            if let AsRow(other) = row.wanted {
                assert!(names().any(|name| name == other), "{other}");
            }
        }
    }
}
