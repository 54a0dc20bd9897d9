//! The front page: what this is, for the developer who has just cloned it.

use crate::app::{paths, session::Session};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

/// The front page.
#[component]
pub fn Home() -> impl IntoView {
    let session = Session::get_context();
    let signed_in = Memo::new(move |_| session.user().is_some());
    view! {
        <Title text="Sign-in for Rust web apps" />
        <section class="hero">
            <h1>"Sign-in, done once and right."</h1>
            <p class="lead">
                "Build your product inside this app. People stay signed in across tabs, sleep and bad networks; \
                 a stolen session ends the moment it is used."
            </p>
            <p class="hero-actions">
                {move || if signed_in.get() {
                    view! { <A href=paths::APP attr:class="button">"Open the dashboard"</A> }.into_any()
                } else {
                    view! {
                        <A href=paths::REGISTER attr:class="button">"Create account"</A>
                        <A href=paths::LOGIN attr:class="button button-quiet">"Sign in"</A>
                    }
                    .into_any()
                }}
                <A href=paths::LAB attr:class="button button-quiet">"See how it works"</A>
            </p>
        </section>
        <section class="points" aria-label="How it works">
            <div class="point">
                <h2>"Two tokens, neither in reach"</h2>
                <p>
                    "The refresh token is in a cookie that scripts can't read, and changes at each use. \
                     The access token lives for minutes, in this page's memory and nowhere else."
                </p>
            </div>
            <div class="point">
                <h2>"One refresh for everybody"</h2>
                <p>
                    "However many calls find the token expired, one refresh serves them all, \
                     and each is sent again once. Your code never notices."
                </p>
            </div>
            <div class="point">
                <h2>"Rendered signed in"</h2>
                <p>
                    "The server knows who is looking before it sends the first byte: no flash, no spinner. \
                     Every form works before the WASM arrives, and without it."
                </p>
            </div>
        </section>
    }
}
