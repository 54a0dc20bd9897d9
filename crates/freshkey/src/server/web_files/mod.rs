//! The names of the web files. A release build puts a hash in each name, so that browsers can cache them for ever. The
//! server reads the hashes from the folder at its start; if the folder holds several builds, the file that cargo-leptos
//! writes beside the program says which.

mod folder;

pub use folder::{Missing, answer, find};

use leptos::prelude::*;
use leptos_meta::Link;
use std::{
    cmp::Reverse,
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The build's name for the file that says which page needs which parts.
const SPLIT_MANIFEST: &str = "__wasm_split_manifest";
/// The build's name for the script that fetches the parts.
const SPLIT_LOADER: &str = "__wasm_split";
/// The extensions of the files that every page loads.
const MAIN: [&str; 3] = ["js", "wasm", "css"];
/// The file with the hashes of a build, beside its program; cargo-leptos chose the name.
const HASH_FILE: &str = "hash.txt";

/// The paths of the web files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebFiles {
    /// The script that loads the client.
    pub js: String,
    /// The script that fetches the client's parts, if the client is split.
    pub split: Option<String>,
    /// The client.
    pub wasm: String,
    /// The style sheet.
    pub css: String,
}

/// The web files, and whether their names carry hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteFiles {
    /// The paths that the page names.
    pub paths: WebFiles,
    /// Whether a file never changes under its name.
    pub hashed: bool,
    /// The code of pages that have files of their own.
    pub parts: PageParts,
}

/// The paths of the files with a page's code, by the part's name in the app's `lazy_pages!`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageParts(Arc<HashMap<String, Vec<String>>>);

/// Lets the browser fetch the code of the page that is being rendered at once, and not only when the client finds that
/// it needs it.
pub fn preload_page(page: &str) {
    let Some(PageParts(parts)) = use_context() else { return };
    for path in parts.get(page).into_iter().flatten() {
        // The component renders into the document's head, not here.
        let _ = view! {
            <Link rel="preload" href=path.clone() as_="fetch" type_="application/wasm" crossorigin="anonymous"
                fetchpriority="low" />
        }
        .to_html();
    }
}

/// The hashes of a build's files: `js: <hash>`, a line for each kind.
#[derive(Clone, Debug, Default)]
pub struct Hashes(HashMap<String, String>);

impl Hashes {
    /// Reads the hashes of the running program; none for a build without hashes.
    pub fn of_this_program() -> Self {
        let file = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join(HASH_FILE)));
        file.and_then(|file| fs::read_to_string(file).ok()).map_or_else(Self::default, |text| Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let lines = text.lines().filter_map(|line| line.split_once(": "));
        Self(lines.map(|(kind, hash)| (kind.trim().to_owned(), hash.trim().to_owned())).collect())
    }
}

/// The file names in the folder, the newest first.
struct Names<'a> {
    names: Vec<String>,
    hashes: &'a Hashes,
}

impl<'a> Names<'a> {
    fn read(pkg: &Path, hashes: &'a Hashes) -> Self {
        let entries = fs::read_dir(pkg).into_iter().flatten().filter_map(Result::ok);
        let written = |entry: &fs::DirEntry| entry.metadata().and_then(|data| data.modified()).ok();
        let mut names: Vec<_> = entries
            .filter_map(|entry| Some((Reverse(written(&entry)), entry.file_name().into_string().ok()?)))
            .collect();
        names.sort();
        let names = names.into_iter().map(|(_, name)| name).collect();
        Self { names, hashes }
    }

    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|file| file == name)
    }

    /// Returns the file of that kind that this build names.
    fn own(&self, kind: &str, name: &str, extension: &str) -> Option<String> {
        self.hashes.0.get(kind).map(|hash| format!("{name}.{hash}.{extension}"))
    }

    /// Returns the same; if the build names none, the newest.
    fn hashed(&self, kind: &str, name: &str, extension: &str) -> Option<String> {
        let own = self.own(kind, name, extension).filter(|own| self.has(own));
        own.or_else(|| hashed_name(&self.names, name, extension))
    }

    /// Returns a file of this build that is missing while others are there.
    fn missing(&self, name: &str) -> Option<String> {
        let own: Vec<_> = MAIN.iter().filter_map(|kind| self.own(kind, name, kind)).collect();
        let is_here = own.iter().any(|own| self.has(own));
        own.into_iter().find(|own| is_here && !self.has(own))
    }
}

impl SiteFiles {
    /// Finds the files in `pkg` below the site root: `name.js`, or `name.<hash>.js` if there is one. None if a file is
    /// missing that every page loads.
    ///
    /// # Errors
    /// A file is missing that only some pages load, or a file of this build while others of it are there.
    pub fn find(site_root: &Path, name: &str, build: &Hashes) -> Result<Option<Self>, PathBuf> {
        let pkg = site_root.join("pkg");
        let names = Names::read(&pkg, build);
        if let Some(missing) = names.missing(name) {
            return Err(pkg.join(missing));
        }
        let find = |extension: &str| names.hashed(extension, name, extension);
        let path = |extension: &str| {
            let plain = || Some(format!("{name}.{extension}")).filter(|plain| names.has(plain));
            Some(format!("/pkg/{}", find(extension).or_else(plain)?))
        };
        let hashed = MAIN.into_iter().all(|extension| find(extension).is_some());
        let (Some(js), Some(wasm), Some(css)) = (path("js"), path("wasm"), path("css")) else { return Ok(None) };
        let split = names.hashed("split", SPLIT_LOADER, "js").map(|file| format!("/pkg/{file}"));
        let parts = match names.hashed("manifest", SPLIT_MANIFEST, "json").map(|manifest| pkg.join(manifest)) {
            // Beside the files of a development build, it may be left over from another build.
            Some(manifest) if hashed => PageParts::read(&manifest).ok_or(manifest)?,
            _ => PageParts::default(),
        };
        if let Some(missing) = parts.files().find(|part| !names.has(part)) {
            return Err(pkg.join(missing));
        }
        Ok(Some(Self { paths: WebFiles { js, split, wasm, css }, hashed, parts }))
    }
}

impl PageParts {
    /// Reads the build's list; none if it can't be read.
    fn read(manifest: &Path) -> Option<Self> {
        Self::parse(&fs::read(manifest).ok()?)
    }

    /// Parses `{"reports": ["chunk_5.hash", …], …}`.
    fn parse(manifest: &[u8]) -> Option<Self> {
        let parts: HashMap<String, Vec<String>> = serde_json::from_slice(manifest).ok()?;
        let paths = |files: Vec<String>| files.iter().map(|file| format!("/pkg/{file}.wasm")).collect();
        Some(Self(Arc::new(parts.into_iter().map(|(page, files)| (page, paths(files))).collect())))
    }

    /// Returns the names of the files.
    fn files(&self) -> impl Iterator<Item = &str> {
        self.0.values().flatten().filter_map(|path| path.strip_prefix("/pkg/"))
    }
}

fn hashed_name(names: &[String], name: &str, extension: &str) -> Option<String> {
    let hash = |file: &str| {
        let hash = file.strip_prefix(name)?.strip_prefix('.')?.strip_suffix(extension)?.strip_suffix('.')?;
        let plain = !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        plain.then_some(())
    };
    names.iter().find(|file| hash(file).is_some()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_names_are_found_and_plain_ones_are_the_fallback() {
        let site = tempfile::tempdir().expect("a folder");
        let find = || SiteFiles::find(site.path(), "freshkey", &Hashes::default());
        assert_eq!(find(), Ok(None));
        let pkg = site.path().join("pkg");
        fs::create_dir(&pkg).expect("made");
        for file in ["freshkey.js", "freshkey.css"] {
            fs::write(pkg.join(file), "").expect("written");
        }
        assert_eq!(find(), Ok(None), "half of the files are none");
        fs::write(pkg.join("freshkey.wasm"), "").expect("written");
        let plain = find().expect("whole").expect("there");
        assert_eq!((plain.paths.js.as_str(), plain.hashed), ("/pkg/freshkey.js", false));
        for file in ["freshkey.Ab_1-x.js", "freshkey.Ab_1-x.js.br", "freshkey.zz.wasm", "freshkey.q.css", "other.a.js"]
        {
            fs::write(pkg.join(file), "").expect("written");
        }
        let hashed = find().expect("whole").expect("there");
        assert_eq!(hashed.paths.js, "/pkg/freshkey.Ab_1-x.js");
        assert_eq!(hashed.paths.wasm, "/pkg/freshkey.zz.wasm");
        assert!(hashed.hashed);

        let manifest = pkg.join("__wasm_split_manifest.m.json");
        fs::write(&manifest, "half of it").expect("written");
        assert_eq!(find(), Err(manifest.clone()), "unreadable");
        fs::write(&manifest, r#"{"reports":["chunk_5.a-B"]}"#).expect("written");
        let part = pkg.join("chunk_5.a-B.wasm");
        assert_eq!(find(), Err(part.clone()), "missing");
        fs::write(&part, "").expect("written");
        assert!(find().expect("whole").is_some());
    }

    /// During an update both releases have all files, so that either of them has what a page asks for.
    #[test]
    fn of_two_builds_in_one_folder_each_program_takes_its_own() {
        let site = tempfile::tempdir().expect("a folder");
        let pkg = site.path().join("pkg");
        fs::create_dir(&pkg).expect("made");
        for build in ["one", "two"] {
            for kind in ["js", "wasm", "css"] {
                fs::write(pkg.join(format!("freshkey.{build}.{kind}")), "").expect("written");
            }
            fs::write(pkg.join(format!("__wasm_split.{build}.js")), "").expect("written");
            fs::write(pkg.join(format!("chunk_5.{build}.wasm")), "").expect("written");
            let manifest = format!(r#"{{"reports":["chunk_5.{build}"]}}"#);
            fs::write(pkg.join(format!("__wasm_split_manifest.{build}.json")), manifest).expect("written");
        }
        for build in ["one", "two"] {
            let said = ["js", "wasm", "css", "manifest", "split"].map(|kind| format!("{kind}: {build}\n")).concat();
            let found = SiteFiles::find(site.path(), "freshkey", &Hashes::parse(&said)).expect("whole").expect("there");
            let WebFiles { js, split, wasm, css } = found.paths;
            let names = [js, split.expect("split"), wasm, css, found.parts.0["reports"].concat()];
            assert!(names.iter().all(|name| name.contains(&format!(".{build}."))), "{names:?}");
        }
        let cut_short = Hashes::parse("js: one\nwasm: gone\ncss: one\n");
        let missing = pkg.join("freshkey.gone.wasm");
        assert_eq!(SiteFiles::find(site.path(), "freshkey", &cut_short), Err(missing), "not another build's");
        // A build whose files are all gone is not looked for.
        let gone = Hashes::parse("js: gone\nwasm: gone\ncss: gone\n");
        assert!(SiteFiles::find(site.path(), "freshkey", &gone).expect("whole").is_some());
    }

    #[test]
    fn the_parts_of_a_page_are_where_the_build_says() {
        let manifest = r#"{"reports":["chunk_5.a-B","split_reports.c_D"]}"#;
        let PageParts(parts) = PageParts::parse(manifest.as_bytes()).expect("a manifest");
        assert_eq!(parts["reports"], ["/pkg/chunk_5.a-B.wasm", "/pkg/split_reports.c_D.wasm"]);
        assert_eq!(PageParts::parse(b"no JSON"), None);
    }
}
