//! The top of every page: where one is, and as whom.

use super::SignOut;
use crate::app::{paths, session::Session, types::Role};
use leptos::prelude::*;
use leptos_router::components::A;

/// The header.
#[component]
pub fn Header() -> impl IntoView {
    let session = Session::get_context();
    let user = Memo::new(move |_| session.user());
    view! {
        <header class="header">
            <A href=paths::HOME attr:class="brand">
                <svg class="brand-mark" viewBox="0 0 24 24" aria-hidden="true">
                    <circle cx="8" cy="12" r="4.5" />
                    <path d="M12.5 12H22M18.5 12v4" />
                </svg>
                "Freshkey"
            </A>
            <nav class="nav" aria-label="Main">
                {move || match user.get() {
                    Some(user) => {
                        let admin = user.role == Some(Role::Admin);
                        let name = user.name.unwrap_or_else(|| user.email.clone());
                        view! {
                            <A href=paths::APP exact=true>"Dashboard"</A>
                            <A href=paths::SESSIONS>"Sessions"</A>
                            <A href=paths::SECURITY>"Security"</A>
                            {admin.then(|| view! { <A href=paths::ADMIN>"Admin"</A> })}
                            <A href=paths::PROFILE attr:class="nav-user" attr:title=user.email>
                                <span class="nav-profile">"Profile"</span>
                                " "
                                <span class="nav-name">{name}</span>
                            </A>
                            <SignOut />
                        }
                        .into_any()
                    }
                    None => view! {
                        <A href=paths::LOGIN>"Sign in"</A>
                        <A href=paths::REGISTER attr:class="button button-small">"Create account"</A>
                    }
                    .into_any(),
                }}
            </nav>
        </header>
    }
}
