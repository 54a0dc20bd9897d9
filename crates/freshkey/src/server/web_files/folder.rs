//! Finds the folder of the web files, and answers with one of them.

use super::{Hashes, SiteFiles};
use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, StatusCode, header::ALLOW};
use std::{
    future::Future,
    io,
    path::{Path, PathBuf},
};
use tower_http::services::ServeDir;

/// The extensions of web files. Anything else that was left in the folder, a copy of the database say, is never served
/// (OWASP ASVS 13.4.7).
const KINDS: [&str; 22] = [
    "avif",
    "css",
    "gif",
    "html",
    "ico",
    "jpeg",
    "jpg",
    "js",
    "json",
    "map",
    "mjs",
    "mp4",
    "pdf",
    "png",
    "svg",
    "txt",
    "wasm",
    "webm",
    "webmanifest",
    "webp",
    "woff2",
    "xml",
];

/// Why the web files can't be served.
#[derive(Debug, thiserror::Error)]
pub enum Missing {
    /// None of these folders has the web files.
    #[error("can't find the web files in {}; LEPTOS_SITE_ROOT names their folder", listed(.0))]
    All(Vec<PathBuf>),
    /// The folder has web files, but this one is missing or can't be read.
    #[error("the web file {} is missing or can't be read: copy the whole folder of the build", .0.display())]
    File(PathBuf),
}

fn listed(folders: &[PathBuf]) -> String {
    folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(" or ")
}

/// Finds the folder of the web files: the named one, or else the one beside the program, so that the program runs from
/// any working folder.
///
/// # Errors
/// See [`Missing`].
pub fn find(named: &Path, name: &str) -> Result<(PathBuf, SiteFiles), Missing> {
    let mut folders = vec![std::path::absolute(named).unwrap_or_else(|_| named.to_owned())];
    let program = std::env::current_exe().ok();
    let beside = program.as_deref().and_then(Path::parent);
    // `freshkey` and `site` in one folder; or, as the build leaves them, `release/freshkey` and `site`.
    folders.extend(beside.into_iter().chain(beside.and_then(Path::parent)).map(|folder| folder.join("site")));
    let hashes = Hashes::of_this_program();
    for folder in &folders {
        if let Some(files) = SiteFiles::find(folder, name, &hashes).map_err(Missing::File)? {
            return Ok((folder.clone(), files));
        }
    }
    Err(Missing::All(folders))
}

/// Returns the web file that a request names; none if there is no such file. A file answers GET, and so HEAD, and
/// nothing else.
///
/// # Errors
/// The file exists but can't be read.
pub fn answer(folder: &Path, request: &Request) -> impl Future<Output = io::Result<Option<Response>>> + Send + use<> {
    let served = is_plain(request.uri().path()) && is_web_file(request.uri().path());
    let reads = request.method() == Method::GET;
    let mut wanted = Request::new(Body::empty());
    *wanted.method_mut() = if reads { Method::GET } else { Method::HEAD };
    *wanted.uri_mut() = request.uri().clone();
    wanted.headers_mut().clone_from(request.headers());
    let mut files =
        ServeDir::new(folder).append_index_html_on_directories(false).precompressed_gzip().precompressed_br();
    async move {
        if !served {
            return Ok(None);
        }
        let found = files.try_call(wanted).await?;
        Ok(match found.status() {
            StatusCode::NOT_FOUND => None,
            _ if reads => Some(found.map(Body::new)),
            _ => {
                let allow = (ALLOW, HeaderValue::from_static("GET,HEAD"));
                Some((StatusCode::METHOD_NOT_ALLOWED, [allow]).into_response())
            }
        })
    }
}

fn is_web_file(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, kind)| KINDS.contains(&kind))
}

/// Whether the path is a file's plain path: without empty parts, and without unnecessary escapes. The library would
/// find a file by many names; our checks of paths know only one.
fn is_plain(path: &str) -> bool {
    let needs_none = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/\\".contains(&byte) || byte.is_ascii_control();
    let mut octets = path.match_indices('%').map(|(at, _)| path.get(at..at + 3).unwrap_or_default());
    let byte = |octet: &str| octet.get(1..).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    let escaped = octets.all(|octet| byte(octet).is_some_and(|byte| !needs_none(byte)));
    escaped && !path.contains("//") && !path.ends_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_web_files_are_served() {
        let folder = tempfile::tempdir().expect("a folder");
        let get = async |name: &str| {
            std::fs::write(folder.path().join(name), "text").expect("written");
            let request = Request::get(format!("/{name}")).body(Body::empty()).expect("a request");
            answer(folder.path(), &request).await.expect("readable").is_some()
        };
        for file in ["robots.txt", "a.b.js", "photo.jpeg", "app.webmanifest"] {
            assert!(get(file).await, "{file}");
        }
        for other in ["dump", "dump.sql", "freshkey.db", "index.php", "app.js.bak", "app.js~", "secret.PEM", "x."] {
            assert!(!get(other).await, "{other}");
        }
    }

    #[test]
    fn a_file_has_one_path() {
        for plain in ["/favicon.svg", "/pkg/freshkey.a-b_c.js", "/my%20file.pdf", "/%C3%A4.txt"] {
            assert!(is_plain(plain), "{plain}");
        }
        for other in [
            "/favicon.svg/",
            "//favicon.svg",
            "/pkg//freshkey.js",
            "/pkg%2ffreshkey.js",
            "/pkg%5Cfreshkey.js",
            "/%66avicon.svg",
            "/favicon%2Esvg",
            "/favicon.svg%00",
            "/favicon.svg%",
            "/favicon.svg%zz",
        ] {
            assert!(!is_plain(other), "{other}");
        }
    }
}
