//! One's own sessions: which devices are signed in, and the way to end each.

use crate::app::{
    api::sessions::{logout_all, revoke_session, sessions},
    components::{FormAlert, Protected},
    device,
    error::{ApiError, Code},
    paths, seam,
    session::Session,
    types::{EndReason, SessionItem},
};
use leptos::{ev::SubmitEvent, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// The sessions page.
#[component]
pub fn Sessions() -> impl IntoView {
    view! {
        <Title text="Sessions" />
        <Protected>
            <section class="page-head">
                <h1>"Sessions"</h1>
                <p class="lead">"Where you are signed in. End what you don't recognise."</p>
            </section>
            <SessionList />
        </Protected>
    }
}

#[component]
fn SessionList() -> impl IntoView {
    let session = Session::get_context();
    // Rendered by the server with its data; the browser calls only after something has changed.
    let list = Resource::new_blocking(|| (), |()| sessions());
    let failed = RwSignal::new(None::<ApiError>);
    // A form that failed without WASM leads back here with a code.
    let query = use_query_map();
    let message = Signal::derive(move || match failed.get() {
        Some(error) => Some(error.to_string()),
        None => query
            .with(|query| query.get("error"))
            .as_deref()
            .and_then(Code::parse)
            .map(|code| code.message().to_owned()),
    });
    let signed_out = || seam::signed_out(Some(EndReason::SignedOut));
    let revoke = Action::new(move |item: &SessionItem| {
        let (call, current) = (revoke_session(item.id.clone()), item.current);
        async move {
            match call.await {
                Ok(()) if current => signed_out(),
                Ok(()) => {
                    failed.set(None);
                    list.refetch();
                }
                Err(error) => failed.set(Some(error)),
            }
        }
    });
    let end_all = Action::new(move |(): &()| async move {
        match logout_all().await {
            Ok(()) => signed_out(),
            Err(error) => failed.set(Some(error)),
        }
    });
    let pending = Signal::derive(move || revoke.pending().get() || end_all.pending().get());
    let submit_all = move |event: SubmitEvent| {
        event.prevent_default();
        end_all.dispatch(());
    };
    view! {
        <FormAlert message />
        <Transition fallback=|| view! { <p role="status">"Loading …"</p> }>
            {move || Suspend::new(async move {
                match list.await {
                    Ok(items) => view! {
                        <ul class="sessions">
                            {items.into_iter().map(|item| view! { <Item item revoke pending /> }).collect_view()}
                        </ul>
                    }
                    .into_any(),
                    Err(error) => view! { <p class="alert" role="alert">{error.to_string()}</p> }.into_any(),
                }
            })}
        </Transition>
        <form method="post" action=paths::API_LOGOUT_ALL on:submit=submit_all>
            <input type="hidden" name="_csrf" value=move || session.csrf_token() />
            <input type="hidden" name="next" value=paths::LOGIN />
            <button class="button button-quiet" disabled=move || pending.get()>"Sign out everywhere"</button>
        </form>
    }
}

#[component]
fn Item(item: SessionItem, revoke: Action<SessionItem, ()>, pending: Signal<bool>) -> impl IntoView {
    let session = Session::get_context();
    let name = device::name(item.user_agent.as_deref());
    let facts = [
        Some(format!("signed in {}", device::utc(item.created_at))),
        Some(format!("last seen {}", device::utc(item.last_seen_at))),
        item.ip.clone(),
    ];
    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let (current, id) = (item.current, item.id.clone());
    let label = if current { "Sign out here".to_owned() } else { format!("End {name}") };
    let next = if current { paths::LOGIN } else { paths::SESSIONS };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        revoke.dispatch(item.clone());
    };
    view! {
        <li class="session">
            <div>
                <p class="session-name">
                    {name} {current.then(|| view! { " " <span class="session-current">"this one"</span> })}
                </p>
                <p class="session-facts">{facts}</p>
            </div>
            <form method="post" action=paths::API_REVOKE on:submit=submit>
                <input type="hidden" name="_csrf" value=move || session.csrf_token() />
                <input type="hidden" name="id" value=id />
                <input type="hidden" name="next" value=next />
                <button class="button button-quiet button-small" aria-label=label disabled=move || pending.get()>
                    {if current { "Sign out" } else { "End" }}
                </button>
            </form>
        </li>
    }
}
