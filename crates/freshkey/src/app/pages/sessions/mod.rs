//! One's own sessions: which devices are signed in, and the way to end each.

mod item;

use crate::app::{
    api::sessions::{logout_all, revoke_other_sessions, revoke_session, sessions},
    brand,
    components::{FormAlert, FormFields, LiveText, Loading, NotLoaded, Protected, SubmitButton, once},
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
    view! {
        <Protected>
            <section class="page-head">
                <h1>"Sessions"</h1>
                <p class="lead">"Where you are signed in. End what you don't recognise."</p>
            </section>
            <SessionList />
        </Protected>
    }
}

/// What can be done, and what came of it.
#[derive(Clone, Copy)]
struct Ending {
    one: Action<SessionItem, ()>,
    others: Action<(), ()>,
    all: Action<(), ()>,
    failed: RwSignal<Option<ApiError>>,
    /// What has just been ended.
    told: RwSignal<Option<String>>,
    told_at: NodeRef<html::P>,
}

impl Ending {
    /// One at a time: while something is ended, nothing else is.
    fn pending(self) -> Signal<bool> {
        let (one, others, all) = (self.one.pending(), self.others.pending(), self.all.pending());
        Signal::derive(move || one.get() || others.get() || all.get())
    }
}

/// The list as it was at a moment.
type Listed = (i64, Vec<SessionItem>);

#[component]
fn SessionList() -> impl IntoView {
    // Rendered by the server with its data, and with its time, so that hydration counts from the same
    // moment; the browser calls only after something has changed. It asks for the time after that: the
    // server's is known by then, and this machine's clock may be wrong.
    let list: Loaded<Listed> = load(|| (), |()| async { sessions().await.map(|items| (seam::now(), items)) });
    let ending = ending(list);
    let message = Signal::derive(move || ending.failed.get().map(|error| error.to_string()));
    view! {
        <FormAlert message />
        <p class="sessions-told" role="status" tabindex="-1" node_ref=ending.told_at>
            <LiveText text=Signal::derive(move || ending.told.get().unwrap_or_default()) />
        </p>
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match list.await {
                    Ok((now, items)) => view! { <Devices now items ending /> }.into_any(),
                    Err(error) => view! { <NotLoaded error /> }.into_any(),
                }
            })}
        </Transition>
        <Everywhere ending />
    }
}

fn ending(list: Loaded<Listed>) -> Ending {
    let (failed, told) = (RwSignal::new(None::<ApiError>), RwSignal::new(None::<String>));
    let told_at = NodeRef::<html::P>::new();
    let done = move |answer: Result<(), ApiError>, words: String| match answer {
        Ok(()) => {
            failed.set(None);
            told.set(Some(words));
            list.refetch();
            // The button goes with its session. A page that is gone has nothing to focus.
            let _ = told_at.try_get_untracked().flatten().map(|told| told.focus());
        }
        Err(error) => {
            told.set(None);
            failed.set(Some(error));
        }
    };
    let left = move |answer: Result<(), ApiError>| match answer {
        Ok(()) => seam::signed_out(Some(EndReason::SignedOut)),
        Err(error) => failed.set(Some(error)),
    };
    let one = Action::new(move |item: &SessionItem| {
        let (call, current, words) =
            (revoke_session(item.id.clone()), item.current, format!("{} ended.", item::name(item)));
        async move {
            let answer = call.await;
            if current { left(answer) } else { done(answer, words) }
        }
    });
    let others = Action::new(move |(): &()| async move {
        done(revoke_other_sessions().await, "All others ended.".to_owned());
    });
    let all = Action::new(move |(): &()| async move { left(logout_all().await) });
    Ending { one, others, all, failed, told, told_at }
}

/// This device, and the others.
#[component]
fn Devices(now: i64, items: Vec<SessionItem>, ending: Ending) -> impl IntoView {
    let (this, others): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| item.current);
    let network = this.first().and_then(|item| item.ip.clone());
    let rows = move |items: Vec<SessionItem>| {
        let row = |item: SessionItem| {
            let same_network = !item.current && item.ip.is_some() && item.ip == network;
            view! { <Item item now same_network ending /> }
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
            <h2>"Elsewhere"</h2>
            {if alone {
                view! { <p class="quiet">"Nowhere else. A sign-in on another device will be listed here."</p> }.into_any()
            } else {
                view! {
                    {rows(others)}
                    <form method="post" action=paths::API_REVOKE_OTHERS on:submit=submit>
                        <FormFields next=paths::SESSIONS page=paths::SESSIONS />
                        <SubmitButton busy=ending.others.pending() class="button button-quiet">"End all others"</SubmitButton>
                    </form>
                }
                .into_any()
            }}
        </section>
    }
}

/// The way out of all of them.
#[component]
fn Everywhere(ending: Ending) -> impl IntoView {
    let submit = once(ending.pending(), move || {
        ending.all.dispatch(());
    });
    view! {
        <section class="hanging">
            <h2>"Everywhere"</h2>
            <p class="quiet">"This device as well: you will have to sign in again."</p>
            <form method="post" action=paths::API_LOGOUT_ALL on:submit=submit>
                <FormFields next=paths::LOGIN page=paths::SESSIONS />
                <SubmitButton busy=ending.all.pending() class="button button-quiet">"Sign out everywhere"</SubmitButton>
            </form>
        </section>
    }
}
