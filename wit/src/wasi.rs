//! WASI's WIT as published, embedded: three versions, for macros and tools that cannot read this crate's folder.
//!
//! A newer patch version of WASI is taken by `vendor.sh`, and its number is told here. What the adapter exports has a version too:
//! that is in the worlds of `adapter/wit`.

use wit_parser::{PackageId, PackageName, Resolve, SourceMap};

/// A version of WASI.
pub struct Wasi {
    /// The version of all its packages.
    pub version: &'static str,
    /// The WIT of its packages. Files of one package follow each other.
    pub files: &'static [WitFile],
}

/// A file of a WIT package of WASI.
pub struct WitFile {
    /// The package's name after `wasi:`.
    pub package: &'static str,
    /// The path below this crate's folder.
    pub path: &'static str,
    /// The content.
    pub text: &'static str,
}

/// The files `deps/FILE.wit` of a folder below `wasi`, by package.
macro_rules! files {
    ($folder:literal: $($package:literal [$($file:literal)+])+) => {
        &[$($(WitFile {
            package: $package,
            path: concat!("wasi/", $folder, "/deps/", $file, ".wit"),
            text: include_str!(concat!("../wasi/", $folder, "/deps/", $file, ".wit")),
        }),+),+]
    };
}

/// The oldest WASI 0.2, which every host of WASI 0.2 has.
pub const WASI_0_2_0: Wasi = Wasi {
    version: "0.2.0",
    files: files!("0.2.0":
        "cli" ["cli/command" "cli/environment" "cli/exit" "cli/imports" "cli/run" "cli/stdio" "cli/terminal"]
        "clocks" ["clocks/monotonic-clock" "clocks/wall-clock" "clocks/world"]
        "filesystem" ["filesystem/preopens" "filesystem/types" "filesystem/world"]
        "http" ["http/handler" "http/proxy" "http/types"]
        "io" ["io/error" "io/poll" "io/streams" "io/world"]
        "random" ["random/insecure-seed" "random/insecure" "random/random" "random/world"]
        "sockets" [
            "sockets/instance-network" "sockets/ip-name-lookup" "sockets/network" "sockets/tcp-create-socket"
            "sockets/tcp" "sockets/udp-create-socket" "sockets/udp" "sockets/world"
        ]
    ),
};

/// The newest WASI 0.2.
pub const WASI_0_2: Wasi = Wasi {
    version: "0.2.12",
    files: files!("0.2":
        "cli" ["cli"] "clocks" ["clocks"] "filesystem" ["filesystem"] "http" ["http"] "io" ["io"]
        "random" ["random"] "sockets" ["sockets"]
    ),
};

/// The newest WASI 0.3.
pub const WASI_0_3: Wasi = Wasi {
    version: "0.3.2",
    files: files!("0.3":
        "cli" ["cli"] "clocks" ["clocks"] "filesystem" ["filesystem"] "http" ["http"] "random" ["random"]
        "sockets" ["sockets"]
    ),
};

/// All versions that are embedded.
pub const ALL: [&Wasi; 3] = [&WASI_0_2_0, &WASI_0_2, &WASI_0_3];

impl Wasi {
    /// The version of this number (`0.3.2`), or the newest one that starts with it (`0.3`).
    pub fn find(version: &str) -> Option<&'static Wasi> {
        let exact = ALL.into_iter().find(|wasi| wasi.version == version);
        let newest = || {
            let start = format!("{version}.");
            let mut newest_first = ALL.into_iter().rev();
            newest_first.find(|wasi| wasi.version.starts_with(&start))
        };
        exact.or_else(newest)
    }

    /// Puts the packages into `resolve`, except for those that it already has, and returns them all.
    ///
    /// # Errors
    /// If a package that `resolve` already has lacks what another one needs.
    pub fn push(&self, resolve: &mut Resolve) -> anyhow::Result<Vec<PackageId>> {
        let mut names = Vec::new();
        let mut missing = Vec::new();
        for files in self.files.chunk_by(|a, b| a.package == b.package) {
            let name = PackageName {
                namespace: "wasi".to_owned(),
                name: files[0].package.to_owned(),
                version: Some(self.version.parse()?),
            };
            if !resolve.package_names.contains_key(&name) {
                let mut sources = SourceMap::new();
                for file in files {
                    sources.push_str(file.path, file.text);
                }
                missing.push(sources.parse().unwrap_or_else(|(sources, error)| {
                    panic!("internal error: {}", error.render(&sources))
                }));
            }
            names.push(name);
        }
        if let Some(last) = missing.pop() {
            resolve.push_groups(last, missing)?;
        }
        Ok(names
            .iter()
            .map(|name| resolve.package_names[name])
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    #[test]
    fn every_version_is_complete_and_resolves() {
        for wasi in ALL {
            let mut resolve = Resolve::default();
            let packages = wasi.push(&mut resolve).unwrap();
            assert_eq!(resolve.packages.len(), packages.len());
            // A second time changes nothing.
            assert_eq!(wasi.push(&mut resolve).unwrap(), packages);

            let paths: BTreeSet<_> = wasi.files.iter().map(|file| file.path.to_owned()).collect();
            let deps = Path::new(wasi.files[0].path)
                .ancestors()
                .find(|path| path.ends_with("deps"));
            let mut found = BTreeSet::new();
            list(deps.unwrap(), &mut found);
            assert_eq!(paths, found, "files in the folder and files embedded");
        }
    }

    fn list(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                list(&path, found);
            } else {
                found.insert(path.to_str().unwrap().replace('\\', "/"));
            }
        }
    }

    #[test]
    fn a_version_is_found_by_its_number_or_by_its_beginning() {
        let found = |version| Wasi::find(version).map(|wasi| wasi.version);
        assert_eq!(found("0.2.0"), Some("0.2.0"));
        assert_eq!(found(WASI_0_2.version), Some(WASI_0_2.version));
        assert_eq!(found("0.2"), Some(WASI_0_2.version));
        assert_eq!(found("0.3"), Some(WASI_0_3.version));
        for unknown in ["0.3.", "0.4", "0.2.1", ""] {
            assert_eq!(found(unknown), None, "{unknown}");
        }
    }
}
