#!/usr/bin/env bash
# Starts the real server and tests it with Schemathesis against its /api/openapi.json, with described and undescribed
# requests: as a guest, as a user, as an administrator. Every response must match the description.
#
#   scripts/openapi.sh [OPTION OF `schemathesis run`…]
#
# scripts/setup.sh installs Schemathesis and names it in $FRESHKEY_SCHEMATHESIS.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=$(mktemp -d)
server=
stop() {
    [[ -z $server ]] || kill "$server" 2>/dev/null || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM

cargo build --quiet --bin freshkey
program=${CARGO_TARGET_DIR:-target}/debug/freshkey
export FRESHKEY_DATA_DIR=$folder/data

LEPTOS_SITE_ROOT=crates/freshkey/tests/server/site LEPTOS_SITE_ADDR=127.0.0.1:0 FRESHKEY_ACCESS_TTL=1h RUST_LOG=error \
    FRESHKEY_RATE_LIMIT=off FRESHKEY_SESSION_RATE_LIMIT=off FRESHKEY_LOGIN_RATE_LIMIT=off \
    FRESHKEY_MAIL_RATE_LIMIT=off \
    "$program" >"$folder/out" 2>"$folder/log" &
server=$!
until grep -q 'http://localhost:' "$folder/out"; do
    kill -0 "$server" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
    sleep 0.1
done
origin=$(grep -o 'http://localhost:[0-9]*' "$folder/out")

# sign_in ADDRESS [OPTION…]: makes an account, signs in, and prints the headers for its calls.
sign_in() {
    local address=$1 password; shift
    password=$("$program" users create "$address" --generate --json "$@" | field password)
    curl -sS "$origin/api/login" --json "{\"email\": \"$address\", \"password\": \"$password\"}" >"$folder/session"
    printf '%s\n' "Authorization: Bearer $(field access_token <"$folder/session")" \
        "X-CSRF-Token: $(field csrf_token <"$folder/session")"
}

# Prints the text of a field of a JSON object.
field() { "$(dirname "$FRESHKEY_SCHEMATHESIS")/python" -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }

failed=0
check() {
    echo "== $1"; shift
    "$FRESHKEY_SCHEMATHESIS" --config-file crates/freshkey/tests/openapi/schemathesis.toml run "$origin/api/openapi.json" \
        --url "$origin" "$@" || failed=1
}

# Calls that would end the session that all other calls need.
ends=(--exclude-path /api/logout --exclude-path /api/logout-all --exclude-path /api/profile/delete)
check "nobody" "$@"
for who in user "user --admin"; do
    read -r name options <<<"$who"
    mapfile -t headers < <(sign_in "${name}${options:+-admin}@example.com" $options)
    check "$who" -H "${headers[0]}" -H "${headers[1]}" "${ends[@]}" "$@"
done

if [[ -s $folder/log ]]; then
    echo "The server had something to say:"
    cat "$folder/log"
    failed=1
fi
exit "$failed"
