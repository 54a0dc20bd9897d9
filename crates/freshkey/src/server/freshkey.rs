//! An app that is built on Freshkey, as the server knows it.

use super::{
    StartError,
    auth::old_rows::CleanUp,
    cli, data_folder,
    gcra::Limit,
    openapi::{self, Caller, Operation},
    policy::{Allowed, Source},
    settings::Database,
    store::Store,
};
use crate::app::{brand::Brand, types::Role};
use http::HeaderValue;
use leptos::prelude::*;
use leptos_axum::{AxumRouteListing, generate_route_list};
use sqlx::migrate::Migrator;
use std::{
    collections::HashMap,
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
    migrations: Option<&'static Migrator>,
    operations: Vec<fn() -> Vec<Operation>>,
    clean_ups: Vec<CleanUp>,
    allowed: Allowed,
    limits: Vec<(&'static str, Limit)>,
    roles: Vec<Role>,
    callers: Arc<OnceLock<HashMap<&'static str, Caller>>>,
}

impl Freshkey {
    /// The app of this name whose pages `app` renders.
    pub fn new<V: IntoView + 'static>(brand: Brand, app: fn() -> V) -> Self {
        Self {
            brand,
            view: Arc::new(move || app().into_any()),
            pages: Arc::default(),
            migrations: None,
            operations: Vec::new(),
            clean_ups: Vec::new(),
            allowed: Allowed::default(),
            limits: Vec::new(),
            roles: Vec::new(),
            callers: Arc::default(),
        }
    }

    /// Has tables of its own: `migrations` run after the library's, and are recorded in the table
    /// `_app_migrations`, so that their numbers are the app's.
    #[must_use]
    pub fn migrations(self, migrations: &'static Migrator) -> Self {
        Self { migrations: Some(migrations), ..self }
    }

    /// Describes calls of its own in `GET /api/openapi.json`.
    #[must_use]
    pub fn describe(mut self, operations: fn() -> Vec<Operation>) -> Self {
        self.operations.push(operations);
        self
    }

    /// Deletes rows of its own that nobody will ask for again: `delete` runs every ten minutes, and again as long
    /// as it says that there may be more.
    #[must_use]
    pub fn clean_up(mut self, delete: CleanUp) -> Self {
        self.clean_ups.push(delete);
        self
    }

    /// Lets its pages load something from another origin, say the script and the frame of a payment form, pictures
    /// from a bucket, or reports to an error tracker.
    ///
    /// # Panics
    /// `origin` is none, like `https://js.pay.example`.
    #[must_use]
    pub fn allow(mut self, source: Source, origin: &str) -> Self {
        self.allowed.add(source, origin);
        self
    }

    /// Has a limit of its own, counted by [`request::count`](super::request::count): shared by all instances where
    /// there is a Redis.
    #[must_use]
    pub fn limit(mut self, name: &'static str, limit: Limit) -> Self {
        self.limits.push((name, limit));
        self
    }

    /// Has a role of its own, beside [`Role::ADMIN`], which `freshkey users set-role` gives and takes. Calls ask for it
    /// with [`request::caller_as`](super::request::caller_as), pages with
    /// [`Protected`](crate::app::components::Protected).
    ///
    /// # Panics
    /// Its name is not of lower-case letters, digits, `-` and `_`, or is `admin` or `none`.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        let name = role.text();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        assert!(!name.is_empty() && name.chars().all(plain), "{name:?} is no name of a role");
        assert!(!matches!(name, "admin" | "none"), "{name:?} is the library's");
        self.roles.push(role);
        self
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

    /// Brings its own tables up to date.
    pub(super) async fn migrate(&self, database: &Database) -> Result<(), StartError> {
        let Some(own) = self.migrations else { return Ok(()) };
        let unusable = |error| StartError::Database { database: database.to_string(), error };
        Store::migrate(database, own).await.map_err(unusable)
    }

    /// Its calls, described.
    pub(super) fn operations(&self) -> Vec<Operation> {
        self.operations.iter().flat_map(|operations| operations()).collect()
    }

    /// Who may call what is posted to this path.
    pub(super) fn caller_of(&self, path: &str) -> Option<Caller> {
        self.callers.get_or_init(|| openapi::posted(self.operations()).collect()).get(path).copied()
    }

    /// The Content-Security-Policy of its pages.
    pub(super) fn page_policy(&self, nonce: &str) -> Option<HeaderValue> {
        self.allowed.policy(nonce)
    }

    /// Its own limits.
    pub(super) fn limits(&self) -> &[(&'static str, Limit)] {
        &self.limits
    }

    /// Its own roles.
    pub(super) fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// What deletes its old rows.
    pub(super) fn clean_ups(&self) -> &[CleanUp] {
        &self.clean_ups
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
