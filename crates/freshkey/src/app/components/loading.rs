//! What stands in the place of what a page does not have: on the axis, as what belongs there.

use crate::app::error::ApiError;
use leptos::prelude::*;

/// It is under way.
#[component]
pub fn Loading() -> impl IntoView {
    view! { <div class="hanging"><p class="quiet" role="status">"Loading …"</p></div> }
}

/// It could not be had; or not yet, and the line at the page's end says why.
#[component]
pub fn NotLoaded(
    /// Why.
    error: ApiError,
) -> impl IntoView {
    if error.code.is_passing() {
        return view! {
            <Loading />
            <noscript><p class="alert">{error.message}</p></noscript>
        }
        .into_any();
    }
    view! { <div class="hanging"><p class="alert" role="alert">{error.message}</p></div> }.into_any()
}
