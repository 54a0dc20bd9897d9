# Makes an app's Cargo.toml from the starter's, which it reads twice: first for the versions of the dependencies, then
# for the rest. `name` is the package's name, `title` the name shown to users, `library` how the app depends on a crate
# of the library, with "CRATE" for its name, `used` the crates that its sources name, with "::" before and after each.

# Returns a dependency with the workspace's version, optional if it is optional in `line`.
function dependency(crate, line,    value) {
    value = versions[crate]
    if (crate ~ /^freshkey/) {
        value = "{ " library ", default-features = false }"
        sub(/\/CRATE"/, "/" crate "\"", value)
    }
    if (line !~ /optional = true/) return crate " = " value
    if (value ~ /^"/) return crate " = { version = " value ", optional = true }"
    sub(/ }$/, ", optional = true }", value)
    return crate " = " value
}

# Prints a line; collapses runs of blank lines, and prints none before the first line.
function put(line) {
    if (line == "") { blank = written; return }
    if (blank) print ""
    print line
    blank = 0; written = 1
}

FNR == 1 { pass++; section = "" }
/^\[/ { section = $0 }

pass == 1 {
    if (section == "[workspace.dependencies]" && match($0, /^[A-Za-z0-9_-]+ = /)) {
        versions[$1] = substr($0, RLENGTH + 1)
        sub(/[ \t]+#[^"]*$/, "", versions[$1])
    }
    next
}

section == "" { next } # the starter's own header

# Makes the app a workspace of its own, wherever its folder is.
$0 == "[workspace]" { put($0); put(""); next }

# Leaves out what only crates/ and this repository's tests need.
section ~ /^\[workspace(\.dependencies)?\]$/ || section ~ /^\[\[(test|bench|example)\]\]$/ || section == "[lints]" { next }

section == "[package]" {
    if (/^name = /) $0 = "name = \"" name "\""
    if (/^version = /) $0 = "version = \"0.1.0\""
    if (/^description = /) $0 = "description = \"" title ", built on Freshkey.\""
    if (/^(default-run|license) = /) next
}
section == "[[bin]]" && /^name = / { $0 = "name = \"" name "\"" }
section == "[package.metadata.leptos]" && /^output-name = / { $0 = "output-name = \"" name "\"" }
section == "[package.metadata.leptos]" && /^bin-exe-name = / { $0 = "bin-exe-name = \"" name "\"" }

# Relaxes the lints: the author decides how much to document, tests may unwrap, and comments may name things without
# backticks (an exception list for Clippy would need another file).
section ~ /^\[workspace\.lints/ {
    sub(/^\[workspace\./, "[")
    if (/^(expect_used|missing_docs) = /) next
    if (/^unwrap_used = /) $0 = "doc_markdown = \"allow\"\nmissing_errors_doc = \"allow\""
}

section ~ /dependencies\]$/ && /workspace = true/ {
    crate = $1
    sub(/\.workspace$/, "", crate)
    path = crate
    gsub(/-/, "_", path)
    if (section ~ /dev-dependencies\]$/ && (crate in had || !index(used, ":" path "::"))) next
    had[crate] = 1
    $0 = dependency(crate, $0)
}

{ put($0) }
