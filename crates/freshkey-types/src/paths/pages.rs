//! Which addresses are pages of this site, and how they lead to one another.

use super::{
    ADMIN, API, APP, FORGOT, LOGIN, LOGIN_CODE, LOGIN_ENROL, LOGIN_KEEP, LOGIN_SECOND_FACTOR, REGISTER_CONFIRM,
    REGISTER_FINISH, RESET, SECURE,
};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// Paths that are not pages: calls, web files, keys, health.
const NO_PAGES: [&str; 5] = [API, "/pkg", "/.well-known", "/livez", "/readyz"];

/// Whether the page at `path` requires a signed-in user.
pub fn is_protected(path: &str) -> bool {
    is_below(path, APP)
}

/// Whether the page at `path` is a step of a flow; such a page shows an address.
pub fn is_step(path: &str) -> bool {
    [REGISTER_CONFIRM, REGISTER_FINISH, LOGIN_CODE, LOGIN_SECOND_FACTOR, LOGIN_KEEP, LOGIN_ENROL, FORGOT, RESET, SECURE]
        .contains(&path)
}

/// Returns the page of the account with this id, for administrators.
pub fn account(id: &str) -> String {
    format!("{ADMIN}/users/{}", encode(id))
}

/// Returns the page of accounts that match `q`, or of all if it is empty: the newest, or those before the account
/// with the id `before`.
pub fn accounts(q: &str, before: Option<&str>) -> String {
    let fields = [("q", Some(q).filter(|q| !q.is_empty())), ("before", before)];
    let query: Vec<String> =
        fields.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", encode(value?)))).collect();
    if query.is_empty() { ADMIN.to_owned() } else { format!("{ADMIN}?{}", query.join("&")) }
}

/// The maximum length of a page's address, in bytes. Proxies accept a request line of 8 KiB, with method and version.
const PAGE_BYTES: usize = 8000;
/// The maximum encoded length of a page in another page's query, in bytes. The other address has to fit as well, with
/// an error appended, and in a `Referer` with the origin before it.
const NEXT_BYTES: usize = 7600;

/// The characters to encode in an address, besides those that are not ASCII.
const INVISIBLE: &AsciiSet = &CONTROLS.add(b' ');
/// The characters to encode in a query value.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns `next` if it is a page of this site, so that a link can't send users elsewhere after they sign in (OWASP
/// ASVS 3.7.2). Characters that can't be in an address are encoded.
///
/// A page is an absolute path: one slash, then anything but a second slash or a backslash (browsers read `/\host` as
/// `//host`), no control character, no `.` or `..` segment (which browsers resolve), no file, and no address for
/// programs.
pub fn page(next: &str) -> Option<String> {
    let rest = next.strip_prefix('/')?;
    let path = next.split(['?', '#']).next().unwrap_or(next);
    let unclean = rest.starts_with('/') || path.contains('\\') || next.chars().any(char::is_control);
    let resolved = path
        .split('/')
        .any(|part| matches!(part.to_ascii_lowercase().as_str(), "." | ".." | "%2e" | ".%2e" | "%2e." | "%2e%2e"));
    let no_page = NO_PAGES.iter().any(|folder| is_below(path, folder));
    // Web files next to the pages: `/favicon.svg`.
    let file = path.rfind('/') == Some(0) && path.contains('.');
    if unclean || resolved || no_page || file {
        return None;
    }
    let page = utf8_percent_encode(next, INVISIBLE).to_string();
    (page.len() <= PAGE_BYTES).then_some(page)
}

/// Returns the sign-in page that leads to `next` afterwards.
pub fn login_with_next(next: &str) -> String {
    with_next(LOGIN, next)
}

/// Returns the page at `path` that leads to `next` afterwards.
pub fn with_next(path: &str, next: &str) -> String {
    next_value(next).map_or_else(|| path.to_owned(), |next| format!("{path}?next={next}"))
}

/// Encodes a page as the value of `next` in a query. If it is too long, its own query is dropped; `None` if it is
/// still too long, or is not a page.
pub fn next_value(next: &str) -> Option<String> {
    let fitting = |next: &str| Some(encode(&page(next)?)).filter(|value| value.len() <= NEXT_BYTES);
    fitting(next).or_else(|| fitting(next.split(['?', '#']).next()?))
}

/// Adds the code of the form's error to the page's query.
pub fn with_error(page: &str, code: &str) -> String {
    let page = page.split('#').next().unwrap_or(page);
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    let others = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("error="));
    let error = format!("error={code}");
    format!("{path}?{}", others.chain([error.as_str()]).collect::<Vec<_>>().join("&"))
}

/// Percent-encodes a query value, except for RFC 3986's unreserved characters.
pub fn encode(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_site_are_next() {
        for good in ["/", "/app", "/app/sessions?page=2#top", "/api-docs", "/app/v1..2?a=../b", r"/app?a=C:\b//"] {
            assert_eq!(page(good).as_deref(), Some(good));
        }
        for (typed, address) in [
            ("/app?q=ä b", "/app?q=%C3%A4%20b"),
            ("/app?q=%20%26%2B%C3%A4", "/app?q=%20%26%2B%C3%A4"),
            ("/ü#ß", "/%C3%BC#%C3%9F"),
        ] {
            assert_eq!(page(typed).as_deref(), Some(address));
        }
        for bad in [
            "",
            "app",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/a\\b",
            "/a\nb",
            "/api/logout",
            "/api",
            "/app/../api/logout",
            "/./api/me",
            "/%2e%2E/api",
            "/..//evil.example",
            "/\t/evil.example",
            "/a?b\u{85}c",
            "/livez",
            "/pkg/freshkey.js",
            "/favicon.svg",
            "/robots.txt?a=1",
        ] {
            assert_eq!(page(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn protected_is_a_folder_not_a_prefix() {
        assert!(is_protected("/app") && is_protected("/app/sessions"));
        assert!(!is_protected("/apples") && !is_protected("/"));
    }

    #[test]
    fn a_search_is_a_link() {
        assert_eq!(accounts("", None), "/app/admin");
        assert_eq!(accounts("50% & more", Some("7")), "/app/admin?q=50%25%20%26%20more&before=7");
        assert_eq!(accounts("", Some("7")), "/app/admin?before=7");
    }

    #[test]
    fn an_error_stands_once_in_the_address() {
        assert_eq!(with_error("/app", "A"), "/app?error=A");
        assert_eq!(with_error("/app?edit=1&error=B#there", "A"), "/app?edit=1&error=A");
    }

    #[test]
    fn a_query_value_is_encoded() {
        assert_eq!(login_with_next("/app?a=1"), "/login?next=%2Fapp%3Fa%3D1");
        assert_eq!(login_with_next("/app/../login?a=1"), LOGIN);
        assert_eq!(login_with_next(&format!("/app?{}#there", "a=".repeat(2000))), "/login?next=%2Fapp");
        assert_eq!(login_with_next(&format!("/app/{}", "ä".repeat(2000))), LOGIN);
    }
}
