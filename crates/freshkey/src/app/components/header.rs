//! The top of every page: where one is, and as whom. One row, on a phone as well: there the links
//! can be moved along under the finger.

use super::SignOut;
use crate::app::{brand::Brand, paths, session::Session, types::Role};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The header.
#[component]
pub fn Header() -> impl IntoView {
    let (session, brand) = (Session::get_context(), Brand::get_context());
    let user = Memo::new(move |_| session.user());
    let here = use_location().pathname;
    let is = move |path: &str| here.with(|here| leads_to(path, here)).then_some("page");
    view! {
        <header class="header">
            <a href=paths::HOME class="brand" aria-current=move || is(paths::HOME)>
                {(brand.mark)()}
                <span class="brand-name" class:brand-name-wide=move || user.with(Option::is_some)>{brand.name}</span>
            </a>
            <nav class="nav" aria-label="Main">
                {move || match user.get() {
                    Some(user) => {
                        let admin = user.role == Some(Role::Admin);
                        let name = user.name.unwrap_or_else(|| user.email.clone());
                        view! {
                            <div class="nav-links">
                                <a href=paths::APP aria-current=move || is(paths::APP)>"Dashboard"</a>
                                <a href=paths::SESSIONS aria-current=move || is(paths::SESSIONS)>"Sessions"</a>
                                <a href=paths::SECURITY aria-current=move || is(paths::SECURITY)>"Security"</a>
                                {admin.then(|| view! { <a href=paths::ADMIN aria-current=move || is(paths::ADMIN)>"Admin"</a> })}
                                <a href=paths::PROFILE aria-current=move || is(paths::PROFILE) class="nav-user" title=user.email>
                                    <span class="nav-profile">"Profile"</span>
                                    " "
                                    <bdi class="nav-name">{name}</bdi>
                                </a>
                            </div>
                            <SignOut />
                        }
                        .into_any()
                    }
                    None => view! {
                        <div class="nav-links nav-links-end">
                            <a href=paths::LOGIN aria-current=move || is(paths::LOGIN)>"Sign in"</a>
                            <a href=paths::REGISTER aria-current=move || is(paths::REGISTER) class="button button-quiet button-small">"Create account"</a>
                        </div>
                    }
                    .into_any(),
                }}
            </nav>
        </header>
    }
}

/// Whether a link to `path` leads to `here`: to that page, or to what is above it. The dashboard and
/// the front page are above nothing.
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
