//! A page that a route shows, and whose code has a file of its own where the build is split.

use super::seam;
use leptos::prelude::*;
use leptos_router::ChooseView;
use std::{future::Future, pin::Pin};

/// A route's view, declared by [`lazy_pages!`](crate::lazy_pages). Of one type for all pages: with the framework's
/// `Lazy<Page>`, each adds a kilobyte to what everybody loads.
#[derive(Clone, Copy)]
pub struct LazyPage {
    #[doc(hidden)]
    pub part: &'static str,
    #[doc(hidden)]
    pub view: fn() -> Pin<Box<dyn Future<Output = AnyView>>>,
}

impl ChooseView for LazyPage {
    async fn choose(self) -> AnyView {
        seam::preload_page(self.part);
        (self.view)().await
    }

    async fn preload(&self) {}
}

/// Declares pages whose code a browser fetches when they are opened, where the build is split (feature `split`);
/// elsewhere they are in the one file. A line is `PAGE(part) = view;`: `view=PAGE` is then a route's. Pages of one
/// part share a file.
///
/// ```
/// # mod reports { use leptos::prelude::*; #[component] pub fn Reports() -> impl IntoView {} }
/// freshkey::lazy_pages! {
///     /// What was sold.
///     REPORTS(reports) = reports::Reports;
/// }
/// ```
#[macro_export]
macro_rules! lazy_pages {
    ($($(#[$doc:meta])* $page:ident($part:ident) = $view:path;)*) => {$(
        $(#[$doc])*
        pub const $page: $crate::app::lazy_page::LazyPage = $crate::app::lazy_page::LazyPage {
            part: stringify!($part),
            view: $crate::fetched!($page, $part, $view),
        };
    )*};
}
