//! Around everything that needs a session.

use super::{ConfirmIdentity, FormCard, NotFound, SignInAgain};
use crate::app::{
    paths, seam,
    session::{Session, SessionState},
    types::{EndReason, Role},
};
use leptos::prelude::*;
use leptos_router::{components::Redirect, hooks::use_location};

/// Shows its children to somebody who is signed in; leads everybody else to the sign-in page and
/// back. The server has done the same before it rendered: this is for what happens afterwards.
/// A page for a `role` is 404 for everybody without it.
/// What a page shows is guarded where it comes from, by the calls.
#[component]
pub fn Protected(
    /// Whom the page is for, if not for everybody.
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
    // A memo, so that a page is not built anew when only the session's details change.
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

/// Shows a link or a button to users with this role only. The page or call behind it has a guard of its own.
#[component]
pub fn ForRole(
    /// Whom they are for.
    role: Role,
    /// What is shown.
    children: ChildrenFn,
) -> impl IntoView {
    let session = Session::get_context();
    let may = Memo::new(move |_| session.may_act_as(&role));
    move || may.get().then(|| children())
}
