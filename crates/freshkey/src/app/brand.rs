//! The name and the mark of the app that is built on Freshkey: the app says them once.

use super::seam;
use leptos::prelude::*;

/// An app's name and mark. Headers, titles, the document's head, the OpenAPI description and the rule that no
/// password is made of the site's name use it.
#[derive(Clone, Copy, Debug)]
pub struct Brand {
    /// The name, in the header, in titles and in what the server prints.
    pub name: &'static str,
    /// What the app is, in a few words: the footer has them.
    pub what: &'static str,
    /// What the app is, in a sentence, for search engines.
    pub description: &'static str,
    /// The mark beside the name, in the colour of the text that it stands in.
    pub mark: fn() -> AnyView,
}

impl Brand {
    /// The app's, from the context.
    pub fn get_context() -> Self {
        expect_context()
    }
}

/// Names the window after a page, in the HTML and in the browser. A page does it first of all.
pub fn set_title(page: &str) {
    let name = Brand::get_context().name;
    seam::set_title(&format!("{page} · {name}"));
}
