//! The names of the web files. A release build has a hash in each, so that they can be cached
//! for ever; which, is read off the folder at the start.

use crate::app::shell::WebFiles;
use leptos::prelude::use_context;
use std::{fs, path::Path};

/// The files, and whether their names carry hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteFiles {
    /// What the page names.
    pub paths: WebFiles,
    /// Whether they never change under their names.
    pub hashed: bool,
}

/// The paths, for the page that is being rendered.
pub fn page_files() -> WebFiles {
    use_context().unwrap_or_default()
}

impl SiteFiles {
    /// The files in `pkg` below the site root: `name.js`, or `name.<hash>.js` where there is one.
    pub fn find(site_root: &Path, name: &str) -> Self {
        let names: Vec<String> = fs::read_dir(site_root.join("pkg"))
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        let find = |extension: &str| hashed_name(&names, name, extension);
        let path =
            |extension: &str| format!("/pkg/{}", find(extension).unwrap_or_else(|| format!("{name}.{extension}")));
        let hashed = ["js", "wasm", "css"].into_iter().all(|extension| find(extension).is_some());
        Self { paths: WebFiles { js: path("js"), wasm: path("wasm"), css: path("css") }, hashed }
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
        let plain = SiteFiles::find(site.path(), "freshkey");
        assert_eq!((plain.paths.js.as_str(), plain.hashed), ("/pkg/freshkey.js", false));
        let pkg = site.path().join("pkg");
        fs::create_dir(&pkg).expect("made");
        for file in ["freshkey.Ab_1-x.js", "freshkey.Ab_1-x.js.br", "freshkey.zz.wasm", "freshkey.q.css", "other.a.js"]
        {
            fs::write(pkg.join(file), "").expect("written");
        }
        let hashed = SiteFiles::find(site.path(), "freshkey");
        assert_eq!(hashed.paths.js, "/pkg/freshkey.Ab_1-x.js");
        assert_eq!(hashed.paths.wasm, "/pkg/freshkey.zz.wasm");
        assert!(hashed.hashed);
    }
}
