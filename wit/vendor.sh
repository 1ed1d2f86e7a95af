#!/bin/sh
# Takes the WIT of WASI 0.2 and 0.3 out of the published crates that carry it, unchanged.
# Run it after changing a version below, and tell the version in `src/wasi.rs`, which embeds the files. The copies under `wasi/` are
# never edited by hand.
set -eu

wasi=0.13.0+wasi-0.2.0
wasip2=2.0.1+wasi-0.2.12
wasip3=0.10.0+wasi-0.3.2

here=$(cd "$(dirname "$0")" && pwd)
project=$(mktemp -d)
trap 'rm -rf "$project"' EXIT

mkdir "$project/src"
touch "$project/src/lib.rs"
cat > "$project/Cargo.toml" <<END
[package]
name = "vendor"
version = "0.0.0"
edition = "2024"

[dependencies]
wasi = "=${wasi%%+*}"
wasip2 = "=${wasip2%%+*}"
wasip3 = "=${wasip3%%+*}"

[workspace]
END

# take FOLDER CRATE VERSION FOLDER-IN-REPOSITORY
take() {
    manifest=$(cargo metadata --quiet --format-version 1 --manifest-path "$project/Cargo.toml" |
        tr ',' '\n' | sed -n "s|^\"manifest_path\":\"\(.*/$2-[^/]*/Cargo.toml\)\"\$|\1|p")
    source=$(dirname "$manifest")
    [ "$(basename "$source")" = "$2-$3" ] || {
        echo "expected the crate \`$2\` $3, found \`$source\`" >&2
        exit 2
    }
    to="$here/wasi/$1"
    rm -rf "$to"
    mkdir -p "$to"
    cp -R "$source/wit/." "$to"
    cp "$source/LICENSE-Apache-2.0_WITH_LLVM-exception" "$to/LICENSE"
    commit=$(tr ',' '\n' < "$source/.cargo_vcs_info.json" | sed -n 's/.*"sha1": *"\([0-9a-f]*\)".*/\1/p')
    cat > "$to/PROVENANCE" <<END
The WIT files here are those of the crate \`$2\` $3, folder \`wit\`, unchanged.
Repository: https://github.com/bytecodealliance/wasi-rs, commit $commit, folder \`$4\`.
Licence: Apache-2.0 WITH LLVM-exception (or Apache-2.0, or MIT); the text is in \`LICENSE\`.
Copied by \`wit/vendor.sh\`.
END
}

take 0.2.0 wasi "$wasi" .
take 0.2 wasip2 "$wasip2" crates/wasip2
take 0.3 wasip3 "$wasip3" crates/wasip3
