//! The top of every page: where one is, and as whom. One row, on a phone as well: there the links
//! can be moved along under the finger.

use super::SignOut;
use crate::app::{
    brand::{Mark, NAME},
    paths,
    session::Session,
    types::Role,
};
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
                <Mark />
                <span class="brand-name" class:brand-name-wide=move || user.with(Option::is_some)>{NAME}</span>
            </A>
            <nav class="nav" aria-label="Main">
                {move || match user.get() {
                    Some(user) => {
                        let admin = user.role == Some(Role::Admin);
                        let name = user.name.unwrap_or_else(|| user.email.clone());
                        view! {
                            <div class="nav-links">
                                <A href=paths::APP exact=true>"Dashboard"</A>
                                <A href=paths::SESSIONS>"Sessions"</A>
                                <A href=paths::SECURITY>"Security"</A>
                                {admin.then(|| view! { <A href=paths::ADMIN>"Admin"</A> })}
                                <A href=paths::PROFILE attr:class="nav-user" attr:title=user.email>
                                    <span class="nav-profile">"Profile"</span>
                                    " "
                                    <span class="nav-name">{name}</span>
                                </A>
                            </div>
                            <SignOut />
                        }
                        .into_any()
                    }
                    None => view! {
                        <div class="nav-links nav-links-end">
                            <A href=paths::LOGIN>"Sign in"</A>
                            <A href=paths::REGISTER attr:class="button button-quiet button-small">"Create account"</A>
                        </div>
                    }
                    .into_any(),
                }}
            </nav>
        </header>
    }
}
