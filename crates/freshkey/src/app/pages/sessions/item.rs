//! A device in the list.

use super::Ending;
use crate::app::{
    components::{FormFields, Icon, SubmitButton, When, once},
    device, paths,
    types::SessionItem,
};
use leptos::prelude::*;

/// Returns the device's name.
pub(super) fn name(item: &SessionItem) -> String {
    device::name(item.user_agent.as_deref())
}

/// The device, with a button to end its session.
#[component]
pub(super) fn Item(
    item: SessionItem,
    /// Whether it has the same network address as this device.
    same_network: bool,
    /// The page's actions.
    ending: Ending,
) -> impl IntoView {
    let (name, current, id) = (name(&item), item.current, item.id.clone());
    let label = if current { "Sign out here".to_owned() } else { format!("Sign out {name}") };
    let next = if current { paths::LOGIN } else { paths::SESSIONS };
    let busy = {
        let (id, input) = (id.clone(), ending.one.input());
        Signal::derive(move || input.with(|input| input.as_ref().is_some_and(|item| item.id == id)))
    };
    let address = item.ip.clone().map(|ip| {
        let shown = if same_network { "this network".to_owned() } else { ip.clone() };
        view! { <span title=ip>{device::located(shown, item.place.as_deref())}</span> " · " }
    });
    let (seen_at, begun_at, kind) = (item.last_seen_at, item.created_at, device::kind(item.user_agent.as_deref()));
    let submit = once(ending.pending(), move || {
        ending.one.dispatch(item.clone());
    });
    view! {
        <li class="session">
            <Icon shape=kind />
            <div class="session-about">
                <p class="session-name">{name}</p>
                <p class="session-facts">
                    {address}
                    {if current {
                        view! { "in use now" }.into_any()
                    } else {
                        view! { "last seen " <When at=seen_at /> }.into_any()
                    }}
                    " · signed in " <When at=begun_at />
                </p>
            </div>
            <form method="post" action=paths::API_REVOKE on:submit=submit>
                <FormFields next page=paths::SESSIONS />
                <input type="hidden" name="id" value=id />
                <SubmitButton busy label class="button button-quiet button-small">
                    "Sign out"
                </SubmitButton>
            </form>
        </li>
    }
}
