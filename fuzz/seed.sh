#!/usr/bin/env bash
# Makes first inputs of the fixtures, below fuzz/corpus. What a target takes before the text is written before it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

mkdir -p corpus/{decode,pipeline,gunzip,denial,policy,ledger}

# `input NAME`: a text for all three targets that read files.
input() {
    local text
    text=$(mktemp)
    cat >"$text"
    { printf '\x10'; cat "$text"; } >"corpus/decode/$1"
    { printf '\x01'; cat "$text"; } >"corpus/pipeline/$1"
    { printf '\0\0\0\0\0\0\0\x10'; gzip -nc "$text"; } >"corpus/gunzip/$1"
    { printf '\x01\x02\x06\0\0\0\0\x10'; cat "$text"; } >"corpus/gunzip/$1-text"
    rm "$text"
}

for story in ../fixtures/*/events.jsonl; do
    name=$(basename "$(dirname "$story")")
    serial=0
    while IFS= read -r one; do
        IFS= read -r other || true
        serial=$((serial + 1))
        printf '{"Records":[%s%s]}' "$one" "${other:+,$other}" | input "$name-$serial"
        sed -nE 's/.*"errorMessage":"((\\.|[^"\\])*)".*/\1/p' <<<"$one" | sed 's/\\"/"/g' >"corpus/denial/$name-$serial"
    done <"$story"
done
for file in ../fixtures/envelopes/*.{json,jsonl,txt}; do
    input "$(basename "$file")" <"$file"
done
serial=0
# The policy documents inside of requests.
while IFS= read -r policy; do
    serial=$((serial + 1))
    printf '\x01arn:aws:s3:::reports/a\n%b' "$(sed 's/\\"/"/g' <<<"$policy")" >"corpus/policy/$serial"
done < <(sed -nE 's/.*"policyDocument":"((\\.|[^"\\])*)".*/\1/p' ../fixtures/*/events.jsonl)
find corpus/denial -empty -delete
cp ../tests/it/data/grants/* corpus/ledger/
