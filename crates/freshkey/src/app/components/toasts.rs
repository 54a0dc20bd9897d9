//! Short messages at the edge of the window that disappear by themselves: something was done, and perhaps can be
//! undone. A message that must be read, or is about a field, belongs in the page instead.
//!
//! ```
//! use freshkey::app::components::Toasts;
//!
//! fn saved(toasts: Toasts) {
//!     toasts.say("Saved");
//!     toasts.offer("Note deleted", "Undo", || { /* bring it back */ });
//! }
//! ```

use super::is_key;
use leptos::{
    ev::{self, KeyboardEvent},
    leptos_dom::helpers::TimeoutHandle,
    prelude::*,
};
use std::{borrow::Cow, sync::Arc, time::Duration};

/// The maximum number of messages; more would cover the page.
const AT_MOST: usize = 3;
const LIFE: Duration = Duration::from_secs(6);
/// How long a message with a button stays: time to read it and to reach the button with the keyboard.
const LIFE_WITH_ACTION: Duration = Duration::from_secs(15);

/// The app's messages, from `use_context`.
#[derive(Clone, Copy)]
pub struct Toasts {
    view: RwSignal<Option<ViewFn>>,
    list: RwSignal<Vec<Toast>>,
    last: StoredValue<u64>,
    hovered: RwSignal<bool>,
    focused: RwSignal<bool>,
}

#[derive(Clone)]
struct Toast {
    number: u64,
    sentence: Cow<'static, str>,
    action: Option<Action>,
}

/// The button. It is not a `Callback`, which ends with the component that made it; a message outlives its page.
#[derive(Clone)]
struct Action {
    label: &'static str,
    run: Arc<dyn Fn() + Send + Sync>,
}

impl Toasts {
    /// Provides the context, without any messages yet.
    pub fn provide_context() {
        provide_context(Self {
            view: RwSignal::new(None),
            list: RwSignal::new(Vec::new()),
            last: StoredValue::new(0),
            hovered: RwSignal::new(false),
            focused: RwSignal::new(false),
        });
    }

    /// Returns the messages that `App` provided, for a page that has something to say. The component that shows them
    /// loads with the first such page.
    pub fn get_context() -> Self {
        let toasts: Self = expect_context();
        Effect::new(move |_| {
            if toasts.view.try_with_untracked(Option::is_none) == Some(true) {
                toasts.view.set(Some((|| view! { <List /> }).into()));
            }
        });
        toasts
    }

    /// Shows a message.
    pub fn say(self, sentence: impl Into<Cow<'static, str>>) {
        self.push(sentence.into(), None);
    }

    /// Shows a message with a button to undo, which Control+Z (Command+Z) presses too, since it may be far away by
    /// Tab. Returns the message's number, to dismiss it.
    pub fn offer(
        self,
        sentence: impl Into<Cow<'static, str>>,
        label: &'static str,
        run: impl Fn() + Send + Sync + 'static,
    ) -> u64 {
        self.push(sentence.into(), Some(Action { label, run: Arc::new(run) }))
    }

    fn push(self, sentence: Cow<'static, str>, action: Option<Action>) -> u64 {
        let next = |last: &mut u64| {
            *last += 1;
            *last
        };
        let number = self.last.try_update_value(next).unwrap_or_default();
        let toast = Toast { number, sentence, action };
        self.list.update(|list| {
            list.push(toast);
            let old = list.len().saturating_sub(AT_MOST);
            list.drain(..old);
        });
        number
    }

    /// Presses the newest button; returns false if there is none.
    fn undo(self) -> bool {
        let newest = self
            .list
            .try_with_untracked(|list| list.iter().rev().find(|toast| toast.action.is_some()).cloned())
            .flatten();
        let Some(Toast { number, action: Some(action), .. }) = newest else { return false };
        self.dismiss(number);
        (action.run)();
        true
    }

    /// Removes a message, if it is still there.
    pub fn dismiss(self, number: u64) {
        self.list.update(|list| list.retain(|toast| toast.number != number));
        // A removed element sends no event when the pointer or the focus leaves it.
        self.focused.set(false);
        if self.list.try_with_untracked(Vec::is_empty) == Some(true) {
            self.hovered.set(false);
        }
    }
}

/// The place of the messages, once per app.
#[component]
pub fn Toaster() -> impl IntoView {
    let toasts: Toasts = expect_context();
    view! { {move || toasts.view.get().map(|view| view.run().into_any())} }
}

#[component]
fn List() -> impl IntoView {
    let toasts: Toasts = expect_context();
    Effect::new(move |_| {
        let by_key = window_event_listener(ev::keydown, move |event| {
            let pressed = (event.ctrl_key() || event.meta_key()) && !event.shift_key() && !event.repeat();
            let wanted = pressed && (is_key(&event, "z") || is_key(&event, "Z"));
            // In a text field Control+Z undoes typing; behind a dialog the button is out of reach.
            let elsewhere = ":focus:is(input, textarea), dialog[open]";
            if wanted && document().query_selector(elsewhere).ok().flatten().is_none() && toasts.undo() {
                event.prevent_default();
            }
        });
        on_cleanup(move || by_key.remove());
    });
    view! {
        <section class="toaster" aria-label="Messages">
            <ul
                class="toasts"
                aria-live="polite"
                aria-relevant="additions"
                on:pointerenter=move |_| toasts.hovered.set(true)
                on:pointerleave=move |_| toasts.hovered.set(false)
                on:focusin=move |_| toasts.focused.set(true)
                on:focusout=move |_| toasts.focused.set(false)
            >
                <For each=move || toasts.list.get() key=|toast| toast.number let:toast>
                    <Item toast />
                </For>
            </ul>
        </section>
    }
}

#[component]
fn Item(toast: Toast) -> impl IntoView {
    let toasts: Toasts = expect_context();
    let number = toast.number;
    let life = if toast.action.is_some() { LIFE_WITH_ACTION } else { LIFE };
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(handle) = timer.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    };
    // Messages stay while the user hovers over or focuses them. A memo, so that removing one message does not restart
    // the others' timers.
    let held = Memo::new(move |_| toasts.hovered.get() || toasts.focused.get());
    Effect::new(move |_| {
        stop();
        if !held.get() {
            timer.set_value(set_timeout_with_handle(move || toasts.dismiss(number), life).ok());
        }
    });
    on_cleanup(stop);
    let dismiss_by_key = move |event: KeyboardEvent| {
        if is_key(&event, "Escape") {
            toasts.dismiss(number);
        }
    };
    let action = toast.action.map(|Action { label, run }| {
        let act = move |_| {
            toasts.dismiss(number);
            run();
        };
        view! {
            <button type="button" class="toast-action" title="Control+Z" aria-keyshortcuts="Control+Z" on:click=act>
                {label}
            </button>
        }
    });
    view! {
        <li class="toast" on:keydown=dismiss_by_key>
            <span class="toast-sentence">{toast.sentence}</span>
            {action}
            <button type="button" class="toast-dismiss" aria-label="Dismiss" on:click=move |_| toasts.dismiss(number)>
                <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M4 4l8 8M12 4l-8 8" /></svg>
            </button>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_makes_room() {
        Owner::new().with(|| {
            Toasts::provide_context();
            let toasts = Toasts::get_context();
            (0..5).for_each(|n| toasts.say(n.to_string()));
            toasts.dismiss(4);
            let said: Vec<_> = untrack(|| toasts.list.get()).into_iter().map(|toast| toast.sentence).collect();
            assert_eq!(said, ["2", "4"]);
        });
    }
}
