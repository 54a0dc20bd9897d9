//! Help while a password is typed: showing it, and a Caps Lock hint. Only on a live page; without WASM it is a plain
//! password field.

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

/// The help for one field.
#[derive(Clone, Copy)]
pub(super) struct PasswordHelp {
    node: NodeRef<html::Input>,
    shown: RwSignal<bool>,
    focused: RwSignal<bool>,
    caps_lock: RwSignal<bool>,
}

impl PasswordHelp {
    pub(super) fn new(node: NodeRef<html::Input>) -> Self {
        let help =
            Self { node, shown: RwSignal::new(false), focused: RwSignal::new(false), caps_lock: RwSignal::new(false) };
        Effect::new(move |_| {
            // Hide the password when the form is sent: browsers remember the values of plain text fields.
            let sent = window_event_listener(submit, move |_| help.show(false));
            on_cleanup(move || sent.remove());
        });
        help
    }

    /// Handles a key going down or up. The Caps Lock key itself only shows its new state when it goes up.
    pub(super) fn key(self, event: &KeyboardEvent) {
        let Some(event) = of_a_key(event) else { return };
        self.focused.set(true);
        self.caps_lock.set(event.get_modifier_state("CapsLock"));
    }

    /// Handles gaining and losing the focus. Chromium also reports a loss while it removes the field with its page,
    /// when the signals are about to be disposed of; so every reader checks that they still exist.
    pub(super) fn focus(self, focused: bool) {
        self.focused.set(focused);
        if !focused && self.caps_lock.try_get_untracked() == Some(true) {
            self.caps_lock.set(false);
        }
    }

    /// Shows or hides the typed text and keeps the caret where it is.
    fn show(self, show: bool) {
        let Some(input) =
            self.node.try_get_untracked().flatten().filter(|_| self.shown.try_get_untracked() == Some(!show))
        else {
            return;
        };
        let (start, end) = (input.selection_start().ok().flatten(), input.selection_end().ok().flatten());
        input.set_type(if show { "text" } else { "password" });
        if let (Some(start), Some(end)) = (start, end) {
            // Chromium resets the caret when it lays the field out again, so force the layout first.
            let _ = input.offset_width();
            // If the caret can't be set, the browser's choice is fine.
            let _ = input.set_selection_range(start, end);
        }
        self.shown.set(show);
    }

    /// The hint beside the label.
    pub(super) fn caps_lock_hint(self) -> AnyView {
        let text = Signal::derive(move || {
            if self.caps_lock.try_get() == Some(true) { "Caps Lock is on" } else { "" }.to_owned()
        });
        view! {
            <span class="field-caps" hidden=move || self.focused.try_get() != Some(true) {..fixed([("role", "status")])}><LiveText text /></span>
        }
        .into_any()
    }

    /// The button in the field with this id. Pressing it does not take the focus away from the field.
    pub(super) fn toggle(self, id: String) -> AnyView {
        view! {
            <button
                class="reveal"
                on:mousedown=|event| event.prevent_default()
                on:click=move |_| self.show(self.shown.try_get_untracked() == Some(false))
                {..fixed([("type", "button".to_owned()), ("aria-controls", id)])}
                {..changing("aria-pressed", move || Some(if self.shown.get() { "true" } else { "false" }))}
            >
                <Icon shape=Shape::Eye />
                <span class="unseen">"Show password"</span>
            </button>
        }
        .into_any()
    }
}
