//! The theme: the system's, or the one that the user chose in this browser. `server/start.js` applies it before the
//! first paint, and keeps the inputs in sync, here and in other tabs.

use super::Shape;
use crate::app::seam;
use leptos::{
    ev::Event,
    html::{self, ElementType},
    prelude::*,
    wasm_bindgen::JsCast,
};

/// The themes, by their stored names.
const THEMES: [(&str, &str, Shape); 3] =
    [("", "System", Shape::Computer), ("light", "Light", Shape::Sun), ("dark", "Dark", Shape::Moon)];

/// The theme switch, on a live page.
#[component]
pub fn ThemeSwitch(
    /// The name of its inputs; each switch on a page needs its own.
    name: &'static str,
) -> impl IntoView {
    // Inputs rendered after the page load are not set to the choice yet.
    Effect::new(|_| seam::show_theme());
    view! {
        <fieldset class="theme" on:change=move |event| choose(&event)>
            <legend>"Theme"</legend>
            <div inner_html=choices(name)></div>
        </fieldset>
    }
}

/// Stores the theme of the ticked input. It ignores other events of this kind, which extensions may send.
fn choose(event: &Event) {
    type Choice = <html::Input as ElementType>::Output;
    let input = event.target().and_then(|target| target.dyn_into::<Choice>().ok());
    if let Some(input) = input.filter(Choice::checked) {
        seam::choose_theme(&input.value());
    }
}

/// The inputs as HTML: they never change, and they are on every page.
fn choices(name: &str) -> String {
    let choice = |(theme, label, shape): (&str, &str, Shape)| {
        let (checked, icon) = (if theme.is_empty() { " checked" } else { "" }, shape.svg());
        let input = format!(r#"<input type="radio" name="{name}" value="{theme}" aria-label="{label}"{checked}>"#);
        format!(r#"<label title="{label}">{input}{icon}</label>"#)
    };
    THEMES.map(choice).concat()
}
