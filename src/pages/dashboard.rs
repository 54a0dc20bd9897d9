//! The dashboard: the first page behind the sign-in, and the pattern for yours.

use super::protected_calls::ProtectedCalls;
use crate::notes::page::NotesPanel;
use freshkey::app::{brand::set_title, components::Protected, session::Session, types::UserView};
use leptos::prelude::*;

/// The dashboard.
#[component]
pub fn Dashboard() -> impl IntoView {
    set_title("Dashboard");
    view! {
        <Protected>
            <Welcome />
            <NotesPanel />
            <ProtectedCalls />
        </Protected>
    }
}

#[component]
fn Welcome() -> impl IntoView {
    let session = Session::get_context();
    let user = Memo::new(move |_| session.user());
    let greeting = move || {
        let name = |user: UserView| user.name.unwrap_or(user.email);
        user.get().map(|user| view! { "Hello, " <bdi>{name(user)}</bdi> })
    };
    view! {
        <section class="page-head">
            <h1>{greeting}</h1>
            <p class="lead">"You are signed in as " <strong><bdi>{move || user.get().map(|user| user.email)}</bdi></strong> "."</p>
        </section>
    }
}
