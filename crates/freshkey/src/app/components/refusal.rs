//! The reason for a refused form, above the page that the form led back to.

use super::FormAlert;
use crate::app::{refused_form::use_refusal, seam, session::FormEcho};
use leptos::{ev::submit, prelude::*};

/// The error message, in one place for the forms of all pages. A form that the page itself sends shows its own.
#[component]
pub fn Refusal() -> impl IntoView {
    let (code, over) = (use_refusal(), RwSignal::new(false));
    Effect::new(move |_| {
        code();
        over.set(false);
    });
    Effect::new(move |_| {
        // The message is about the last form; the next one hides it.
        let sent = window_event_listener(submit, move |_| {
            over.set(true);
            seam::title_refused(false);
        });
        on_cleanup(move || sent.remove());
    });
    let echo: StoredValue<Option<FormEcho>> = expect_context();
    let whole = move || echo.try_with_value(|echo| echo.as_ref()?.sentence(FormEcho::WHOLE)).flatten();
    let message = move || {
        let code = code().filter(|_| !over.get())?;
        Some(whole().unwrap_or_else(|| code.of_a_form().to_owned()))
    };
    view! { <FormAlert message=Signal::derive(message) /> }
}
