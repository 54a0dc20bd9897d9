//! What is behind a person's initials. The browser's own popover: it opens without WASM, closes by Escape and
//! by a press beside it, and gives the focus back.

use super::{Avatar, NavLink, Shape, SignOut, ThemeSwitch};
use crate::app::{
    paths,
    types::{Role, UserView},
};
use leptos::prelude::*;

/// The initials, and the menu that they open.
#[component]
pub fn Menu(
    /// Who is signed in.
    user: UserView,
) -> impl IntoView {
    let admin = user.role == Some(Role::ADMIN);
    let (name, email) = (user.name.clone(), user.email.clone());
    view! {
        <button type="button" class="menu-button" popovertarget="menu" aria-label="Account menu"><Avatar user /></button>
        <div class="menu" id="menu" popover="auto">
            <p class="menu-who">
                {name.map(|name| view! { <strong><bdi>{name}</bdi></strong> })}
                <span><bdi>{email}</bdi></span>
            </p>
            <NavLink href=paths::APP shape=Shape::Panes>"Dashboard"</NavLink>
            <NavLink href=paths::PROFILE shape=Shape::Person>"Profile"</NavLink>
            <NavLink href=paths::SECURITY shape=Shape::Shield>"Security"</NavLink>
            <NavLink href=paths::SESSIONS shape=Shape::Computer>"Sessions"</NavLink>
            {admin.then(|| view! { <NavLink href=paths::ADMIN shape=Shape::People>"Admin"</NavLink> })}
            <ThemeSwitch name="theme-menu" />
            <SignOut />
        </div>
    }
}
