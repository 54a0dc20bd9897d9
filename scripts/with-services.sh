#!/usr/bin/env bash
# Runs a command with its own Postgres and Redis, which are removed afterwards, however the command ends:
#
#   scripts/with-services.sh COMMAND…
#
# The command finds them by FRESHKEY_TEST_POSTGRES (a URL without a database; its user may do everything)
# and FRESHKEY_TEST_REDIS. Data is not kept, so no write waits for the disk.
set -euo pipefail

die() { printf '%s\n' "with-services: $*." >&2 && exit 1; }
folder=$(mktemp -d)

# Postgres refuses to run as root.
as_owner=()
if ((EUID == 0)); then
    owner=postgres; id -u "$owner" >/dev/null 2>&1 || owner=nobody
    as_owner=(setpriv "--reuid=$owner" --regid="$(id -g "$owner")" --clear-groups)
    chown "$owner" "$folder"
fi

tool() {
    local found
    found=$(command -v "$1" || find /usr/lib/postgresql /opt/homebrew/opt /usr/local/opt -path "*/bin/$1" 2>/dev/null | sort -V | tail -n1)
    [[ -n $found ]] || die "$1 is missing (scripts/setup.sh test installs it)"
    printf '%s\n' "$found"
}

stop() {
    [[ -z ${redis:-} ]] || kill "$redis" 2>/dev/null || true
    [[ ! -e $folder/data/postmaster.pid ]] || "${as_owner[@]}" "$(tool pg_ctl)" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM

ports=$("$(dirname "${BASH_SOURCE[0]}")/free-ports.sh" 2)
read -r postgres_port redis_port <<<"$ports"
(
    cd "$folder"
    "${as_owner[@]}" "$(tool initdb)" -D "$folder/data" -U freshkey --auth=trust --encoding=UTF8 --no-locale --no-sync >"$folder/initdb.log" 2>&1 ||
        { cat "$folder/initdb.log" >&2; die "initdb failed"; }
    "${as_owner[@]}" "$(tool pg_ctl)" -D "$folder/data" -w -t 60 -l "$folder/data/log" start -o "-p $postgres_port \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c synchronous_commit=off \
        -c full_page_writes=off -c max_connections=400" >/dev/null || { cat "$folder/data/log" >&2; die "Postgres does not start"; }
)
"$(tool redis-server)" --port "$redis_port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" --daemonize no \
    >"$folder/redis.log" 2>&1 &
redis=$!
for _ in {1..100}; do
    if (: >"/dev/tcp/127.0.0.1/$redis_port") 2>/dev/null; then break; fi
    kill -0 "$redis" 2>/dev/null || { cat "$folder/redis.log" >&2; die "Redis does not start"; }
    sleep 0.1
done

export FRESHKEY_TEST_POSTGRES=postgres://freshkey@127.0.0.1:$postgres_port FRESHKEY_TEST_REDIS=redis://127.0.0.1:$redis_port
"$@"
