//! The versions of moved packages.

use super::MOVED;
use semver::{Prerelease, Version};
use wit_parser::PackageName;

/// What a package without a version is taken to have when it moves.
const NONE: Version = Version::new(0, 0, 0);

/// The version that the interfaces of a package move to: its own with the pre-release `isyswasfa`
/// (`0.3.2-isyswasfa`, `1.0.0-rc.1.isyswasfa`), or `0.0.0-isyswasfa` if it has none.
pub fn moved_version(version: Option<&Version>) -> Version {
    let mut moved = version.cloned().unwrap_or(NONE);
    let pre = if moved.pre.is_empty() {
        MOVED.to_owned()
    } else {
        format!("{}.{MOVED}", moved.pre)
    };
    moved.pre =
        Prerelease::new(&pre).expect("an identifier appended to a valid pre-release is valid");
    moved
}

/// Whether a package of this version holds moved interfaces, that is, whether [`moved_version`] made it.
pub fn is_moved(version: &Version) -> bool {
    version.pre.as_str().rsplit('.').next() == Some(MOVED)
}

/// The version that [`moved_version`] made `version` of; `None` if the package had none. A version that has not moved is its own
/// original.
///
/// `0.0.0-isyswasfa` is what no version becomes.
pub fn original_version(version: &Version) -> Option<Version> {
    if !is_moved(version) {
        return Some(version.clone());
    }
    let pre = version.pre.as_str();
    let before = &pre[..pre.len() - MOVED.len()];
    let before = before.strip_suffix('.').unwrap_or(before);
    let original = Version {
        pre: Prerelease::new(before)
            .expect("a valid pre-release without its last identifier is valid"),
        ..version.clone()
    };
    (original != NONE).then_some(original)
}

/// The name of the package that the moved interfaces of `package` go to.
pub fn moved_package(package: &PackageName) -> PackageName {
    PackageName {
        version: Some(moved_version(package.version.as_ref())),
        ..package.clone()
    }
}

/// The name of the package that the interfaces of `package` have moved from, or its own if they have not.
pub fn original_package(package: &PackageName) -> PackageName {
    PackageName {
        version: package.version.as_ref().and_then(original_version),
        ..package.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_moves_to_a_pre_release_of_itself() {
        for (version, moved) in [
            ("0.3.2", "0.3.2-isyswasfa"),
            ("1.0.0-rc.1", "1.0.0-rc.1.isyswasfa"),
            ("1.0.0+build.7", "1.0.0-isyswasfa+build.7"),
            ("1.0.0-rc.1+build.7", "1.0.0-rc.1.isyswasfa+build.7"),
            ("0.0.0-rc.1", "0.0.0-rc.1.isyswasfa"),
            ("0.0.0+build", "0.0.0-isyswasfa+build"),
        ] {
            let version = Version::parse(version).unwrap();
            let made = moved_version(Some(&version));
            assert_eq!(made.to_string(), moved);
            assert!(is_moved(&made), "{moved}");
            assert!(!is_moved(&version), "{version}");
            assert_eq!(original_version(&made).as_ref(), Some(&version), "{moved}");
            assert_eq!(original_version(&version).as_ref(), Some(&version));
        }
    }

    #[test]
    fn no_version_moves_to_one_and_back() {
        let moved = moved_version(None);
        assert_eq!(moved.to_string(), "0.0.0-isyswasfa");
        assert!(is_moved(&moved));
        assert_eq!(original_version(&moved), None);
    }

    #[test]
    fn only_the_last_identifier_counts() {
        for other in [
            "1.0.0-isyswasfa.1",
            "1.0.0-notisyswasfa",
            "1.0.0-rc.x-isyswasfa",
        ] {
            assert!(!is_moved(&Version::parse(other).unwrap()), "{other}");
        }
    }

    #[test]
    fn packages_move_with_their_versions() {
        for version in [None, Some(Version::new(1, 2, 3))] {
            let package = PackageName {
                namespace: "a".to_owned(),
                name: "b".to_owned(),
                version,
            };
            let moved = moved_package(&package);
            assert_ne!(moved, package);
            assert_eq!(original_package(&moved), package);
            assert_eq!(original_package(&package), package);
        }
    }
}
