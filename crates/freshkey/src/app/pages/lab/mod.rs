//! `/lab`: how the tokens work, shown live on throw-away sessions.
//!
//! A page for people who learn what tokens are, and for developers who want to see it before they
//! believe it. Whatever is drawn here has just happened on this server; what each part says in words
//! can be read without it.

mod anatomy;
mod cross_site;
mod flight;
mod limit;
mod parts;
mod theft;

use crate::app::{api::lab::terms, brand, components::Loading, types::lab::LabTerms, wire::load};
use anatomy::Anatomy;
use cross_site::CrossSite;
use flight::OneRefresh;
use leptos::prelude::*;
use limit::RateLimit;
use theft::Theft;

const CONTENTS: [(&str, &str); 5] = [
    ("#anatomy", "A token, taken apart"),
    ("#one-refresh", "One refresh for many calls"),
    ("#theft", "A stolen token"),
    ("#cross-site", "Requests from other sites"),
    ("#rate-limit", "A limit that refills"),
];

/// The page.
#[component]
pub fn Lab() -> impl IntoView {
    brand::set_title("How it works");
    let terms = load(|| (), |()| terms());
    view! {
        <section class="page-head">
            <h1>"See how it works"</h1>
            <p class="lead">
                "Five things about tokens, shown live: with real requests to this server, in throw-away sessions \
                 that open nothing and are gone after ten minutes. Your own sign-in is not touched."
            </p>
            <noscript>
                <p class="notice">
                    "The live parts need WebAssembly, which is switched off. What they show is explained all the same."
                </p>
            </noscript>
        </section>
        <nav class="lab-contents" aria-label="On this page">
            <ol>
                {CONTENTS.map(|(to, name)| view! { <li><a href=to rel="external">{name}</a></li> }).collect_view()}
            </ol>
        </nav>
        // Made while the page is taken over as well: something small.
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                let terms = terms.await;
                let off = terms.as_ref().is_ok_and(|terms| !terms.live);
                let terms = terms.ok().filter(|terms| terms.live);
                view! {
                    {off.then(|| view! { <Off /> })}
                    <Parts terms />
                }
            })}
        </Transition>
    }
}

#[component]
fn Off() -> impl IntoView {
    view! {
        <p class="notice">
            "The live parts are switched off on this server. Its operator can switch them on with "
            <code>"FRESHKEY_LAB=on"</code> "."
        </p>
    }
}

#[component]
fn Parts(terms: Option<LabTerms>) -> impl IntoView {
    view! {
        <Anatomy live=terms.is_some() />
        <OneRefresh live=terms.is_some() />
        <Theft terms />
        <CrossSite live=terms.is_some() />
        <RateLimit terms />
    }
}

#[cfg(test)]
mod tests {
    use super::parts::Code;
    use std::{fs, path::Path};

    /// What is shown as our code is our code.
    #[test]
    fn every_excerpt_stands_in_its_file() {
        let lines = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
        for Code { file, text } in
            [super::anatomy::CODE, super::flight::CODE, super::theft::CODE, super::cross_site::CODE, super::limit::CODE]
        {
            let source =
                fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file)).expect("the file");
            assert!(lines(&source).contains(&lines(text)), "{file}");
        }
    }
}
