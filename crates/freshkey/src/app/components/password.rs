//! What helps while a password is typed: seeing it, and knowing that Caps Lock is on. Only where the
//! page is live; without WASM a password field is just that.

use super::{
    changing, fixed,
    icon::{Icon, Shape},
    keys::of_a_key,
    live_text::LiveText,
};
use leptos::{
    ev::{KeyboardEvent, submit},
    html,
    prelude::*,
};

/// The help of one field.
#[derive(Clone, Copy)]
pub(super) struct PasswordHelp {
    name: &'static str,
    node: NodeRef<html::Input>,
    shown: RwSignal<bool>,
    focused: RwSignal<bool>,
    caps_lock: RwSignal<bool>,
}

impl PasswordHelp {
    pub(super) fn new(name: &'static str, node: NodeRef<html::Input>) -> Self {
        let help = Self {
            name,
            node,
            shown: RwSignal::new(false),
            focused: RwSignal::new(false),
            caps_lock: RwSignal::new(false),
        };
        Effect::new(move |_| {
            // Once it is sent it is no longer shown: a browser keeps what plain text fields held.
            let sent = window_event_listener(submit, move |_| help.show(false));
            on_cleanup(move || sent.remove());
        });
        help
    }

    /// A key went down or up. Caps Lock itself is known when it goes up.
    pub(super) fn key(self, event: &KeyboardEvent) {
        let Some(event) = of_a_key(event) else { return };
        self.focused.set(true);
        self.caps_lock.set(event.get_modifier_state("CapsLock"));
    }

    /// The field has the focus, or has lost it. Chromium says the latter of a field that it takes away with its page, when
    /// what is told is about to go as well: who is told asks whether it is there.
    pub(super) fn focus(self, focused: bool) {
        self.focused.set(focused);
        if !focused && self.caps_lock.try_get_untracked() == Some(true) {
            self.caps_lock.set(false);
        }
    }

    /// Shows what was typed, or hides it; the caret stays where it is.
    fn show(self, show: bool) {
        let Some(input) =
            self.node.try_get_untracked().flatten().filter(|_| self.shown.try_get_untracked() == Some(!show))
        else {
            return;
        };
        let (start, end) = (input.selection_start().ok().flatten(), input.selection_end().ok().flatten());
        input.set_type(if show { "text" } else { "password" });
        if let (Some(start), Some(end)) = (start, end) {
            // Chromium puts the caret at the beginning when it lays out the field anew: so that is done first.
            let _ = input.offset_width();
            // A caret that can't be placed is where the browser puts it.
            let _ = input.set_selection_range(start, end);
        }
        self.shown.set(show);
    }

    /// Beside the label.
    pub(super) fn caps_lock_hint(self) -> AnyView {
        let text = Signal::derive(move || {
            if self.caps_lock.try_get() == Some(true) { "Caps Lock is on" } else { "" }.to_owned()
        });
        view! {
            <span class="field-caps" hidden=move || self.focused.try_get() != Some(true) {..fixed([("role", "status")])}><LiveText text /></span>
        }
        .into_any()
    }

    /// In the field. What has the focus keeps it: a press of the pointer does not move it here.
    pub(super) fn toggle(self) -> AnyView {
        view! {
            <button
                class="reveal"
                on:mousedown=|event| event.prevent_default()
                on:click=move |_| self.show(self.shown.try_get_untracked() == Some(false))
                {..fixed([("type", "button"), ("aria-controls", self.name)])}
                {..changing("aria-pressed", move || Some(if self.shown.get() { "true" } else { "false" }))}
            >
                <Icon shape=Shape::Eye />
                <span class="unseen">"Show password"</span>
            </button>
        }
        .into_any()
    }
}
