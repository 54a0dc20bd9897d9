//! `/lab`, "How it works": shows live how the tokens work, with throw-away sessions.
//!
//! The page is for people who want to learn about tokens, and for developers who want to see before they believe. At
//! first it shows what to expect, readable without a script; a press replaces that with what has just happened on
//! this server.

mod anatomy;
mod cross_site;
mod flight;
mod flight_drawing;
mod limit;
mod parts;
mod theft;

use crate::app::{api::terms, types::LabTerms};
use anatomy::Anatomy;
use cross_site::CrossSite;
use flight::OneRefresh;
use freshkey::app::{brand, components::Loading, wire::load};
use leptos::prelude::*;
use limit::RateLimit;
use parts::{Code, Part, fixed};
use theft::Theft;

const CONTENTS: [(&str, &str); 7] = [
    ("#tokens", "Two tokens"),
    ("#anatomy", "A token, taken apart"),
    ("#one-refresh", "Expiry and one refresh"),
    ("#theft", "Rotation and theft"),
    ("#csrf", "CSRF"),
    ("#refusals", "401, 403, 429"),
    ("#services", "Another service"),
];

/// The page.
#[component]
pub fn Lab() -> impl IntoView {
    brand::set_title("How it works");
    let terms = load(|| (), |()| terms());
    view! {
        <section class="page-head">
            <h1>"How it works"</h1>
            <p class="lead">
                "What keeps you signed in, and thieves out: shown live, with real requests to this server, in throw-away \
                 sessions that open nothing. Your own sign-in is not touched."
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
    let live = terms.is_some();
    view! {
        <Part id="tokens" title="Two tokens">{fixed(include_str!("text/tokens.html"))}</Part>
        {live.then(|| view! {
            <p class="lab-console">
                "Have the browser's console open? Its red lines about 401, 403 and 429 belong to this page: here calls are \
                 refused on purpose, and the browser notes each one."
            </p>
        })}
        <Anatomy live />
        <OneRefresh live />
        <Theft terms />
        <CrossSite live />
        <RateLimit terms />
        <Part id="services" title="Where another service comes in" code=VERIFIER standards=SERVICE_STANDARDS>
            {fixed(include_str!("text/services.html"))}
        </Part>
    }
}

const VERIFIER: Code = Code {
    file: "docs/verify-tokens.md",
    text: r#"const { payload } = await jwtVerify(token, keys, {
  issuer,
  audience: issuer,
  typ: "at+jwt",
  algorithms: ["EdDSA", "ES256"],
  requiredClaims: ["sub", "sid", "exp"],
});"#,
};
const SERVICE_STANDARDS: &[parts::Standard] = &[
    ("RFC 9068, access tokens", "https://www.rfc-editor.org/rfc/rfc9068#section-4"),
    ("RFC 8725, best practices", "https://www.rfc-editor.org/rfc/rfc8725"),
];

#[cfg(test)]
mod tests {
    use super::parts::Code;
    use crate::VERIFY_GUIDE;
    use std::{fs, path::Path};

    /// The code excerpts on the page are in the named files.
    #[test]
    fn every_excerpt_stands_in_its_file() {
        let lines = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
        for Code { file, text } in [
            super::anatomy::CODE,
            super::flight::CODE,
            super::theft::CODE,
            super::cross_site::CODE,
            super::limit::CODE,
            super::VERIFIER,
        ] {
            let source =
                fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file)).expect("the file");
            assert!(lines(&source).contains(&lines(text)), "{file}");
        }
    }

    #[test]
    fn the_link_to_the_guide_leads_there() {
        assert!(include_str!("text/services.html").contains(&format!("href=\"{VERIFY_GUIDE}\"")));
    }
}
