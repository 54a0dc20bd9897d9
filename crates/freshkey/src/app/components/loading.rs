//! Placeholders for data that a page does not have.

use crate::app::{error::ApiError, wire::Loaded};
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

/// The placeholder while data is loading.
#[component]
pub fn Loading() -> impl IntoView {
    view! { <div class="hanging"><p class="quiet" role="status">"Loading …"</p></div> }
}

/// Shows loaded data: passes it to its child as soon as it has arrived. Until then, and if loading fails, it shows a
/// placeholder.
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
    /// The data, from [`load`](crate::app::wire::load).
    data: Loaded<T>,
    /// Renders the data.
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

/// The message if loading failed. If the server can't be reached, it shows "loading" instead, and the status line
/// says why.
#[component]
pub fn NotLoaded(
    /// The error.
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
