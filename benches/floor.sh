#!/usr/bin/env bash
# How far `trailwright scan` is from the floor: whole-process CPU against libdeflate-gunzip inflating the very
# same files. Runs alternate; the ratios are medians over the pairs. Warm cache: each runs once uncounted.
set -euo pipefail

if [ $# -lt 1 ] || [ $# -gt 3 ] || [ ! -d "$1" ]; then
    echo "usage: benches/floor.sh DIR [RUNS] [THREADS]" >&2
    exit 2
fi
here=$(dirname "${BASH_SOURCE[0]}")
runs=${2:-5}
# What the commands below use.
export DIR=$1 THREADS=${3:-1} TRAILWRIGHT=${TRAILWRIGHT:-$here/../target/release/trailwright}

fail() {
    echo "error: $1" >&2
    exit 1
}
command -v libdeflate-gunzip >/dev/null ||
    fail "libdeflate-gunzip is missing; it is in the package libdeflate-tools (apt-get install libdeflate-tools)"
command -v python3 >/dev/null || fail "python3 is missing; it takes the measurements"
command -v "$TRAILWRIGHT" >/dev/null ||
    fail "$TRAILWRIGHT is missing; run cargo build --release, or name the binary in TRAILWRIGHT"
[ -n "$(find "$DIR" -name '*.gz' -print -quit)" ] || fail "no .gz file in $DIR"

# shellcheck disable=SC2016 # measure.py's shell expands them
python3 -I -S "$here/measure.py" --spread --against floor "$runs" \
    floor 'find "$DIR" -name "*.gz" -print0 | xargs -0 libdeflate-gunzip -c >/dev/null' \
    scan '"$TRAILWRIGHT" scan --quiet --threads "$THREADS" "$DIR"'
