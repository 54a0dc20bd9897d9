//! The dashboard: the first page after the sign-in, and the pattern for your own pages.

use super::protected_calls::ProtectedCalls;
use crate::notes::page::NotesPanel;
use freshkey::app::{brand::set_title, components::Protected, session::Session};
use leptos::prelude::*;

/// The dashboard.
#[component]
pub fn Dashboard() -> impl IntoView {
    set_title("Dashboard");
    view! {
        <Protected>
            <Welcome />
            <ProtectedCalls />
            <NotesPanel />
        </Protected>
    }
}

#[component]
fn Welcome() -> impl IntoView {
    let session = Session::get_context();
    let user = Memo::new(move |_| session.user());
    let greeting = move || match user.get().and_then(|user| user.name) {
        Some(name) => view! { "Hello, " <bdi>{name}</bdi> }.into_any(),
        None => view! { "Hello" }.into_any(),
    };
    view! {
        <section class="page-head">
            <h1>{greeting}</h1>
            <p class="lead">"You're signed in as " <strong><bdi>{move || user.get().map(|user| user.email)}</bdi></strong> "."</p>
        </section>
    }
}
