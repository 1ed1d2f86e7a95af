#!/bin/sh
# Derives the WIT of WASI 0.2.0, which every 0.2 host has, from that of the newest 0.2 in `wit/wasi/0.2`:
# leaves out what is marked as newer, and renames the version. Run it after `wit/vendor.sh`.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
from="$here/../../wit/wasi/0.2/deps"
rm -rf "$here/deps"
mkdir "$here/deps"
for file in "$from"/*.wit; do
    # `@since(version = 0.2.N)`, N not 0: the item behind it is a single line in every case there is.
    # `field-name` is such an item, an alias of `field-key`.
    sed -e '/@since(version = 0\.2\.[1-9][0-9]*)/,/;$/d' \
        -e 's/0\.2\.[1-9][0-9]*/0.2.0/g' \
        -e 's/field-name\([^:]\)/field-key\1/g' "$file" > "$here/deps/$(basename "$file")"
done
