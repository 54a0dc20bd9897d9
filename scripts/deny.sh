#!/usr/bin/env bash
# Checks the dependencies of the app and of its build tool (scripts/cargo-leptos) with cargo-deny:
#
#   scripts/deny.sh
#
# Licences, duplicates and sources need no network. Known vulnerabilities are looked up in the RustSec advisory
# database, which is fetched. Where it can't be fetched, the copy of an earlier run is used; without one the check
# can't be done, and a line that begins with "note: " says so. $FRESHKEY_ADVISORIES names a copy (a git repository)
# to use instead of the network.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

database=https://github.com/RustSec/advisory-db
copies=${CARGO_HOME:-$HOME/.cargo}/advisory-dbs
tool=(--manifest-path scripts/cargo-leptos/Cargo.toml)

if [[ ${FRESHKEY_ADVISORIES:-} ]]; then
    export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="url.file://$FRESHKEY_ADVISORIES.insteadOf" GIT_CONFIG_VALUE_0=$database
fi

# Prints the day of the newest advisory in a local copy; fails if there is none.
newest() {
    local copy
    for copy in "$copies"/advisory-db-*; do
        if git -C "$copy" log -1 --format=%cs 2>/dev/null; then return; fi
    done
    return 1
}

cargo deny --locked check --hide-inclusion-graph bans licenses sources
cargo deny --locked "${tool[@]}" check sources

# On a network that drops packets git would wait for minutes.
limit=()
if command -v timeout >/dev/null; then limit=(timeout 120); fi

advisories=(--locked)
if ! refusal=$(${limit[@]+"${limit[@]}"} cargo deny fetch db 2>&1); then
    printf '%s\n' "$refusal"
    if ! day=$(newest); then
        echo "note: known vulnerabilities not checked: $database can't be reached, and no copy is here"
        exit
    fi
    echo "note: known vulnerabilities checked against a copy of $day: $database can't be reached"
    advisories+=(--offline)
fi
cargo deny "${advisories[@]}" check --hide-inclusion-graph advisories
cargo deny "${advisories[@]}" "${tool[@]}" check --hide-inclusion-graph advisories
