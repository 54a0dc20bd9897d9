//! Above a page that a refused form led back to: why it was refused.

use super::FormAlert;
use crate::app::{refused_form::use_refusal, seam, session::FormEcho};
use leptos::{ev::submit, prelude::*};

/// The sentence, in one place for the forms of all pages. A form that the page itself sends has its own.
#[component]
pub fn Refusal() -> impl IntoView {
    let (code, over) = (use_refusal(), RwSignal::new(false));
    Effect::new(move |_| {
        code();
        over.set(false);
    });
    Effect::new(move |_| {
        // Whatever is sent next is another matter.
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
