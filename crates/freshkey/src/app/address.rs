//! The page's address: reading its query, and opening another page by its exact address.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate, use_url},
};

/// Returns the value of `name` in the query of the page's address.
///
/// It does not use the router's `use_query_map`, which percent-decodes a value twice: `50%2525` would become `50%`,
/// and a page in `next` would lose its own query.
pub fn use_query_value(name: &'static str) -> Memo<Option<String>> {
    let search = use_location().search;
    Memo::new(move |_| search.with(|search| in_query(search, name)))
}

/// Returns the first value of `name` in a query (without its `?`), decoded once.
pub fn in_query(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// Opens a page once an answer has come. If the page that asked is gone by then, the user is elsewhere and stays
/// there.
#[derive(Clone, Copy)]
pub struct Opening(RwSignal<Option<String>>);

impl Opening {
    /// Opens the page with this path, query and fragment; `None` if that is no longer known.
    pub fn to(self, page: impl Into<Option<String>>) {
        self.0.set(page.into());
    }

    /// Whether a page is being opened, or this page is gone; tracked.
    pub fn has_begun(self) -> bool {
        self.0.try_with(Option::is_none) != Some(true)
    }
}

/// Opens the next page as a new history entry. In the browser only.
pub fn use_open() -> Opening {
    use_opening(false)
}

/// Opens the next page in place of the current history entry. In the browser only.
pub fn use_open_instead() -> Opening {
    use_opening(true)
}

/// Navigates by a full URL with the origin, because the router takes a bare path as relative and drops slashes at its
/// end, even in a query.
fn use_opening(replace: bool) -> Opening {
    let (opens, navigate, url) = (RwSignal::new(None::<String>), use_navigate(), use_url());
    Effect::new(move |_| {
        if let Some(page) = opens.get() {
            let address = untrack(|| url.with(|url| format!("{}{page}", url.origin())));
            navigate(&address, NavigateOptions { replace, ..NavigateOptions::default() });
        }
    });
    Opening(opens)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_decoded_once() {
        for (query, value) in [
            ("next=%2Fapp%3Fq%3Da%2520b", "/app?q=a%20b"),
            ("a=1&next=%2Fapp%3Fq%3D%2526%252B%2523", "/app?q=%26%2B%23"),
            ("next=50%2525", "50%25"),
            ("next=a+b%2Bc", "a b+c"),
            ("next=%C3%A4", "ä"),
            ("next=100%", "100%"),
            ("next=1&next=2", "1"),
        ] {
            assert_eq!(in_query(query, "next").as_deref(), Some(value), "{query}");
        }
        assert_eq!(in_query("nextt=1&q=next", "next"), None);
    }
}
