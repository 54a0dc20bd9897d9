//! Pages whose code has a file of its own if the build is split.

use super::seam;
use leptos::prelude::*;
use leptos_router::ChooseView;
use std::{future::Future, pin::Pin};

/// A route's view, declared by [`lazy_pages!`](crate::lazy_pages). It is one type for all pages; with the framework's
/// `Lazy<Page>`, each page adds a kilobyte to the code that every user downloads.
#[derive(Clone, Copy)]
pub struct LazyPage {
    #[doc(hidden)]
    pub part: &'static str,
    #[doc(hidden)]
    pub page: &'static str,
    #[doc(hidden)]
    pub view: fn(&'static str) -> Pin<Box<dyn Future<Output = AnyView>>>,
}

impl ChooseView for LazyPage {
    async fn choose(self) -> AnyView {
        seam::preload_page(self.part);
        (self.view)(self.page).await
    }

    async fn preload(&self) {}
}

/// Declares pages whose code the browser fetches only when they are opened, if the build is split (feature `split`).
/// Otherwise their code is in the one WASM file. Pages of the same part share a file. Each line is `PAGE = view;`. The
/// route uses it as `view=PAGE`.
///
/// ```
/// # mod reports { use leptos::prelude::*; #[component] pub fn Sales() -> impl IntoView {} }
/// freshkey::lazy_pages! {
///     reports {
///         /// The sales report.
///         SALES = reports::Sales;
///     }
/// }
/// ```
#[macro_export]
macro_rules! lazy_pages {
    ($($part:ident { $($(#[$doc:meta])* $page:ident = $view:path;)* })*) => {$(
        $crate::part_of_pages! { $part { $($page = $view;)* } }
        $(
            $(#[$doc])*
            pub const $page: $crate::app::lazy_page::LazyPage =
                $crate::app::lazy_page::LazyPage { part: stringify!($part), page: stringify!($page), view: $part };
        )*
    )*};
}
