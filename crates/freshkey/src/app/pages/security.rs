//! What happened to one's account: a plain list, the latest first.

use crate::app::{
    api::activity::activity,
    brand,
    components::{Empty, Icon, Load, Protected, Shape, When},
    device, paths,
    types::{ActivityItem, Happened},
    wire::load,
};
use leptos::prelude::*;

/// The security page.
#[component]
pub fn Security() -> impl IntoView {
    brand::set_title("Security");
    view! {
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
    let list = load(|| (), |()| activity());
    view! {
        <section class="hanging" aria-labelledby="activity-heading">
            <div class="sheet-head">
                <h2 id="activity-heading">"Activity"</h2>
                <a href=paths::PROFILE class="button button-quiet button-small">"Change password"</a>
            </div>
            <Load data=list let:items>
                {if items.is_empty() {
                    view! { <Empty shape=Shape::Shield title="Nothing yet" text="Sign-ins and wrong passwords will be listed here." /> }
                        .into_any()
                } else {
                    view! { <ol class="sessions">{items.into_iter().map(|item| view! { <Item item /> }).collect_view()}</ol> }.into_any()
                }}
            </Load>
        </section>
    }
}

/// One thing that happened.
#[component]
pub(super) fn Item(item: ActivityItem) -> impl IntoView {
    let device = item.user_agent.as_deref().map(|agent| device::name(Some(agent)));
    // Where from. What an administrator did says nothing of it.
    let place = [device, item.ip].into_iter().flatten().map(|fact| view! { "\u{a0}· " {fact} }).collect_view();
    let current = item.current && item.event == Happened::SignedIn;
    let times = (item.count > 1).then(|| format!(", {} times that day", item.count));
    view! {
        <li class="session" data-event=item.event.text()>
            <Icon shape=item.event />
            <div class="session-about">
                <p class="session-name">
                    {item.event.sentence()} {times}
                    {current.then(|| view! { " " <span class="badge">"This device"</span> })}
                </p>
                <p class="session-facts"><When at=item.at /> {place}</p>
            </div>
        </li>
    }
}
