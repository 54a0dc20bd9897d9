# Makes an app's Cargo.toml of the starter's, which it reads twice: for the versions of the dependencies, and for
# the rest. `name` is the package's, `title` what people read, `library` how it depends on freshkey, `used` what its
# sources name: "::" before and after each.

# A dependency as the workspace has it, optional where `line` says so.
function dependency(crate, line,    value) {
    value = crate == "freshkey" ? "{ " library ", default-features = false }" : versions[crate]
    if (line !~ /optional = true/) return crate " = " value
    if (value ~ /^"/) return crate " = { version = " value ", optional = true }"
    sub(/ }$/, ", optional = true }", value)
    return crate " = " value
}

# Blank lines one at a time, and none before the first line.
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

section == "" { next } # what the starter's says of itself

# A workspace of its own, wherever the folder is.
$0 == "[workspace]" { put($0); put(""); next }

# What crates/ needs, and this repository's tests.
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

# How much an app documents is its author's affair. Tests may unwrap, and names may stand in comments: a file of its own
# would have to tell Clippy which.
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
