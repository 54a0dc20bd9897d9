//! The user's menu. It is a popover of the browser: it opens without WASM, closes on Escape and on a click outside,
//! and returns the focus. In the Tab order it follows its button, wherever it is placed.

use super::{NavLink, Shape, SignOut, ThemeSwitch, fixed};
use crate::app::{
    paths,
    session::Session,
    types::{Role, UserView},
};
use leptos::prelude::*;

/// The menu behind the initials in the header, for signed-in users.
#[component]
pub fn Menu() -> impl IntoView {
    let session = Session::get_context();
    let user = Memo::new(move |_| session.user());
    view! { {move || user.get().map(|user| view! { <Panel user /> }.into_any())} }
}

#[component]
fn Panel(user: UserView) -> impl IntoView {
    let UserView { name, email, role, .. } = user;
    view! {
        <section class="menu" {..fixed([("id", "menu"), ("popover", "auto"), ("aria-label", "Your account")])}>
            <p class="menu-who">
                {name.map(|name| view! { <strong><bdi>{name}</bdi></strong> }.into_any())}
                <span><bdi>{email}</bdi></span>
            </p>
            <NavLink href=paths::APP shape=Shape::Panes>"Dashboard"</NavLink>
            <NavLink href=paths::PROFILE shape=Shape::Person>"Profile"</NavLink>
            <NavLink href=paths::SECURITY shape=Shape::Shield>"Security"</NavLink>
            <NavLink href=paths::SESSIONS shape=Shape::Computer>"Sessions"</NavLink>
            {(role == Some(Role::ADMIN)).then(|| view! {
                <NavLink href=paths::ADMIN shape=Shape::People>"Admin"</NavLink>
            }.into_any())}
            <ThemeSwitch name="theme-menu" />
            <SignOut />
        </section>
    }
}
