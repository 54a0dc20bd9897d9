//! The account's activity: a plain list, newest first.

use crate::app::{
    components::{Empty, Icon, Load, Shape, When},
    device, paths,
    types::{ActivityItem, AuditEvent},
    wire::Loaded,
};
use leptos::prelude::*;

#[component]
pub(super) fn Timeline(list: Loaded<Vec<ActivityItem>>) -> impl IntoView {
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

/// One event.
#[component]
pub(in crate::app::pages) fn Item(item: ActivityItem) -> impl IntoView {
    let device = item.user_agent.as_deref().map(|agent| device::name(Some(agent)));
    // An administrator's actions have neither.
    let address = item.ip.map(|ip| device::located(ip, item.place.as_deref()));
    let place = [device, address].into_iter().flatten().map(|fact| view! { "\u{a0}· " {fact} }).collect_view();
    let current = item.current && item.event == AuditEvent::SignedIn;
    let times = (item.count > 1).then(|| format!(", {} times that day", item.count));
    view! {
        <li class="session" data-event=item.event.text()>
            <Icon shape=item.event />
            <div class="session-about">
                <p class="session-name">
                    {item.event.sentence()} {item.method.as_deref().and_then(how)} {times}
                    {current.then(|| view! { " " <span class="badge">"This device"</span> })}
                </p>
                <p class="session-facts"><When at=item.at /> {place}</p>
            </div>
        </li>
    }
}

/// Describes how the user signed in: the first step, and the second one after a `+`.
fn how(method: &str) -> Option<String> {
    let (first, second) = method.split_once('+').unwrap_or((method, ""));
    let first = match first {
        "password" => " with the password",
        "mail_code" => " with a code from an email",
        "passkey" => " with a passkey",
        _ => return None,
    };
    let second = match second {
        "code" => " and an app code",
        "recovery_code" => " and a recovery code",
        "passkey" => " and a passkey",
        "trusted_device" => ", on a trusted device",
        _ => "",
    };
    Some(format!("{first}{second}"))
}
