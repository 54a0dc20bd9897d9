//! Recovery codes, shown once.

use crate::app::{
    address::{use_open_instead, use_query_value},
    api::factors::{MakeRecoveryCodes, RecoveryCodesSaved, shown_recovery_codes},
    brand,
    components::{CallForm, CopyButton, FormCard, Load, Protected},
    pages::use_next,
    paths, seam,
    types::{RecoveryCodes as Codes, Secret},
    wire::load,
};
use leptos::prelude::*;

/// The page.
#[component]
pub fn RecoveryCodes() -> impl IntoView {
    brand::set_title("Recovery codes");
    let made = RwSignal::new(0);
    let codes = load(move || made.get(), |_| shown_recovery_codes());
    view! {
        <Protected>
            <FormCard title="Recovery codes">
                <Load data=codes let:codes>
                    {match codes {
                        Some(codes) => view! { <Shown codes /> }.into_any(),
                        None => view! { <Gone made /> }.into_any(),
                    }}
                </Load>
            </FormCard>
        </Protected>
    }
}

/// Returns the page that follows this one.
fn use_after() -> Signal<String> {
    let (next, wanted) = (use_next(), use_query_value("next"));
    Signal::derive(move || if wanted.with(Option::is_some) { next.get() } else { paths::SECURITY.to_owned() })
}

#[component]
fn Shown(codes: Codes) -> impl IntoView {
    let (after, open_instead) = (use_after(), use_open_instead());
    let list: Vec<String> = codes.recovery_codes.iter().map(Secret::reveal).map(str::to_owned).collect();
    let text = list.join("\n") + "\n";
    let items = list.into_iter().map(|code| view! { <li><code>{code}</code></li> }).collect_view();
    view! {
        <p class="card-lead">
            "If you lose your phone or your passkey, one of these lets you in. Each works once. Keep them where you keep \
             what matters: we can't show them again."
        </p>
        <ol class="codes">{items}</ol>
        <Keep text />
        <CallForm page=Signal::stored(paths::SECURITY_RECOVERY_CODES.to_owned()) next=after button="I have saved them" done=move |()| open_instead.to(after.try_get_untracked())
            input=|_| RecoveryCodesSaved {} />
    }
}

/// Buttons to keep the codes. Without a script, the user can copy them by hand.
#[component]
fn Keep(text: String) -> impl IntoView {
    let downloaded = text.clone();
    view! {
        <div class="codes-keep live-only">
            <CopyButton text />
            <button type="button" class="button button-quiet button-small" on:click=move |_| seam::download("recovery-codes.txt", &downloaded)>"Download"</button>
            <button type="button" class="button button-quiet button-small" on:click=move |_| drop(window().print())>"Print"</button>
        </div>
    }
}

#[component]
fn Gone(made: RwSignal<u32>) -> impl IntoView {
    let after = use_after();
    view! {
        <p class="notice" role="status">"Codes are shown once, right after they are made. There is nothing to show now."</p>
        <CallForm page=Signal::stored(paths::SECURITY_RECOVERY_CODES.to_owned()) button="Make new codes" button_class="button button-quiet"
            input=|_| MakeRecoveryCodes {} done=move |_: Codes| made.update(|made| *made += 1) />
        <p class="card-aside"><a href=move || after.get()>"Go on"</a></p>
    }
}
