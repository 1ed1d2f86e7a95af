//! The hosts that can run a component.

use super::interfaces::Item;
use super::translation::Translation;
use crate::abi::{Abi, InterfaceName, wasi_abi};
use serde::Serialize;

/// Whether one host can run a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Host {
    /// Whether it can.
    pub runs: bool,
    /// What has to be done first, or why the host cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub but: Option<String>,
}

/// Each kind of host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Hosts {
    /// A host of WASI 0.2 only.
    pub wasi_0_2: Host,
    /// The same, after `polyfill-host lower`.
    pub wasi_0_2_lowered: Host,
    /// This program.
    pub polyfill_host: Host,
    /// A host of WASI 0.3, and 0.2 beside it.
    pub wasi_0_3: Host,
}

impl Host {
    fn yes() -> Self {
        Host {
            runs: true,
            but: None,
        }
    }

    fn yes_but(what: &str) -> Self {
        Host {
            runs: true,
            but: Some(what.to_owned()),
        }
    }

    fn no(why: impl Into<String>) -> Self {
        Host {
            runs: false,
            but: Some(why.into()),
        }
    }
}

/// What an import needs of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// WASI 0.2, as published.
    Wasi2,
    /// WASI 0.3, as published.
    Wasi3,
    /// WASI 0.3 in the split form.
    Split,
    /// Tasks and pipes.
    Core,
    /// Anything else: another component must provide it.
    Other,
}

impl Need {
    fn of(import: &str) -> Self {
        let Some(name) = InterfaceName::parse(import) else {
            return Need::Other;
        };
        if name.is_core() {
            return Need::Core;
        }
        match wasi_abi(&name) {
            Some(Abi::Split) => Need::Split,
            Some(Abi::Plain) => Need::Wasi2,
            Some(Abi::Native) => Need::Wasi3,
            None => Need::Other,
        }
    }
}

impl Hosts {
    pub(super) fn of(abi: Abi, imports: &[Item], translation: Option<&Translation>) -> Self {
        let is_open = |it: &&Item| it.bridged_to.is_none();
        let imports: Vec<_> = imports.iter().filter(|it| !it.only_types).collect();
        let needs = imports.iter().copied().filter(is_open);
        let needs: Vec<_> = needs.map(|it| (Need::of(&it.name), it)).collect();
        let open = needs.iter().filter(|(need, _)| *need == Need::Other);
        let open: Vec<_> = open
            .map(|(_, item)| format!("`{}`", item.stands_for.as_ref().unwrap_or(&item.name)))
            .collect();
        if !open.is_empty() {
            let open = Host::no(format!(
                "it must be composed first with what provides {}",
                open.join(", ")
            ));
            return Hosts {
                wasi_0_2: open.clone(),
                wasi_0_2_lowered: open.clone(),
                polyfill_host: open.clone(),
                wasi_0_3: open,
            };
        }
        if needs.len() < imports.len() {
            let bridged =
                Host::no("it has bridges between sync and async, which only polyfill-host runs");
            return Hosts {
                wasi_0_2: bridged.clone(),
                wasi_0_2_lowered: bridged.clone(),
                polyfill_host: Host::yes(),
                wasi_0_3: bridged,
            };
        }
        let needs = |wanted: &[Need]| needs.iter().any(|(need, _)| wanted.contains(need));
        match abi {
            Abi::Split => Hosts {
                wasi_0_2: Host::no(
                    "it imports `isyswasfa:core`; `polyfill-host lower` puts that into the component",
                ),
                wasi_0_2_lowered: Host::yes(),
                polyfill_host: Host::yes(),
                wasi_0_3: Host::no("once lowered, as a component of WASI 0.2"),
            },
            Abi::Native => Hosts {
                wasi_0_2: Host::no("it has async functions of WASI 0.3 in its interfaces"),
                wasi_0_2_lowered: match translation.and_then(|it| it.why.as_ref()) {
                    None => Host::yes(),
                    Some(why) => Host::no(format!("it is not translated: {why}")),
                },
                polyfill_host: Host::yes(),
                wasi_0_3: Host::yes(),
            },
            // Interfaces of WASI 0.3 that the split does not change need no newer engine.
            Abi::Plain if needs(&[Need::Wasi3]) => Hosts {
                wasi_0_2: Host::no("it imports WASI 0.3"),
                wasi_0_2_lowered: Host::yes(),
                polyfill_host: Host::yes(),
                wasi_0_3: Host::yes(),
            },
            Abi::Plain => Hosts {
                wasi_0_2: Host::yes(),
                wasi_0_2_lowered: Host::yes_but("there is nothing to lower"),
                polyfill_host: Host::yes(),
                wasi_0_3: Host::yes(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(abi: Abi, imports: &[&str]) -> [bool; 4] {
        hosts_with(abi, imports, None)
    }

    fn hosts_with(abi: Abi, imports: &[&str], translation: Option<&Translation>) -> [bool; 4] {
        let imports = imports.iter().map(|name| Item {
            name: name.to_string(),
            stands_for: None,
            bridged_to: None,
            only_types: false,
            functions: vec![],
        });
        let hosts = Hosts::of(abi, &imports.collect::<Vec<_>>(), translation);
        [
            hosts.wasi_0_2,
            hosts.wasi_0_2_lowered,
            hosts.polyfill_host,
            hosts.wasi_0_3,
        ]
        .map(|host| host.runs)
    }

    #[test]
    fn each_abi_has_its_hosts() {
        let plain = ["wasi:cli/stdout@0.2.6"];
        assert_eq!(hosts(Abi::Plain, &plain), [true; 4]);
        let split = [
            "wasi:http/types@0.3.2-isyswasfa",
            "isyswasfa:core/tasks@0.1.0",
        ];
        assert_eq!(hosts(Abi::Split, &split), [false, true, true, false]);
        let native = ["wasi:http/types@0.3.2"];
        assert_eq!(hosts(Abi::Native, &native), [false, true, true, true]);
        let refused = Translation {
            possible: false,
            why: Some("the component uses `thread.index`".to_owned()),
        };
        assert_eq!(
            hosts_with(Abi::Native, &native, Some(&refused)),
            [false, false, true, true]
        );
        let sync = ["wasi:random/random@0.3.2"];
        assert_eq!(hosts(Abi::Plain, &sync), [false, true, true, true]);
        for open in [
            "my:own/thing@1.0.0",
            "wasi:http/types@0.3.0-rc-2026-03-15",
            "echo",
        ] {
            assert_eq!(hosts(Abi::Split, &[open]), [false; 4], "{open}");
        }
    }
}
