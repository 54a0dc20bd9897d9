//! What happened to one's account: a plain timeline.

use crate::app::{
    api::activity::activity,
    components::Protected,
    device,
    types::{ActivityItem, Happened},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// The security page.
#[component]
pub fn Security() -> impl IntoView {
    view! {
        <Title text="Security" />
        <Protected>
            <section class="page-head">
                <h1>"Security"</h1>
                <p class="lead">"What happened to your account in the last 90 days."</p>
            </section>
            <Timeline />
        </Protected>
    }
}

#[component]
fn Timeline() -> impl IntoView {
    let list = Resource::new_blocking(|| (), |()| activity());
    view! {
        <Transition fallback=|| view! { <p role="status">"Loading …"</p> }>
            {move || Suspend::new(async move {
                match list.await {
                    Ok(items) if items.is_empty() => view! { <p>"Nothing yet."</p> }.into_any(),
                    Ok(items) => view! {
                        <ol class="sessions">{items.into_iter().map(|item| view! { <Item item /> }).collect_view()}</ol>
                    }
                    .into_any(),
                    Err(error) => view! { <p class="alert" role="alert">{error.to_string()}</p> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// One thing that happened.
#[component]
pub(super) fn Item(item: ActivityItem) -> impl IntoView {
    let device = item.user_agent.as_deref().map(|agent| device::name(Some(agent)));
    let facts = [Some(device::utc(item.at)), device, item.ip].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let current = item.current && item.event == Happened::SignedIn;
    view! {
        <li class="session">
            <div>
                <p class="session-name">
                    {item.event.sentence()}
                    {current.then(|| view! { " " <span class="session-current">"this one"</span> })}
                </p>
                <p class="session-facts">{facts}</p>
            </div>
        </li>
    }
}
