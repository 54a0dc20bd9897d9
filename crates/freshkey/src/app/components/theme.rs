//! The theme: the system's, or the one that the person chose in this browser. `server/start.js` applies it before
//! the first paint and keeps the inputs, here and in other tabs, as the choice is.

use super::{Icon, Shape};
use crate::app::seam;
use leptos::prelude::*;

/// The themes, by the name that is kept.
const THEMES: [(&str, &str, Shape); 3] =
    [("", "System", Shape::Computer), ("light", "Light", Shape::Sun), ("dark", "Dark", Shape::Moon)];

/// The choice, where the page is live.
#[component]
pub fn ThemeSwitch(
    /// The name of its inputs: another one for each on a page.
    name: &'static str,
) -> impl IntoView {
    let choice = |(theme, label, shape): (&'static str, &'static str, Shape)| {
        view! {
            <label title=label>
                <input type="radio" name=name value=theme aria-label=label checked=theme.is_empty()
                    on:change=move |_| seam::choose_theme(theme) />
                <Icon shape />
            </label>
        }
    };
    view! {
        <fieldset class="theme">
            <legend>"Theme"</legend>
            <div>{THEMES.map(choice).collect_view()}</div>
        </fieldset>
    }
}
