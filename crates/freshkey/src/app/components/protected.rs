//! Wrappers for everything that needs a session.

use super::{ConfirmIdentity, FormCard, NotFound, SignInAgain};
use crate::app::{
    paths, seam,
    session::{Session, SessionState},
    types::{EndReason, Role},
};
use leptos::prelude::*;
use leptos_router::{components::Redirect, hooks::use_location};

/// Shows its children to signed-in users and redirects everybody else to the sign-in page and back. The server has
/// done the same before rendering; this handles later changes. A page for a `role` is 404 for users without it. The
/// data is protected by the calls that load it.
#[component]
pub fn Protected(
    /// The role that may see the page, if not everybody.
    #[prop(optional)]
    role: Option<Role>,
    /// The page.
    children: ChildrenFn,
) -> impl IntoView {
    #[derive(Clone, PartialEq)]
    enum Show {
        Page,
        Nothing,
        Wait,
        SignIn(String),
    }
    let session = Session::get_context();
    let location = use_location();
    // A memo, so that the page is not rebuilt when only the session's details change.
    let show = Memo::new(move |_| {
        session.0.with(|state| match state {
            SessionState::SignedIn(_) | SessionState::Interrupted(..) => {
                if role.as_ref().is_none_or(|role| session.may_act_as(role)) { Show::Page } else { Show::Nothing }
            }
            SessionState::Unknown => Show::Wait,
            SessionState::SignedOut(Some(EndReason::SignedOut)) => Show::SignIn(paths::LOGIN.to_owned()),
            SessionState::SignedOut(_) => {
                let (path, query, hash) =
                    untrack(|| (location.pathname.get(), location.search.get(), location.hash.get()));
                let path = if query.is_empty() { path } else { format!("{path}?{query}") };
                let here = path + &hash;
                Show::SignIn(paths::login_with_next(&here))
            }
        })
    });
    move || {
        match show.get() {
        Show::Page => view! { {children()} <ConfirmIdentity /> <SignInAgain /> }.into_any(),
        Show::Nothing => {
            seam::no_page();
            view! { <NotFound /> }.into_any()
        }
        Show::Wait => view! {
            <FormCard title="One moment">
                <p role="status">"The server is busy, so we can't tell whether you're signed in. Reload the page in a moment."</p>
            </FormCard>
        }
        .into_any(),
        Show::SignIn(path) => view! { <Redirect path=path /> }.into_any(),
    }
    }
}

/// Shows a link or a button only to users with this role. The page or call behind it has its own guard.
#[component]
pub fn ForRole(
    /// The role that may see it.
    role: Role,
    /// The link or button.
    children: ChildrenFn,
) -> impl IntoView {
    let session = Session::get_context();
    let may = Memo::new(move |_| session.may_act_as(&role));
    move || may.get().then(|| children())
}
