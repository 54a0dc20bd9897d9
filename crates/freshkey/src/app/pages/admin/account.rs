//! One account: its facts, its sessions, its activity, and what an administrator can do.

use super::{
    Badges, Refused,
    act::{Act, ActButton},
    called,
    second::{Second, SecondStep},
};
use crate::app::pages::security::activity::Item as Entry;
use crate::app::{
    address::use_query_value,
    api::admin::account,
    brand,
    components::{FormAlert, Icon, LiveText, Loading, Protected, When},
    device,
    error::ApiError,
    paths,
    session::Features,
    types::{AccountItem, AccountView, ActivityItem, Millis, Role, SessionItem},
    wire::load,
};
use leptos::{html, prelude::*};
use leptos_router::hooks::use_params_map;

/// The page of one account.
#[component]
pub fn Account() -> impl IntoView {
    brand::set_title("Account");
    view! {
        <Protected role=Role::ADMIN>
            <p class="account-pages"><a href=paths::ADMIN>"All accounts"</a></p>
            <Shown />
        </Protected>
    }
}

#[component]
fn Shown() -> impl IntoView {
    let (params, done_in_url) = (use_params_map(), use_query_value("done"));
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let found = load(move || id.get(), account);
    // The result of the last action; without WASM, the page's address has it.
    let outcome = RwSignal::new(None::<Result<&'static str, ApiError>>);
    let message = Signal::derive(move || outcome.get().and_then(Result::err).map(|error| error.to_string()));
    let done = move || match outcome.get() {
        Some(outcome) => outcome.ok().and_then(Act::done),
        None => done_in_url.get().as_deref().and_then(Act::done),
    };
    let is_done = Memo::new(move |_| done().is_some());
    let told = NodeRef::<html::Div>::new();
    let run = Action::new(move |act: &Act| {
        let act = act.clone();
        async move {
            let name = act.name();
            let done = act.perform().await.map(|()| name);
            if done.is_ok() {
                found.refetch();
            }
            outcome.set(Some(done));
            // The button may be gone or replaced. If the page is gone, there is nothing to focus.
            let _ = told.try_get_untracked().flatten().map(|told| told.focus());
        }
    });
    view! {
        <div class="account-told" tabindex="-1" node_ref=told>
            <FormAlert message />
            <div role="status">
                {move || is_done.get().then(|| view! {
                    <p class="notice"><LiveText text=Signal::derive(move || done().unwrap_or_default().to_owned()) /></p>
                })}
            </div>
        </div>
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match found.await {
                    Ok(view) => view! { <Whole view run /> }.into_any(),
                    Err(error) => view! { <Refused error /> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Whole(view: AccountView, run: Action<Act, ()>) -> impl IntoView {
    let second = SecondStep::of(&view);
    let AccountView { account, own, last_sign_in_at, sessions, activity, email_refused_at, .. } = view;
    let (id, disabled) = (account.id.clone(), account.disabled_at.is_some());
    let (page, signed_in) = (paths::account(&id), !sessions.is_empty());
    let (of, on) = (id.clone(), page.clone());
    view! {
        <section class="page-head">
            <h1><bdi>{called(&account)}</bdi> <Badges role=account.role.clone() disabled_at=account.disabled_at /></h1>
        </section>
        <section class="hanging" aria-label="Account"><Facts account last_sign_in_at email_refused_at /></section>
        <section class="hanging">
            <h2>"Access"</h2>
            {if own {
                view! { <OwnAccount /> }.into_any()
            } else {
                view! { <Actions id disabled signed_in run /> }.into_any()
            }}
        </section>
        <Second id=of page=on own second run />
        <Sessions page own sessions run />
        <Activity items=activity />
    }
}

#[component]
fn Facts(account: AccountItem, last_sign_in_at: Option<Millis>, email_refused_at: Option<Millis>) -> impl IntoView {
    let text = |text: String| view! { <bdi>{text}</bdi> }.into_any();
    let when = |at| view! { <When at /> }.into_any();
    let or = |at: Option<Millis>, none: &'static str| Some(at.map_or_else(|| none.into_any(), when));
    let disabled = |at| view! { "Disabled " <When at /> }.into_any();
    let refused = |at| view! { <When at /> ", for good, by the address's mail server" }.into_any();
    let deleted = |at| text(format!("{}, {}", device::day(at), device::time(at)));
    let facts = [
        ("Email", Some(text(account.email))),
        ("Name", account.name.map(text)),
        ("User ID", Some(text(account.id))),
        ("Created", Some(when(account.created_at))),
        ("State", Some(account.disabled_at.map_or_else(|| "Enabled".into_any(), disabled))),
        ("Email confirmed", or(account.email_verified_at, "No")),
        ("Email refused", email_refused_at.map(refused)),
        ("Is deleted", account.delete_at.map(deleted)),
        ("Last sign-in", or(last_sign_in_at, "Not in the last 90 days")),
    ];
    let fact =
        |(name, value): (&'static str, Option<AnyView>)| value.map(|value| view! { <dt>{name}</dt> <dd>{value}</dd> });
    view! { <dl class="facts">{facts.into_iter().map(fact).collect_view()}</dl> }
}

/// Shown instead of the actions for the administrator's own account, which has pages of its own.
#[component]
fn OwnAccount() -> impl IntoView {
    view! {
        <p class="quiet">
            "This is your own account. See " <a href=paths::PROFILE>"your profile"</a> " and "
            <a href=paths::SESSIONS>"your sessions"</a> "."
        </p>
    }
}

#[component]
fn Actions(id: String, disabled: bool, signed_in: bool, run: Action<Act, ()>) -> impl IntoView {
    let page = paths::account(&id);
    let mail = expect_context::<Features>().mail && !disabled;
    let reset = mail.then(|| (Act::StartReset(id.clone()), page.clone()));
    let sign_out = signed_in.then(|| (Act::SignOut(id.clone()), page.clone()));
    let (act, label) =
        if disabled { (Act::Enable(id), "Enable account") } else { (Act::Disable(id), "Disable account") };
    view! {
        <div class="account-actions">
            <ActButton act page label run />
            {sign_out.map(|(act, page)| view! { <ActButton act page label="Sign out everywhere" run /> })}
            {reset.map(|(act, page)| view! { <ActButton act page label="Send a reset email" run /> })}
        </div>
    }
}

#[component]
fn Sessions(page: String, own: bool, sessions: Vec<SessionItem>, run: Action<Act, ()>) -> impl IntoView {
    let item = move |session: SessionItem| {
        let name = device::name(session.user_agent.as_deref());
        let kind = device::kind(session.user_agent.as_deref());
        let address = session.ip.map(|ip| device::located(ip, session.place.as_deref()));
        let address = address.map(|address| view! { <span>{address}</span> " · " });
        let (seen, begun) = (session.last_seen_at, session.created_at);
        let (act, page, called) = (Act::EndSession(session.id), page.clone(), format!("Sign out {name}"));
        view! {
            <li class="session">
                <Icon shape=kind />
                <div class="session-about">
                    <p class="session-name">{name}</p>
                    <p class="session-facts">{address} "last seen " <When at=seen /> " · signed in " <When at=begun /></p>
                </div>
                {(!own).then(|| view! { <ActButton act page label="Sign out" called run /> })}
            </li>
        }
    };
    view! {
        <section class="hanging" aria-labelledby="sessions-heading">
            <h2 id="sessions-heading">"Sessions"</h2>
            {if sessions.is_empty() {
                view! { <p class="quiet">"Not signed in anywhere."</p> }.into_any()
            } else {
                view! { <ul class="sessions">{sessions.into_iter().map(item).collect_view()}</ul> }.into_any()
            }}
        </section>
    }
}

#[component]
fn Activity(items: Vec<ActivityItem>) -> impl IntoView {
    view! {
        <section class="hanging" aria-labelledby="activity-heading">
            <h2 id="activity-heading">"Activity"</h2>
            {if items.is_empty() {
                view! { <p class="quiet">"Nothing in the last 90 days."</p> }.into_any()
            } else {
                let entry = |item: ActivityItem| view! { <Entry item /> };
                view! {
                    <p class="quiet">"Last 90 days, as the user sees it."</p>
                    <ol class="sessions">{items.into_iter().map(entry).collect_view()}</ol>
                }
                .into_any()
            }}
        </section>
    }
}
