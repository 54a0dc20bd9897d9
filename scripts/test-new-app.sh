#!/usr/bin/env bash
# Makes an app as `make new-app` does, signs in to it, then updates the library: a fix, a migration, a part of a page and
# a call. The app must get them without a change to its own files, and the session must survive.
#
# The app is built on a copy of this folder in target/new-app, and shares target with this folder, so that common
# dependencies are built once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

place=$PWD/target/new-app
library=$place/freshkey app=$place/shop
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target} CARGO_NET_OFFLINE=true
program=$CARGO_TARGET_DIR/debug/shop
begun=$SECONDS server='' origin=''

die() { printf '%s\n' "test-new-app: $*." >&2 && exit 1; }

stop() {
    [[ $server ]] || return 0
    kill "$server" 2>/dev/null || true
    wait "$server" || die "the server did not end well: $(cat "$place/log")"
    server=''
}
end() {
    [[ -z $server ]] || kill "$server" 2>/dev/null || true
    rm -rf "$place/data"
}
trap end EXIT
trap 'exit 130' INT TERM

# Copies the files that would be committed now.
copy_library() {
    local file
    rm -rf "$library" && mkdir -p "$library"
    git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
        if [[ -e $file ]]; then printf '%s\0' "$file"; fi
    done | tar --null -T - -cf - | tar -xf - -C "$library"
    # Cargo compares times, and the files changed by an earlier run's update are newer than these copies.
    touch "$library"/crates/freshkey/src/app/{pages,api}/*.rs
}

refuses() {
    ! "$library/scripts/new-app.sh" "$@" >/dev/null 2>&1 || die "an app could be made with: $*"
}

make_app() {
    local name
    for name in '' Shop 1shop 'a b' a/b -shop fn std test starter freshkey leptos proc-macro; do refuses "$name" "$app"; done
    refuses shop "$library"
    refuses shop "$library/shop"
    [[ ! -e $app ]] || die "a refused app left something behind"

    FRESHKEY=git GIT=https://example.com/freshkey.git TAG=v9.9.9 "$library/scripts/new-app.sh" my-shop "$app" >/dev/null
    has 'freshkey = { git = "https://example.com/freshkey.git", tag = "v9.9.9", ' "no git dependency" <"$app/Cargo.toml"
    has 'freshkey-lab = { git = "https://example.com/freshkey.git", tag = "v9.9.9", ' "the lab is another release" <"$app/Cargo.toml"
    has 'name: "My shop"' "the name is not on the pages" <"$app/src/brand.rs"
    has 'my_shop::freshkey' "the crate has another name" <"$app/src/main.rs"
    has 'output-name = "my-shop"' "the web files have another name" <"$app/Cargo.toml"
    has 'LEPTOS_OUTPUT_NAME = "my-shop"' "the server looks for other web files" <"$app/.cargo/config.toml"
    rm -rf "$app"

    "$library/scripts/new-app.sh" shop "$app"
    files=$(find "$app" -type f | wc -l)
    ((files <= 40)) || die "the app owns $files files, which is more than 40"
    if grep -rnE '@[A-Z]+@|starter::' "$app" --include='*' --exclude-dir=public; then die "a name was not filled in"; fi
    refuses shop "$app"
}

# This name is compiled into Leptos: with the app's name, Cargo would rebuild everything on Leptos, now and afterwards.
export LEPTOS_OUTPUT_NAME=freshkey

# in_app COMMAND [OPTION…]: runs cargo in the app's folder.
in_app() {
    # Cargo adds the flags of parent folders, such as this repository; flags from the environment override both.
    (cd "$app" && RUSTFLAGS=$(sed -n 's/^rustflags = \[\(.*\)\]$/\1/p' .cargo/config.toml | tr -d '",') cargo "$@")
}

# Prints a checksum of each file that belongs to the app's author.
sums() { (cd "$app" && find . -type f -exec cksum {} + | sort); }

start() {
    : >"$place/out" # otherwise the previous server's line would be read
    LEPTOS_SITE_ROOT=crates/freshkey/tests/server/site LEPTOS_SITE_ADDR=127.0.0.1:0 FRESHKEY_DATA_DIR=$place/data RUST_LOG=error \
        "$program" >"$place/out" 2>"$place/log" &
    server=$!
    for _ in {1..300}; do
        origin=$(grep -o 'http://localhost:[0-9]*' "$place/out") && return
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    die "the server does not start: $(cat "$place/log")"
}

# ask STATUS PATH [OPTION OF curl…]: prints the response; fails unless it has this status.
ask() {
    local status=$1 path=$2 got; shift 2
    got=$(curl -sS --max-time 20 -b "$place/cookies" -c "$place/cookies" -o "$place/answer" -w '%{http_code}' "$@" "$origin$path") || die "$path is not answered"
    [[ $got == "$status" ]] || die "$path answers $got instead of $status: $(head -c 500 "$place/answer")"
    cat "$place/answer"
}

field() { sed -nE "s/.*\"$1\":\"([^\"]*)\".*/\1/p"; }
has() { grep -F -- "$1" >/dev/null || die "$2"; }

# holds SQL MESSAGE: fails with MESSAGE unless the query returns true.
holds() {
    python3 - "$place/data/freshkey.db" "$1" <<'PY' || die "$2"
import sqlite3, sys
sys.exit(0 if sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0] else 1)
PY
}

old_sentence="Page not found" new_sentence="This page does not exist"

# Makes the next release of the library. The app does not name anything from it.
update_library() {
    local crate=$library/crates/freshkey
    local components=$crate/src/app/components
    grep -qF "$old_sentence" "$components/not_found.rs" || die "the sentence to fix is gone: choose another"
    edit "$components/not_found.rs" "s|$old_sentence|$new_sentence|; s|<a class|<super::news::News /> &|"
    edit "$components/mod.rs" 's|^mod not_found;|mod news;\n&|'
    cat >"$components/news.rs" <<'RS'
//! News.

use leptos::prelude::*;

/// A part of a page that the release before did not have.
#[component]
pub fn News() -> impl IntoView {
    view! { <p>"New in this release."</p> }
}
RS
    edit "$crate/src/app/api/mod.rs" 's|^pub mod me;|&\npub mod news;|'
    cat >"$crate/src/app/api/news.rs" <<'RS'
//! News.

use super::protocol::{Get, Public};
use crate::app::error::ApiError;
use leptos::prelude::*;

/// A call that the release before did not have.
///
/// # Errors
/// None of its own.
#[server(prefix = "/api", endpoint = "news", protocol = Get<Public>)]
pub async fn news() -> Result<String, ApiError> {
    Ok("a new call".to_owned())
}
RS
    echo "ALTER TABLE users ADD COLUMN new_in_release TEXT NOT NULL DEFAULT 'yes';" >"$(dirname "$(find "$library/crates" -name 0001_begin.sql)")/9001_new_in_release.sql"
}

edit() {
    sed "$2" "$1" >"$place/edited"
    ! cmp -s "$place/edited" "$1" || die "nothing to change in $1"
    cat "$place/edited" >"$1"
}

rm -rf "$app" "$place/data" "$place/cookies"
copy_library
make_app
in_app build --quiet --bin shop
before=$(sums) built=$((SECONDS - begun))

start
ask 404 /nothing | has "$old_sentence" "the page for an unknown address is another one"
ask 404 /api/news >/dev/null
ask 200 / | has "Shop" "the front page does not name the app"
demo='{"email": "demo@example.com", "password": "try-freshkey"}'
token=$(ask 200 /api/login --json "$demo" | field access_token)
ask 200 /api/me -H "Authorization: Bearer $token" | has '"demo@example.com"' "/api/me does not know who asks"
ask 200 /api/notes -H "Authorization: Bearer $token" >/dev/null
holds "SELECT count(*) = 0 FROM _freshkey_migrations WHERE version = 9001" "the migration has run before it is there"
stop

update_library
in_app build --quiet --bin shop
[[ $(sums) == "$before" ]] || die "the update changed the app: $(diff <(echo "$before") <(sums))"
start
ask 404 /nothing >"$place/page"
has "$new_sentence" "the fix has not arrived" <"$place/page"
has "New in this release." "the new part of the page has not arrived" <"$place/page"
ask 200 /api/news | has "a new call" "the new call has not arrived"
holds "SELECT count(*) FROM users WHERE new_in_release = 'yes'" "the migration has not run"
holds "SELECT count(*) FROM _freshkey_migrations WHERE version = 9001" "the migration is not recorded"
holds "SELECT count(*) FROM _app_migrations WHERE version = 1" "the app's own migrations are not recorded"
token=$(ask 200 /api/refresh-token -X POST | field access_token)
ask 200 /api/me -H "Authorization: Bearer $token" | has '"demo@example.com"' "the session did not go on"
stop
# Checks the client too, which compiles other code than the server.
in_app check --quiet --lib --target wasm32-unknown-unknown --no-default-features --features hydrate \
    --target-dir "$CARGO_TARGET_DIR/front"

echo "An app of $files files: built in $built s, updated without a changed line, its session went on. $((SECONDS - begun)) s in all."
