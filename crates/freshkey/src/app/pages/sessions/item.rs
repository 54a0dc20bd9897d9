//! A device in the list.

use super::Ending;
use crate::app::{
    components::{FormFields, Icon, SubmitButton, When, once},
    device, paths,
    types::SessionItem,
};
use leptos::prelude::*;

/// What the device is called.
pub(super) fn name(item: &SessionItem) -> String {
    device::name(item.user_agent.as_deref())
}

/// The device, with the button that ends its session.
#[component]
pub(super) fn Item(
    item: SessionItem,
    /// The server's time.
    now: i64,
    /// Whether it is where this device is.
    same_network: bool,
    /// What can be done.
    ending: Ending,
) -> impl IntoView {
    let (name, current, id) = (name(&item), item.current, item.id.clone());
    let label = if current { "Sign out here".to_owned() } else { format!("End {name}") };
    let next = if current { paths::LOGIN } else { paths::SESSIONS };
    let busy = {
        let (id, input) = (id.clone(), ending.one.input());
        Signal::derive(move || input.with(|input| input.as_ref().is_some_and(|item| item.id == id)))
    };
    let seen =
        if current { "in use now".to_owned() } else { format!("last seen {}", device::ago(now - item.last_seen_at)) };
    let begun = format!("signed in {}", device::ago(now - item.created_at));
    let place = item.ip.clone().map(|ip| {
        view! { <span title=ip.clone()>{if same_network { "this network".to_owned() } else { ip.clone() }}</span> " · " }
    });
    let (seen_at, begun_at, kind) = (item.last_seen_at, item.created_at, device::kind(item.user_agent.as_deref()));
    let submit = once(ending.pending(), move || {
        ending.one.dispatch(item.clone());
    });
    view! {
        <li class="session">
            <Icon shape=kind />
            <div class="session-about">
                <p class="session-name">
                    {name} {current.then(|| view! { " " <span class="session-current">"this one"</span> })}
                </p>
                <p class="session-facts">{place} <When at=seen_at words=seen /> " · " <When at=begun_at words=begun /></p>
            </div>
            <form method="post" action=paths::API_REVOKE on:submit=submit>
                <FormFields next page=paths::SESSIONS />
                <input type="hidden" name="id" value=id />
                <SubmitButton busy label class="button button-quiet button-small">
                    {if current { "Sign out" } else { "End" }}
                </SubmitButton>
            </form>
        </li>
    }
}
