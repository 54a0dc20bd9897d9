//! What helps while a password is typed: seeing it, knowing that Caps Lock is on, and, for a new
//! one, how good it is. Only where the page is live; without WASM a password field is just that.

use super::icon::{Icon, Shape};
use crate::app::strength::{self, Strength};
use leptos::{
    ev::{KeyboardEvent, submit},
    html,
    prelude::*,
};

/// The shortest password that the server takes, from `use_context`.
#[derive(Clone, Copy, Debug, Default)]
pub struct PasswordMin(pub usize);

/// The help of one field.
#[derive(Clone, Copy)]
pub(super) struct PasswordHelp {
    name: &'static str,
    node: NodeRef<html::Input>,
    shown: RwSignal<bool>,
    focused: RwSignal<bool>,
    caps_lock: RwSignal<bool>,
    /// None while there is nothing to judge.
    strength: RwSignal<Option<Strength>>,
    /// The fields of what is known of the person, where the password is a new one.
    about: StoredValue<Option<Vec<NodeRef<html::Input>>>>,
    min: usize,
}

impl PasswordHelp {
    pub(super) fn new(
        name: &'static str,
        node: NodeRef<html::Input>,
        about: Option<Vec<NodeRef<html::Input>>>,
    ) -> Self {
        let help = Self {
            name,
            node,
            shown: RwSignal::new(false),
            focused: RwSignal::new(false),
            caps_lock: RwSignal::new(false),
            strength: RwSignal::new(None),
            about: StoredValue::new(about),
            min: use_context::<PasswordMin>().unwrap_or_default().0,
        };
        Effect::new(move |_| {
            // What was typed, or filled in, before the page was live.
            help.typed();
            // Once it is sent it is no longer shown: a browser keeps what plain text fields held.
            let sent = window_event_listener(submit, move |_| help.show(false));
            on_cleanup(move || sent.remove());
        });
        help
    }

    /// A key went down or up. Caps Lock itself is known when it goes up.
    pub(super) fn key(self, event: &KeyboardEvent) {
        self.focused.set(true);
        self.caps_lock.set(event.get_modifier_state("CapsLock"));
    }

    pub(super) fn focus(self, focused: bool) {
        self.focused.set(focused);
        if !focused {
            self.caps_lock.set(false);
        }
    }

    pub(super) fn typed(self) {
        let text = |node: &NodeRef<html::Input>| node.get_untracked().map(|input| input.value()).unwrap_or_default();
        let password = text(&self.node);
        let about =
            self.about.with_value(|about| about.as_ref().map(|nodes| nodes.iter().map(text).collect::<Vec<_>>()));
        let judged = about.filter(|_| !password.is_empty()).map(|about| strength::judge(&password, self.min, &about));
        if self.strength.get_untracked() != judged {
            self.strength.set(judged);
        }
    }

    /// Shows what was typed, or hides it; the caret stays where it is.
    fn show(self, show: bool) {
        let Some(input) = self.node.get_untracked().filter(|_| self.shown.get_untracked() != show) else { return };
        let (start, end) = (input.selection_start().ok().flatten(), input.selection_end().ok().flatten());
        input.set_type(if show { "text" } else { "password" });
        if let (Some(start), Some(end)) = (start, end) {
            // A caret that can't be placed is where the browser puts it.
            let _ = input.set_selection_range(start, end);
        }
        self.shown.set(show);
    }

    /// Beside the label.
    pub(super) fn caps_lock_hint(self) -> impl IntoView {
        view! {
            <span class="field-caps" role="status" hidden=move || !self.focused.get()>
                {move || self.caps_lock.get().then_some("Caps Lock is on")}
            </span>
        }
    }

    /// In the field. What has the focus keeps it: a press of the pointer does not move it here.
    pub(super) fn toggle(self) -> impl IntoView {
        view! {
            <button
                type="button"
                class="reveal"
                aria-controls=self.name
                aria-pressed=move || self.shown.get().to_string()
                on:mousedown=|event| event.prevent_default()
                on:click=move |_| self.show(!self.shown.get_untracked())
            >
                <Icon shape=Shape::Eye />
                <span class="unseen">"Show password"</span>
            </button>
        }
    }

    /// Below the field, in the place of the hint.
    pub(super) fn strength_words(self) -> impl IntoView {
        let strength = self.strength;
        view! {
            <p
                class="field-strength"
                role="status"
                hidden=move || strength.with(Option::is_none) && !self.focused.get()
                data-strength=move || strength.get().map(Strength::name)
            >
                {move || strength.get().map(|strength| strength.to_string())}
            </p>
        }
    }

    pub(super) fn judges(self) -> bool {
        self.about.with_value(Option::is_some)
    }

    /// Whether there is something said of the password.
    pub(super) fn has_judged(self) -> bool {
        self.strength.with(Option::is_some)
    }
}
