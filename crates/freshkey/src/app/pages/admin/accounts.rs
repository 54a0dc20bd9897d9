//! The list and the search of accounts.

use super::{Badges, Refused, called};
use crate::app::{
    address::use_query_value,
    api::admin::accounts,
    brand,
    components::{Empty, Icon, Loading, Protected, Shape, When, typed},
    paths,
    types::{AccountItem, AccountPage, Role},
    wire::load,
};
use leptos::{ev::SubmitEvent, html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// The list of accounts.
#[component]
pub fn Accounts() -> impl IntoView {
    brand::set_title("Accounts");
    view! {
        <Protected role=Role::ADMIN>
            <section class="page-head">
                <h1>"Accounts"</h1>
                <p class="lead">"Find somebody, see where they are signed in, sign them out."</p>
            </section>
            <Search />
            <Found />
        </Protected>
    }
}

/// The search: a plain GET form that leads to this same page.
#[component]
fn Search() -> impl IntoView {
    let looked_for = use_query_value("q");
    let input = NodeRef::<html::Input>::new();
    // When the user goes back in the history, restore that page's search. Not on the first run, so that what was
    // typed before hydration stays.
    Effect::new(move |before: Option<Option<String>>| {
        let now = looked_for.get();
        if let (true, Some(input)) = (before.is_some_and(|before| before != now), input.try_get_untracked().flatten()) {
            input.set_value(now.as_deref().unwrap_or_default());
        }
        now
    });
    let navigate = use_navigate();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let q = typed(input);
        navigate(&paths::accounts(q.trim(), None), NavigateOptions::default());
    };
    view! {
        <section class="hanging">
            <h2>"Find"</h2>
            <form class="search" method="get" action=paths::ADMIN role="search" on:submit=submit>
                <div class="field">
                    <div class="field-label"><label for="q">"Address, name or ID"</label></div>
                    <input id="q" name="q" type="search" autocomplete="off" autocapitalize="none" spellcheck="false"
                        value=untrack(|| looked_for.get()) node_ref=input />
                </div>
                <button class="button">"Search"</button>
            </form>
        </section>
    }
}

#[component]
fn Found() -> impl IntoView {
    let (q, before) = (use_query_value("q"), use_query_value("before"));
    let wanted = Memo::new(move |_| (q.get().unwrap_or_default(), before.get()));
    let found = load(move || wanted.get(), |(q, before)| accounts(Some(q), before));
    view! {
        <Transition fallback=Loading>
            {move || {
                let (q, before) = wanted.get();
                Suspend::new(async move {
                    match found.await {
                        Ok(page) => view! { <List page q older=before.is_some() /> }.into_any(),
                        Err(error) => view! { <Refused error /> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
}

#[component]
fn List(
    /// The accounts found.
    page: AccountPage,
    /// The search text.
    q: String,
    /// Whether this is not the first page.
    older: bool,
) -> impl IntoView {
    let last = page.accounts.last().filter(|_| page.more).map(|account| account.id.clone());
    let newest = older.then(|| view! { <a href=paths::accounts(&q, None)>"Newest accounts"</a> });
    let next = last.map(|last| view! { <a href=paths::accounts(&q, Some(&last))>"Older accounts"</a> });
    let pages = (newest.is_some() || next.is_some())
        .then(|| view! { <nav class="account-pages" aria-label="More accounts">{newest} {next}</nav> });
    let heading = match (q.is_empty(), older) {
        (false, _) => "Results",
        (true, false) => "Newest accounts",
        (true, true) => "Older accounts",
    };
    view! {
        <section class="hanging">
            <h2>{heading}</h2>
            {if page.accounts.is_empty() {
                view! {
                    <div role="status">
                        <Empty shape=Shape::People title="No account matches." text="Try a part of the address or of the name." />
                    </div>
                }
                .into_any()
            } else {
                let items = page.accounts.into_iter().map(|account| view! { <Item account /> }).collect_view();
                view! { <ul class="sessions">{items}</ul> }.into_any()
            }}
            {pages}
        </section>
    }
}

#[component]
fn Item(account: AccountItem) -> impl IntoView {
    let name = called(&account);
    let email = account.name.is_some().then(|| view! { <bdi>{account.email}</bdi> " · " });
    view! {
        <li class="session">
            <Icon shape=Shape::Person />
            <div class="session-about">
                <p class="session-name">
                    <a href=paths::account(&account.id)><bdi>{name}</bdi></a>
                    <Badges role=account.role disabled_at=account.disabled_at />
                </p>
                <p class="session-facts">{email} "created " <When at=account.created_at /></p>
            </div>
        </li>
    }
}
