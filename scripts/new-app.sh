#!/usr/bin/env bash
# Makes a new app: the starter's files under the app's name, built on the library in crates/.
#
#   scripts/new-app.sh NAME DIR
#
# NAME is the name of the package and the program; the title shown to users begins with a capital. DIR is a new or empty
# folder outside this one. The app depends on the library in this checkout or, with FRESHKEY=git GIT=<address>
# TAG=<tag>, on a release of it. Files that do not come from the starter are in scripts/new-app.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
templates=$root/scripts/new-app

die() { printf '%s\n' "new-app: $*." >&2 && exit 1; }

# Names that Rust, Cargo or Windows reserve.
reserved=" abstract alloc as async await become box break build con const continue core crate deps do dyn else enum
 examples extern false final fn for gen if impl in incremental let loop macro main match mod move mut nul override priv
 proc_macro prn aux pub ref return self site starter static std struct super target test trait true try type typeof
 unsafe unsized use virtual where while yield "

check_name() {
    [[ $name ]] || die "say NAME, for example NAME=shop"
    [[ $name =~ ^[a-z][a-z0-9_-]*$ ]] || die "\"$name\" is no name: small letters, digits, - and _, and a letter first"
    ((${#name} <= 64)) || die "the name is too long"
    [[ ${reserved//$'\n'/ } != *" $crate "* ]] || die "the name \"$name\" is taken by Rust or Cargo"
    # Cargo accepts two packages of the same name, but a program can't depend on both.
    [[ $(tr - _ <"$root/Cargo.lock" | grep -cx "name = \"$crate\"") == 0 ]] || die "the name \"$name\" is a library's that the app uses"
}

check_folder() {
    [[ $folder ]] || die "say DIR, for example DIR=../shop"
    [[ ! -e $folder || -d $folder ]] || die "$folder is a file"
    [[ -z $(ls -A "$folder" 2>/dev/null) ]] || die "$folder is not empty"
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    # Cargo would merge the settings of the parent folders, which are ours.
    [[ $folder/ != "$root"/* ]] || { rmdir "$folder"; die "DIR has to be outside of this folder"; }
}

check_source() {
    [[ $kind == path || $kind == git ]] || die "FRESHKEY is path or git"
    [[ $kind == path || (${GIT:-} && ${TAG:-}) ]] || die "with FRESHKEY=git say GIT=<address> and TAG=<tag>, too"
    [[ ${GIT:-}${TAG:-} != *[\"\\\|\&[:space:]]* ]] || die "GIT and TAG are an address and a tag, without quotes and spaces"
}

# Prints how the app depends on the library's crates, with "CRATE" for the name of each.
dependency() {
    case $kind in
        path) printf 'path = "%s/CRATE"' "$(relative "$folder" "$root/crates")" ;;
        git) printf 'git = "%s", tag = "%s"' "$GIT" "$TAG" ;;
    esac
}

# relative FROM TO: prints the path from the folder FROM to TO; both are absolute.
relative() {
    local from=$1 up='' down
    until [[ $2/ == "$from"/* ]]; do from=${from%/*} up+=../; done
    down=${2#"$from"}
    printf '%s\n' "$up${down#/}"
}

# template FILE…: copies files of scripts/new-app, with the app's names filled in.
template() {
    local file
    for file; do
        sed -e "s|@NAME@|$name|g; s|@TITLE@|$title|g; s|@SOURCE@|$source|g; s|@UPDATE@|$update|g; s|@GUIDE@|$guide|g" "$templates/$file" >"$app/$file"
    done
}

# Copies the style sheets: tokens.css and the sample's belong to the app, all others become one file.
styles() {
    local sheet
    mkdir "$app/style"
    cp "$root/style/tokens.css" "$app/style"
    {
        echo "/* The looks of Freshkey's pages, of its version $version. What comes after it in main.css wins. */"
        sed -n 's/^@import "\(.*\)";/\1/p' "$root/style/main.css" | while IFS= read -r sheet; do
            case $sheet in tokens.css | notes.css) ;; *) echo && cat "$root/style/$sheet" ;; esac
        done
    } >"$app/style/freshkey.css"
    {
        printf '@import "tokens.css";\n@import "freshkey.css";\n\n'
        cat "$root/style/notes.css"
    } >"$app/style/main.css"
}

# Copies the sources, with the app's names in place of the starter's.
sources() {
    local file
    cp -R "$root/src" "$root/migrations" "$app"
    cp "$root/build.rs" "$root/rustfmt.toml" "$root/Cargo.lock" "$app"
    mkdir "$app/public"
    cp "$root/public/favicon.svg" "$app/public"
    edit "$app/Cargo.lock" "s|^name = \"starter\"\$|name = \"$name\"|"
    grep -rlE '\bstarter::' "$app/src" | while IFS= read -r file; do edit "$file" "s|starter::|$crate::|g"; done
    edit "$app/src/brand.rs" "s|^    name: \".*\",|    name: \"$title\",|; s|^    what: \".*\",|    what: \"Built on Freshkey\",|
        s|^    description: \".*\",|    description: \"$title, built on Freshkey.\",|"
    mkdir "$app/.cargo"
    sed "s|^LEPTOS_OUTPUT_NAME = \"[^\"]*\"|LEPTOS_OUTPUT_NAME = \"$name\"|" "$root/.cargo/config.toml" >"$app/.cargo/config.toml"
}

edit() { sed "$2" "$1" >"$app/.edited" && cat "$app/.edited" >"$1" && rm "$app/.edited"; }

manifest() {
    local used
    used=$(grep -rhoE '\b[a-z0-9_]+::' "$root/src" | sort -u | tr -d '\n')
    awk -v name="$name" -v title="$title" -v library="$library" -v used="::$used" -f "$templates/manifest.awk" \
        "$root/Cargo.toml" "$root/Cargo.toml" >"$app/Cargo.toml"
}

name=${1:-} folder=${2:-} kind=${FRESHKEY:-path}
crate=${name//-/_}
title=${name//[-_]/ } title=$(tr '[:lower:]' '[:upper:]' <<<"${title:0:1}")${title:1}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -n1)
check_name
check_source
check_folder
library=$(dependency)
case $kind in
    path)
        source="the checkout that this app was made from" update="\`git pull\` in Freshkey's checkout"
        guide="[docs/extending.md]($(relative "$folder" "$root/docs/extending.md"))"
        ;;
    git)
        source="a release of $GIT" update="Set the new tag in \`Cargo.toml\`, in each line that has it, then \`cargo update -p freshkey\`"
        guide="docs/extending.md of $GIT"
        ;;
esac

# Built in a temporary folder, so that DIR gets a complete app or nothing.
app=$(mktemp -d)
trap 'rm -rf "$app"' EXIT
sources
styles
manifest
mkdir "$app/end2end"
template Makefile README.md end2end/package.json end2end/package-lock.json end2end/playwright.config.ts end2end/app.spec.ts
cp "$root/.gitignore" "$app"
cp -R "$app/." "$folder"
# The lock file is the library's: removes what the app does not use. If this fails offline, the first build does it.
(cd "$folder" && cargo update --workspace --offline >/dev/null 2>&1) || true

echo "$title is in $folder: $(find "$folder" -type f | wc -l | tr -d ' ') files. Next:"
echo
echo "  cd $folder"
echo "  make run"
