#!/usr/bin/env bash
# Deploys the program as deploy/nginx.conf and docs/deployment.md say: nginx with TLS, two instances, Postgres and Redis
# (scripts/with-services.sh). Then test users sign in, forge headers, and work on while another release is rolled out
# and back, and the root secret is replaced.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=${CARGO_TARGET_DIR:-target}/debug/freshkey
folder=$(mktemp -d)
passed=0

die() { printf '%s\n' "test-deploy: $*." >&2; [[ ! -e $folder/error.log ]] || tail -n 20 "$folder/error.log" >&2; exit 1; }
passes() { passed=$((passed + 1)); printf '%s\n' "ok: $*"; }

end() {
    touch "$folder/stop"
    local pid
    for pid in "$folder"/*.pid; do if [[ -e $pid ]]; then kill "$(cat "$pid")" 2>/dev/null || true; fi; done
    wait || true
    rm -rf "$folder"
}
trap end EXIT
trap 'exit 130' INT TERM

ports=$(scripts/free-ports.sh 4)
read -r one two http https <<<"$ports"
origin=https://localhost:$https
database=$FRESHKEY_TEST_POSTGRES/postgres
# The release that the next start runs: release.1 or release.2.
release=1
# The secrets for the steps in docs/operations.md, "Replacing the root secret".
old=$(openssl rand -base64 32) new=$(openssl rand -base64 32)
secret=$old previous=''

# instance start|stop|restart PORT
instance() {
    local pid=$folder/$2.pid
    if [[ $1 != start ]]; then
        kill -TERM "$(cat "$pid")"
        while kill -0 "$(cat "$pid")" 2>/dev/null; do sleep 0.05; done
    fi
    [[ $1 != stop ]] || return 0
    env LEPTOS_SITE_ADDR="127.0.0.1:$2" LEPTOS_SITE_ROOT="$folder/release.$release/site" FRESHKEY_ORIGIN="$origin" \
        FRESHKEY_DATA_DIR="$folder/data" FRESHKEY_TRUSTED_PROXIES=127.0.0.1 FRESHKEY_RATE_LIMIT=20/1m \
        FRESHKEY_SESSION_RATE_LIMIT=off FRESHKEY_REFRESH_GRACE=500ms FRESHKEY_MAIL=none FRESHKEY_SECRET="$secret" FRESHKEY_SECRET_PREVIOUS="$previous" \
        DATABASE_URL="$database" REDIS_URL="$FRESHKEY_TEST_REDIS" \
        "$folder/release.$release/freshkey" >>"$folder/$2.out" 2>>"$folder/$2.log" &
    echo $! >"$pid"
    for _ in {1..300}; do
        if LEPTOS_SITE_ADDR="127.0.0.1:$2" "$program" ready >/dev/null 2>&1; then return; fi
        kill -0 "$(cat "$pid")" 2>/dev/null || break
        sleep 0.1
    done
    die "the instance on port $2 does not start: $(cat "$folder/$2.log")"
}

# place TEXT OTHER: replaces TEXT in the shipped nginx.conf by OTHER, a value of this machine.
place() {
    grep -qF -- "$1" "$folder/freshkey.conf" || die "deploy/nginx.conf has no \"$1\""
    sed -i "s|$1|$2|g" "$folder/freshkey.conf"
}

start_nginx() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -keyout "$folder/key.pem" -out "$folder/cert.pem" 2>/dev/null
    cp deploy/nginx.conf "$folder/freshkey.conf"
    place /run/freshkey- "$folder/freshkey-"
    place 3001 "$one"
    place 3002 "$two"
    place "listen 80;" "listen 127.0.0.1:$http;"
    place "listen 443 ssl" "listen 127.0.0.1:$https ssl"
    place example.com localhost
    place /etc/letsencrypt/live/localhost/fullchain.pem "$folder/cert.pem"
    place /etc/letsencrypt/live/localhost/privkey.pem "$folder/key.pem"
    sed -i '/listen \[::\]/d' "$folder/freshkey.conf" # not every machine has IPv6
    {
        ((EUID != 0)) || echo "user root;"
        echo "worker_processes 2; pid $folder/nginx.pid; error_log $folder/error.log;"
        echo "events { worker_connections 512; }"
        echo "http { access_log off; include $folder/freshkey.conf;"
        for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $folder/$kind;"; done
        echo "}"
    } >"$folder/nginx.conf"
    nginx -c "$folder/nginx.conf" -e "$folder/error.log" || die "nginx does not take deploy/nginx.conf"
}

# ask NAME PATH [OPTION OF curl…]: prints the status; stores the body, the head and the cookies in files called NAME.
ask() {
    local name=$folder/$1 path=$2; shift 2
    curl -sS --max-time 20 --cacert "$folder/cert.pem" -b "$name.cookies" -c "$name.cookies" -o "$name.answer" -D "$name.head" \
        -w '%{http_code}' "$@" "$origin$path"
}
# expect STATUS NAME PATH [OPTION…]
expect() {
    local status=$1 got; shift
    got=$(ask "$@") || die "$2 is not answered"
    [[ $got == "$status" ]] || die "$2 answers $got instead of $status: $(head -c 500 "$folder/$1.answer")"
}
field() { sed -nE "s/.*\"$2\":\"([^\"]*)\".*/\1/p" "$folder/$1.answer"; }
head_has() { grep -qi -- "$2" "$folder/$1.head" || die "no $2 in $(cat "$folder/$1.head")"; }

account() { printf '{"email": "%s@example.com", "password": "a quiet brown horse"}' "$1"; }

signs_in() {
    expect 201 ada /api/register --json "$(account ada)"
    head_has ada '^set-cookie: __Host-refresh=.*HttpOnly.*SameSite=Strict.*Secure'
    [[ $(head -n1 "$folder/ada.head") == HTTP/2* ]] || die "no HTTP/2"
    [[ $(grep -ci '^strict-transport-security:' "$folder/ada.head") == 1 ]] || die "HSTS is not there once"
    expect 200 ada /app
    grep -q 'ada@example.com' "$folder/ada.answer" || die "the page is not rendered for who is signed in"
    expect 200 ada /api/refresh-token -X POST
    expect 200 ada /api/protected -H "Authorization: Bearer $(field ada access_token)"
    expect 403 ada /api/refresh-token -X POST -H 'Origin: https://example.org'
    expect 200 ada /pkg/freshkey.of1.css
    passes "sign-in, page, refresh and protected call through TLS"
    [[ $(curl -sS -o /dev/null -w '%{http_code} %{redirect_url}' "http://localhost:$http/app?a=b") == "308 https://localhost/app?a=b" ]] ||
        die "http is not led to https"
    passes "http is led to https"
}

# Makes two releases with different names of web files. share_files gives both the files of both (docs/deployment.md).
make_releases() {
    local at kind pkg
    for at in 1 2; do
        pkg=$folder/release.$at/site/pkg
        mkdir -p "$pkg"
        cp "$program" "$folder/release.$at"
        for kind in js wasm css; do
            echo "$kind: of$at" >>"$folder/release.$at/hash.txt"
            echo "/* $at */" >"$pkg/freshkey.of$at.$kind"
        done
        echo "/* $at */" >"$pkg/alone.$at.css"
    done
}
share_files() { cp -Rn "$folder/release.$1/site/pkg/." "$folder/release.$2/site/pkg"; }

# Runs before the files are shared.
file_of_one_instance() {
    release=2 instance restart "$two"
    for _ in {1..4}; do
        for at in 1 2; do expect 200 ada "/pkg/alone.$at.css"; done
    done
    expect 404 ada /pkg/nobodys.css
    release=1 instance restart "$two"
    passes "a file that one instance alone has is found"
}

# The server returns the input of a refused form in cookies.
large_heads() {
    local name size; name=$(head -c 4000 /dev/urandom | base64 -w0)
    expect 303 form /api/register -H 'Accept: text/html' -H "Origin: $origin" -H "Referer: $origin/register" \
        --data-urlencode 'email=nobody' --data-urlencode "name=$name" --data-urlencode 'password=x' --data-urlencode 'next=/app'
    size=$(wc -c <"$folder/form.head")
    ((size > 5000)) || die "the head is small: this test tests nothing"
    expect 200 form /register
    passes "nginx takes the head of a refused form, $size bytes"
}

addresses() {
    local forged at status=''
    forged=(-H 'X-Forwarded-For: 198.51.100.7' -H 'Forwarded: for=198.51.100.7')
    expect 201 eve /api/register --interface 127.0.0.9 "${forged[@]}" --json "$(account eve)"
    expect 200 eve /api/sessions --interface 127.0.0.9 "${forged[@]}" -H "Authorization: Bearer $(field eve access_token)"
    [[ $(field eve ip) == 127.0.0.9 ]] || die "the address of the client is taken for $(field eve ip)"
    passes "a forged X-Forwarded-For does not change the client's address"
    for at in {1..21}; do
        status=$(ask mallory /api/me --interface 127.0.0.10 -H "X-Forwarded-For: 198.51.100.$at" -H "Forwarded: for=198.51.100.$at")
    done
    [[ $status == 429 ]] || die "with forged addresses the limit is never reached: $status"
    expect 401 other /api/me --interface 127.0.0.11
    passes "each client has its own allowance, on both instances together"
}

# files_of NAME: prints the web files that the page names.
files_of() { grep -oE '/pkg/[A-Za-z0-9._-]+\.(js|css|wasm)' "$folder/$1.answer" | sort -u; }

# works NAME AT: registers, and works until told to stop, with a page open all the time. Records every wrong response in
# the file lost.
works() {
    local got token path expected open=''
    expect 201 "$1" /api/register --interface "127.0.1.$2" --json "$(account "$1")"
    until [[ -e $folder/stop ]]; do
        got=$(ask "$1" /api/refresh-token --interface "127.0.1.$2" -X POST || true)
        token=$(field "$1" access_token)
        got+=" $(ask "$1" /api/protected -H "Authorization: Bearer $token" || true)"
        got+=" $(ask "$1" /app || true)" expected="200 200 200"
        : "${open:=$(files_of "$1")}"
        for path in $(files_of "$1") $open; do
            got+=" $(ask "$1" "$path" || true)" expected+=" 200"
            echo "$path" >>"$folder/$1.files"
        done
        if [[ $got == "$expected" ]]; then echo "$got" >>"$folder/good"; else echo "$1: $got" >>"$folder/lost"; fi
    done
}

roll() {
    local before; before=$(wc -l <"$folder/good")
    DOWN=$folder/freshkey- RESTART="$folder/restart " deploy/roll.sh "$one" "$two" >/dev/null
    if compgen -G "$folder/*.down" >/dev/null; then die "an instance was left down"; fi
    (($(wc -l <"$folder/good") > before)) || die "nobody worked meanwhile"
}

# Waits until every test user has a new refresh token: 30 s at most.
everybody_rotates() {
    local name tries=0
    for name in bob kim lee; do cp "$folder/$name.cookies" "$folder/$name.before"; done
    for name in bob kim lee; do
        while [[ $(token_of "$name.cookies") == "$(token_of "$name.before")" ]]; do
            ((tries++ < 300)) || die "the refresh token of $name does not rotate"
            sleep 0.1
        done
    done
}
# Prints nothing while curl is rewriting the file.
token_of() { awk '$6 == "__Host-refresh" { token = $7 } END { print token }' "$folder/$1"; }

restarts() {
    local name at=1 workers=()
    : >"$folder/good"
    : >"$folder/lost"
    for name in bob kim lee; do
        works "$name" $((at++)) &
        workers+=($!)
    done
    # deploy/roll.sh needs a program to call, not a function.
    {
        echo '#!/usr/bin/env bash'
        echo 'set -euo pipefail'
        declare -p folder program origin database
        declare -f instance die
        echo 'source "$folder/next"; instance restart "$1"'
    } >"$folder/restart"
    chmod +x "$folder/restart"
    rolled 2 "$old" ''
    passes "a rolling update loses nothing"
    rolled 1 "$old" ''
    passes "rolling back loses nothing"
    rolled 1 "$old" "$new"
    rolled 1 "$new" "$old"
    everybody_rotates
    rolled 1 "$new" ''
    passes "replacing the root secret signs nobody out"
    touch "$folder/stop"
    wait "${workers[@]}"
    [[ ! -s $folder/lost ]] || die "$(wc -l <"$folder/lost") rounds were lost: $(head -n 5 "$folder/lost")"
    for name in bob kim lee; do
        for at in 1 2; do grep -q "\.of$at\." "$folder/$name.files" || die "$name saw no page of release $at"; done
    done
    passes "$(wc -w <"$folder/good") requests of three people meanwhile, none lost"
}

rolled() {
    release=$1 secret=$2 previous=$3
    declare -p release secret previous | sed 's/^declare --/declare -g/' >"$folder/next"
    roll
}

# Checks the other files with validators.
files() {
    local python=${FRESHKEY_SCHEMATHESIS:+${FRESHKEY_SCHEMATHESIS%/*}/python}
    for file in deploy/*.sh; do sh -n "$file"; done
    "${python:-python3}" - deploy/*.yaml <<'PY' || die "a file is not YAML"
import sys, yaml
for name in sys.argv[1:]:
    assert all(isinstance(part, dict) for part in yaml.safe_load_all(open(name))), name
PY
    passes "the YAML files can be read"
    if command -v systemd-analyze >/dev/null; then
        local root=$folder/root
        mkdir -p "$root/opt/freshkey/current/bin" "$root/bin" "$root/usr/bin" "$root/etc/systemd/system" "$root/lib/systemd"
        cp -R /lib/systemd/system "$root/lib/systemd"
        for file in opt/freshkey/current/bin/freshkey bin/sh usr/bin/find; do install -m 755 /dev/null "$root/$file"; done
        cp deploy/*.service deploy/*.timer "$root/etc/systemd/system"
        said=$(systemd-analyze verify --man=no --root="$root" freshkey@3001.service freshkey-backup.service freshkey-backup.timer 2>&1 |
            grep -F freshkey || true)
        [[ ! $said ]] || die "the units: $said"
        for file in deploy/*.service; do
            systemd-analyze security --offline=true --threshold=20 "$file" >/dev/null ||
                die "$file leaves more open than it did (systemd-analyze security)"
        done
        passes "systemd takes the units, and their exposure is below 2.0 of 10"
    else
        echo "note: skipped: the units, since there is no systemd-analyze."
    fi
}

files
make_releases
instance start "$one"
instance start "$two"
start_nginx
signs_in
file_of_one_instance
share_files 1 2
share_files 2 1
large_heads
addresses
restarts
echo "test result: ok. $passed passed; 0 failed"
