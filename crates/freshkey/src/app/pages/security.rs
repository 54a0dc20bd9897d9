//! What happened to one's account: a plain timeline, a day at a time.

use crate::app::{
    api::activity::activity,
    brand,
    components::{Icon, Loading, NotLoaded, Protected, When},
    device,
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
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match list.await {
                    Ok(items) if items.is_empty() => view! {
                        <section class="hanging">
                            <h2>"Nothing yet"</h2>
                            <p class="quiet">
                                "Sign-ins will be listed here, and so will wrong passwords and copies of a session's key that were used."
                            </p>
                        </section>
                    }
                    .into_any(),
                    Ok(items) => items
                        .chunk_by(|one, next| device::day_number(one.at) == device::day_number(next.at))
                        .map(|day| view! { <Day items=day.to_vec() /> })
                        .collect_view()
                        .into_any(),
                    Err(error) => view! { <NotLoaded error /> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// What happened on one day, the latest first.
#[component]
fn Day(items: Vec<ActivityItem>) -> impl IntoView {
    let day = items.first().map(|item| device::day(item.at));
    view! {
        <section class="hanging">
            <h2>{day}</h2>
            <ol class="sessions">
                {items.into_iter().map(|item| view! { <Item when=device::time(item.at) item /> }).collect_view()}
            </ol>
        </section>
    }
}

/// One thing that happened.
#[component]
pub(super) fn Item(
    item: ActivityItem,
    /// When it was, in words.
    when: String,
) -> impl IntoView {
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
                    {current.then(|| view! { " " <span class="session-current">"this one"</span> })}
                </p>
                <p class="session-facts"><When at=item.at words=when /> {place}</p>
            </div>
        </li>
    }
}
