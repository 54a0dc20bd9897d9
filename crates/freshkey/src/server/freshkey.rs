//! An app that is built on Freshkey, as the server knows it.

use super::{cli, data_folder};
use crate::app::brand::Brand;
use leptos::prelude::*;
use leptos_axum::{AxumRouteListing, generate_route_list};
use std::{
    process::ExitCode,
    sync::{Arc, OnceLock},
};

/// The app: what is rendered, and what the library needs to know of it. `main` makes one and runs it.
///
/// ```no_run
/// # use freshkey::{Freshkey, app::brand::Brand};
/// # use leptos::prelude::*;
/// # #[component] fn App() -> impl IntoView {}
/// # const BRAND: Brand = Brand { name: "Shop", what: "", description: "", mark: || ().into_any() };
/// fn main() -> std::process::ExitCode {
///     Freshkey::new(BRAND, App).run()
/// }
/// ```
#[derive(Clone)]
pub struct Freshkey {
    brand: Brand,
    view: Arc<dyn Fn() -> AnyView + Send + Sync>,
    pages: Arc<OnceLock<Vec<AxumRouteListing>>>,
}

impl Freshkey {
    /// The app of this name whose pages `app` renders.
    pub fn new<V: IntoView + 'static>(brand: Brand, app: fn() -> V) -> Self {
        Self { brand, view: Arc::new(move || app().into_any()), pages: Arc::default() }
    }

    /// Reads the command line and the settings, and does what they say: serves, or changes accounts, keys or
    /// sessions. Returns 2 for wrong settings, 1 where something else is in the way.
    pub fn run(self) -> ExitCode {
        // Before there is a second thread that could make a file.
        data_folder::make_files_private();
        match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(cli::run(self)),
            Err(error) => {
                cli::complain(&format!("can't start: {error}"));
                ExitCode::FAILURE
            }
        }
    }

    /// Its name and mark.
    pub fn brand(&self) -> Brand {
        self.brand
    }

    /// What it renders.
    pub(super) fn view(&self) -> AnyView {
        (self.view)()
    }

    /// Its pages, listed once: while Leptos lists them, no page of this process gets its data.
    pub(super) fn pages(&self) -> &[AxumRouteListing] {
        self.pages.get_or_init(|| {
            let view = Arc::clone(&self.view);
            generate_route_list(move || view())
        })
    }
}
