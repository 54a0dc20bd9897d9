//! The user's own sessions: which devices are signed in, with a button to end each.

mod item;

use crate::app::{
    api::sessions::{logout_all, revoke_other_sessions, revoke_session, sessions},
    brand,
    components::{Empty, FormAlert, FormFields, Load, Protected, Shape, SubmitButton, Toasts, once},
    error::ApiError,
    paths, seam,
    types::{EndReason, SessionItem},
    wire::{Loaded, load},
};
use item::Item;
use leptos::{html, prelude::*};

/// The sessions page.
#[component]
pub fn Sessions() -> impl IntoView {
    brand::set_title("Sessions");
    let heading = NodeRef::new();
    view! {
        <Protected>
            <section class="page-head">
                <h1 tabindex="-1" node_ref=heading>"Sessions"</h1>
                <p class="lead">"Devices signed in to your account. Sign out any you don't recognise."</p>
            </section>
            <SessionList heading />
        </Protected>
    }
}

/// The page's actions, and their error.
#[derive(Clone, Copy)]
struct Ending {
    one: Action<SessionItem, ()>,
    others: Action<(), ()>,
    all: Action<(), ()>,
    failed: RwSignal<Option<ApiError>>,
}

impl Ending {
    /// Whether any action is running; only one runs at a time.
    fn pending(self) -> Signal<bool> {
        let (one, others, all) = (self.one.pending(), self.others.pending(), self.all.pending());
        Signal::derive(move || one.get() || others.get() || all.get())
    }
}

#[component]
fn SessionList(heading: NodeRef<html::H1>) -> impl IntoView {
    // The server renders the list with its data; the browser calls only after a change.
    let list = load(|| (), |()| sessions());
    let ending = ending(list, heading);
    let message = Signal::derive(move || ending.failed.get().map(|error| error.to_string()));
    view! {
        <FormAlert message />
        <Load data=list let:items>
            <Devices items ending />
        </Load>
        <Everywhere ending />
    }
}

fn ending(list: Loaded<Vec<SessionItem>>, heading: NodeRef<html::H1>) -> Ending {
    let (failed, toasts) = (RwSignal::new(None::<ApiError>), Toasts::get_context());
    let done = move |answer: Result<(), ApiError>, words: String| match answer {
        Ok(()) => {
            failed.set(None);
            toasts.say(words);
            list.refetch();
            // The button disappears with its session. If the page is gone, there is nothing to focus.
            let _ = heading.try_get_untracked().flatten().map(|heading| heading.focus());
        }
        Err(error) => failed.set(Some(error)),
    };
    let left = move |answer: Result<(), ApiError>| match answer {
        Ok(()) => seam::signed_out(Some(EndReason::SignedOut)),
        Err(error) => failed.set(Some(error)),
    };
    let one = Action::new(move |item: &SessionItem| {
        let (call, current, words) =
            (revoke_session(item.id.clone()), item.current, format!("Signed out {}.", item::name(item)));
        async move {
            let answer = call.await;
            if current { left(answer) } else { done(answer, words) }
        }
    });
    let others = Action::new(move |(): &()| async move {
        done(revoke_other_sessions().await, "Signed out everywhere else.".to_owned());
    });
    let all = Action::new(move |(): &()| async move { left(logout_all().await) });
    Ending { one, others, all, failed }
}

/// This device, then the others.
#[component]
fn Devices(items: Vec<SessionItem>, ending: Ending) -> impl IntoView {
    let (this, others): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| item.current);
    let network = this.first().and_then(|item| item.ip.clone());
    let rows = move |items: Vec<SessionItem>| {
        let row = |item: SessionItem| {
            let same_network = !item.current && item.ip.is_some() && item.ip == network;
            view! { <Item item same_network ending /> }
        };
        view! { <ul class="sessions">{items.into_iter().map(row).collect_view()}</ul> }
    };
    let alone = others.is_empty();
    let submit = once(ending.pending(), move || {
        ending.others.dispatch(());
    });
    view! {
        <section class="hanging">
            <h2>"This device"</h2>
            {rows(this)}
        </section>
        <section class="hanging">
            <div class="sheet-head">
                <h2>"Other devices"</h2>
                {(!alone).then(|| view! {
                    <form method="post" action=paths::API_REVOKE_OTHERS on:submit=submit>
                        <FormFields next=paths::SESSIONS page=paths::SESSIONS />
                        <SubmitButton busy=ending.others.pending() class="button button-quiet button-small">
                            "Sign out all other devices"
                        </SubmitButton>
                    </form>
                })}
            </div>
            {if alone {
                view! {
                    <Empty shape=Shape::Phone title="Nowhere else" text="A sign-in on another device will be listed here." />
                }
                .into_any()
            } else {
                rows(others).into_any()
            }}
        </section>
    }
}

/// The button to sign out everywhere.
#[component]
fn Everywhere(ending: Ending) -> impl IntoView {
    let submit = once(ending.pending(), move || {
        ending.all.dispatch(());
    });
    view! {
        <section class="hanging">
            <h2>"All devices"</h2>
            <p>"Signs you out on every device, including this one."</p>
            <form method="post" action=paths::API_LOGOUT_ALL on:submit=submit>
                <FormFields next=paths::LOGIN page=paths::SESSIONS />
                <SubmitButton busy=ending.all.pending() class="button button-quiet">"Sign out everywhere"</SubmitButton>
            </form>
        </section>
    }
}
