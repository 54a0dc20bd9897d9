//! What stands in the place of what a page does not have.

use crate::app::{error::ApiError, wire::Loaded};
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

/// It is under way.
#[component]
pub fn Loading() -> impl IntoView {
    view! { <div class="hanging"><p class="quiet" role="status">"Loading …"</p></div> }
}

/// Shows what was loaded: its child is given it, as soon as it is there. Until then, and where it can't be had, stands
/// what says so.
///
/// ```
/// # use freshkey::app::{components::Load, wire::Loaded};
/// # use leptos::prelude::*;
/// #[component]
/// fn Names(list: Loaded<Vec<String>>) -> impl IntoView {
///     view! {
///         <Load data=list let:names>
///             <ul>{names.into_iter().map(|name| view! { <li>{name}</li> }).collect_view()}</ul>
///         </Load>
///     }
/// }
/// ```
#[component]
pub fn Load<T, C, V>(
    /// What is loaded, by [`load`](crate::app::wire::load).
    data: Loaded<T>,
    /// Shows it.
    children: C,
) -> impl IntoView
where
    T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    C: Fn(T) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    view! {
        <Transition fallback=Loading>
            {move || {
                let children = children.clone();
                Suspend::new(async move {
                    match data.await {
                        Ok(loaded) => children(loaded).into_any(),
                        Err(error) => view! { <NotLoaded error /> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
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
    view! { <p class="alert" role="alert">{error.to_string()}</p> }.into_any()
}
