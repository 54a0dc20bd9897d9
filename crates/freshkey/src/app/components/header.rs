//! The top of every page: the product and the signed-in user. On an account's pages, a navigation follows below.

use super::{Avatar, Icon, Shape, SignOut, changing, fixed};
use crate::app::{brand::Brand, paths, session::Session};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The header. Its children are the app's own links for signed-in users.
#[component]
pub fn Header(
    /// [`NavLink`]s shown to everybody, signed in or not.
    #[prop(optional, into)]
    everywhere: Option<ViewFnOnce>,
    /// [`NavLink`]s shown after the link to the dashboard.
    #[prop(optional)]
    children: Option<ChildrenFn>,
) -> impl IntoView {
    let (session, brand) = (Session::get_context(), Brand::get_context());
    let user = Memo::new(move |_| session.user());
    let guest = Memo::new(move |_| user.with(Option::is_none));
    let is = is_current();
    let here = use_location().pathname;
    let is_account = Memo::new(move |_| !guest.get() && here.with(|here| paths::is_protected(here)));
    view! {
        <header class="header">
            <a href=paths::HOME class="brand" {..changing("aria-current", move || is(paths::HOME))}>
                {(brand.mark)()}
                <span class="brand-name">{brand.name}</span>
            </a>
            <nav class="nav" {..fixed([("aria-label", "Main")])}>
                {everywhere.map(ViewFnOnce::run)}
                {move || guest.get().then(|| view! {
                    <NavLink href=paths::LOGIN>"Sign in"</NavLink>
                    <a href=paths::REGISTER class="button button-quiet button-small"
                        {..changing("aria-current", move || is(paths::REGISTER))}>"Create account"</a>
                }.into_any())}
                {move || (!guest.get() && !is_account.get()).then(|| view! {
                    <NavLink href=paths::APP>"Dashboard"</NavLink>
                }.into_any())}
            </nav>
            {move || user.get().map(|user| view! {
                <button class="menu-button" {..fixed([("type", "button"), ("popovertarget", "menu")])}>
                    <Avatar user />
                    <span class="unseen">"Account menu"</span>
                </button>
            }.into_any())}
        </header>
        {move || is_account.get().then(|| view! {
            <nav class="tabs" {..fixed([("aria-label", "Account")])}>
                <NavLink href=paths::APP>"Dashboard"</NavLink>
                {children.as_ref().map(|children| children())}
                <NavLink href=paths::PROFILE>"Profile"</NavLink>
                <NavLink href=paths::SECURITY>"Security"</NavLink>
                <NavLink href=paths::SESSIONS>"Sessions"</NavLink>
                <SignOut class="button button-bare button-small sign-out-button" />
            </nav>
        }.into_any())}
    }
}

/// A link in the header, marked while its page is open.
#[component]
pub fn NavLink(
    /// The page's path.
    href: &'static str,
    /// An icon before the text.
    #[prop(optional)]
    shape: Option<Shape>,
    /// The link's text.
    children: Children,
) -> impl IntoView {
    let is = is_current();
    view! { <a href={href} {..changing("aria-current", move || is(href))}>{shape.map(|shape| view! { <Icon shape /> }.into_any())} {children()}</a> }
}

/// Returns a function that gives a path's `aria-current`.
fn is_current() -> impl Fn(&str) -> Option<&'static str> + Copy + Send {
    let here = use_location().pathname;
    move |path| here.with(|here| leads_to(path, here)).then_some("page")
}

/// Whether a link to `path` is current on the page `here`: on that page and on the pages below it. The dashboard and
/// the front page count without the pages below them.
fn leads_to(path: &str, here: &str) -> bool {
    let below = here.strip_prefix(path);
    below == Some("") || path != paths::APP && below.is_some_and(|below| below.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_its_page_and_what_is_below() {
        assert!(leads_to(paths::APP, "/app") && leads_to(paths::HOME, "/"));
        assert!(leads_to(paths::ADMIN, "/app/admin/users/7") && leads_to(paths::ADMIN, "/app/admin"));
        assert!(!leads_to(paths::APP, "/app/sessions") && !leads_to(paths::HOME, "/app"));
        assert!(!leads_to(paths::ADMIN, "/app/administration"));
    }
}
