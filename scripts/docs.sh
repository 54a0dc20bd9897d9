#!/usr/bin/env bash
# Makes the documentation site, target/docs, from the README, the changelog and docs/, in the order of docs/SUMMARY.md.
#
# The pages are also read in the repository, so they link to its files. The site has a copy of each linked file, as text;
# links to folders become plain text.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
book=target/docs-source
pages=$book/src

# mirror PAGE: copies the files that a page links to, and adjusts the links.
mirror() {
    local page=$1 folder link copy
    folder=$(dirname "${page#"$pages/"}")
    { grep -oE '\]\([^):#]+[)#]' "$page" || true; } | sed -E 's,^..(.*).$,\1,' | sort -u | while read -r link; do
        if [[ -e $pages/$folder/$link && ! -d $pages/$folder/$link ]]; then
            continue
        elif [[ -d $folder/$link ]]; then
            edit "$page" "s,\[([^]]*)\]\($link\),\1,g"
        else
            copy=${link%.md}.txt # mdBook treats .md files as its own pages
            mkdir -p "$pages/$folder/$(dirname "$link")"
            cp "$folder/$link" "$pages/$folder/$copy"
            edit "$page" "s,\]\($link\),]($copy),g"
        fi
    done
}

# edit FILE EXPRESSION: like `sed -i`, whose syntax differs between systems.
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
