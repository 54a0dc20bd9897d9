//! The theme: the system's, or the one that the person chose in this browser. `server/start.js` applies it before
//! the first paint and keeps the inputs, here and in other tabs, as the choice is.

use super::Shape;
use crate::app::seam;
use leptos::{
    ev::Event,
    html::{self, ElementType},
    prelude::*,
    wasm_bindgen::JsCast,
};

/// The themes, by the name that is kept.
const THEMES: [(&str, &str, Shape); 3] =
    [("", "System", Shape::Computer), ("light", "Light", Shape::Sun), ("dark", "Dark", Shape::Moon)];

/// The choice, where the page is live.
#[component]
pub fn ThemeSwitch(
    /// The name of its inputs: another one for each on a page.
    name: &'static str,
) -> impl IntoView {
    // What is shown after the page was loaded has not been set to the choice yet.
    Effect::new(|_| seam::show_theme());
    view! {
        <fieldset class="theme" on:change=move |event| choose(&event)>
            <legend>"Theme"</legend>
            <div inner_html=choices(name)></div>
        </fieldset>
    }
}

/// The input that was ticked has the choice. Whatever else sends such an event (a page's extension can) chooses nothing.
fn choose(event: &Event) {
    type Choice = <html::Input as ElementType>::Output;
    let input = event.target().and_then(|target| target.dyn_into::<Choice>().ok());
    if let Some(input) = input.filter(Choice::checked) {
        seam::choose_theme(&input.value());
    }
}

/// As HTML: nothing of it changes, and it is on every page.
fn choices(name: &str) -> String {
    let choice = |(theme, label, shape): (&str, &str, Shape)| {
        let (checked, icon) = (if theme.is_empty() { " checked" } else { "" }, shape.svg());
        let input = format!(r#"<input type="radio" name="{name}" value="{theme}" aria-label="{label}"{checked}>"#);
        format!(r#"<label title="{label}">{input}{icon}</label>"#)
    };
    THEMES.map(choice).concat()
}
