#!/usr/bin/env bash
# Makes the documentation's site, target/docs, of the README, the changelog and docs/, in the order of docs/SUMMARY.md.
#
# The pages are read where they are, too, and so they link to files of the repository. The site has a copy of each such
# file, as text; of a folder it has the name.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
book=target/docs-source
pages=$book/src

# mirror PAGE: copies the files that a page links to, and mends the links.
mirror() {
    local page=$1 folder link copy
    folder=$(dirname "${page#"$pages/"}")
    { grep -oE '\]\([^):#]+[)#]' "$page" || true; } | sed -E 's,^..(.*).$,\1,' | sort -u | while read -r link; do
        if [[ -e $pages/$folder/$link && ! -d $pages/$folder/$link ]]; then
            continue
        elif [[ -d $folder/$link ]]; then
            edit "$page" "s,\[([^]]*)\]\($link\),\1,g"
        else
            copy=${link%.md}.txt # by .md mdBook knows its own pages
            mkdir -p "$pages/$folder/$(dirname "$link")"
            cp "$folder/$link" "$pages/$folder/$copy"
            edit "$page" "s,\]\($link\),]($copy),g"
        fi
    done
}

# edit FILE EXPRESSION, as `sed -i`, which is another one on every system.
edit() { sed -E "$2" "$1" >"$1.new" && mv "$1.new" "$1"; }

rm -rf "$book" target/docs
mkdir -p "$pages"
cp -R CHANGELOG.md docs "$pages"
cp README.md "$pages/index.md"
mv "$pages/docs/book.toml" "$pages/docs/theme" "$book"
mv "$pages/docs/SUMMARY.md" "$pages"
edit "$pages/SUMMARY.md" 's,\]\(,](docs/,; s,\(docs/\.\./,(,'
cp style/tokens.css public/favicon.svg "$book/theme"
find "$pages" -name '*.md' | while read -r page; do
    edit "$page" 's,\]\(((\.\./)*)README\.md,](\1index.md,'
    mirror "$page"
done

mdbook build "$book"
printf '%s\n' "The documentation: $PWD/target/docs/index.html"
