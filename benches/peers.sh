#!/usr/bin/env bash
# The same job on the same files by jq, Python with orjson, DuckDB, and `trailwright scan`, which does more: count the
# events of each principal, source, name, error and first resource. Beside them the floor of floor.sh. Tools take
# turns; the table has medians. The peers are slow: name a folder with part of an archive.
set -euo pipefail

if [ $# -lt 1 ] || [ $# -gt 3 ] || [ ! -d "$1" ]; then
    echo "usage: benches/peers.sh DIR [RUNS] [THREADS]" >&2
    exit 2
fi
here=$(dirname "${BASH_SOURCE[0]}")
runs=${2:-3}
packages='orjson==3.13.0 duckdb==2.0.1'
venv=${TMPDIR:-/tmp}/trailwright-peers-$UID
# What the commands below use.
export DIR=$1 THREADS=${3:-1} TRAILWRIGHT=${TRAILWRIGHT:-$here/../target/release/trailwright}
export PEERS=$here/peers PYTHON=$venv/bin/python

fail() {
    echo "error: $1" >&2
    exit 1
}
missing=''
need() {
    command -v "$1" >/dev/null || missing+=" $1 ($2)"
}
need jq "package jq"
need zcat "package gzip"
need libdeflate-gunzip "package libdeflate-tools"
need python3 "package python3"
need "$TRAILWRIGHT" "cargo build --release, or name the binary in TRAILWRIGHT"
[ -z "$missing" ] || fail "missing:$missing"
[ -n "$(find "$DIR" -name '*.gz' -print -quit)" ] || fail "no .gz file in $DIR"

[ -x "$PYTHON" ] || python3 -m venv "$venv" || fail "python3 cannot make $venv (package python3-venv)"
[ -O "$venv" ] || fail "$venv belongs to somebody else; set TMPDIR"
# shellcheck disable=SC2086 # one word a package
"$PYTHON" -m pip --disable-pip-version-check install --quiet --only-binary=:all: $packages ||
    fail "pip cannot install $packages into $venv"

# Uncounted: the faster way if these files allow it, see duckdb_count.py.
export FORMAT=newline_delimited
"$PYTHON" "$PEERS/duckdb_count.py" "$DIR" "$THREADS" "$FORMAT" >/dev/null 2>&1 || FORMAT=unstructured

echo "$(jq --version), $("$PYTHON" --version), $packages (format $FORMAT), threads $THREADS"

# shellcheck disable=SC2016 # measure.py's shell expands them
python3 -I -S "$here/measure.py" --against trailwright --against floor "$runs" \
    trailwright '"$TRAILWRIGHT" scan --quiet --threads "$THREADS" "$DIR"' \
    floor 'find "$DIR" -name "*.gz" -print0 | xargs -0 libdeflate-gunzip -c >/dev/null' \
    jq 'find "$DIR" -name "*.gz" -print0 | xargs -0 zcat | jq -r -f "$PEERS/count.jq" | awk -f "$PEERS/count.awk"' \
    orjson '"$PYTHON" "$PEERS/orjson_count.py" "$DIR"' \
    duckdb '"$PYTHON" "$PEERS/duckdb_count.py" "$DIR" "$THREADS" "$FORMAT"'
