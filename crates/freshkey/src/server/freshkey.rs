//! An app that is built on Freshkey, as the server knows it.

use super::{
    after::{After, Afterwards, HookError},
    auth::{
        access_token::NotSigned,
        language::Language,
        mail::{OwnContent, Texts},
        old_rows::CleanUp,
        sessions::ClaimsOf,
    },
    described::Described,
    operations::{self, Field, Operation},
    own_settings::OwnSettings,
    policy::{Allowed, Source},
    registration::{self, ReadOwn, Registration},
    settings::Database,
    start_error::StartError,
    store::{
        Store, StoreError,
        activity::Event,
        hooks::{Hooks, InTransaction},
    },
};
use crate::app::{
    brand::Brand,
    types::{OwnClaims, Role, UserView},
};
use http::{HeaderValue, Method};
use leptos::prelude::*;
use leptos_axum::{AxumRouteListing, generate_route_list};
use serde::Serialize;
use sqlx::migrate::Migrator;
use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};
use tokio::sync::RwLock;

/// Held while a page is rendered. While Leptos lists an app's pages, no page of this process gets its data, and one that
/// is rendered then waits for ever: another app in the process may be starting.
pub(super) static RENDERING: RwLock<()> = RwLock::const_new(());

/// The app: what is rendered, and what the library needs to know of it. `main` makes one and runs it.
///
/// ```no_run
/// # use freshkey::{Freshkey, app::brand::{Accent, Brand}};
/// # use leptos::prelude::*;
/// # #[component] fn App() -> impl IntoView {}
/// # const BRAND: Brand = Brand { name: "Shop", what: "", description: "", mark: || ().into_any(), accent: Accent::DEFAULT };
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
    roles: Vec<Role>,
    claims: Option<ClaimsOf>,
    registration: Option<OwnRegistration>,
    in_transaction: Vec<InTransaction>,
    after: Vec<After>,
    settings: Option<OwnSettings>,
    pub(super) emails: OwnEmails,
    described: Arc<OnceLock<AllDescribed>>,
}

/// Its fields of a registration: how they are read, and described.
#[derive(Clone, Copy)]
struct OwnRegistration {
    read: ReadOwn,
    fields: fn() -> Vec<Field>,
}

/// The app's own emails, and its texts for ours.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnEmails {
    pub(super) contents: HashMap<&'static str, OwnContent>,
    pub(super) texts: HashMap<Language, Texts>,
}

/// What is known of the calls, by method and path.
type AllDescribed = HashMap<(&'static str, &'static str), Arc<Described>>;

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
            roles: Vec::new(),
            claims: None,
            registration: None,
            in_transaction: Vec::new(),
            after: Vec::new(),
            settings: None,
            emails: OwnEmails::default(),
            described: Arc::default(),
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

    /// Has claims of its own in the access token, which other services read there: `of` says what they are of a user,
    /// each time that a token is made. A type with named fields, which `caller()?.claims` and, in the browser,
    /// [`Session::claims`](crate::app::session::Session::claims) read again.
    #[must_use]
    pub fn claims<C, F>(self, of: fn(Store, UserView) -> F) -> Self
    where
        C: Serialize,
        F: Future<Output = Result<C, StoreError>> + Send + 'static,
    {
        let claims: ClaimsOf = Arc::new(move |store, user| {
            let claims = of(store, user);
            Box::pin(async move { OwnClaims::new(&claims.await?).map_err(|error| NotSigned::from(error).into()) })
        });
        Self { claims: Some(claims), ..self }
    }

    /// Asks for fields of its own at a registration. They are sent and refused with ours, and written down in the
    /// transaction that makes the account; [`RegisterWith`](crate::app::pages::register::RegisterWith) shows them.
    #[must_use]
    pub fn registration<R: Registration>(self) -> Self {
        let own = OwnRegistration { read: registration::read::<R>, fields: operations::fields::<R> };
        Self { registration: Some(own), ..self }
    }

    /// Does something in the transaction that changes an account: an error undoes the change. It may be tried more
    /// than once, so there is nothing in it but SQL. Registrations, changes of the password, and what administrators
    /// and the command line do are such changes; what else [`Happened`](crate::app::types::Happened) names is only
    /// told [`after`](Self::after) it.
    #[must_use]
    pub fn in_transaction(mut self, hook: InTransaction) -> Self {
        self.in_transaction.push(hook);
        self
    }

    /// Does something after it happened to an account, on the instance where it did: sends a mail, calls another
    /// service. One at a time, in their order, each for half a minute at most; what fails is logged, and not tried
    /// again. A server that is killed forgets what waits: what must not be lost is written down
    /// [`in_transaction`](Self::in_transaction).
    #[must_use]
    pub fn after<F>(mut self, hook: fn(Store, Event) -> F) -> Self
    where
        F: Future<Output = Result<(), HookError>> + Send + 'static,
    {
        self.after.push(Arc::new(move |store, event| Box::pin(hook(store, event))));
        self
    }

    /// Has settings of its own, environment variables and flags of `freshkey serve` beside ours: `S` derives
    /// `clap::Args`. [`request::settings`](super::request::settings) returns them.
    #[must_use]
    pub fn settings<S: clap::Args + Send + Sync + 'static>(self) -> Self {
        Self { settings: Some(OwnSettings::new::<S>()), ..self }
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

    /// All calls, ours and its own, described.
    pub(super) fn operations(&self) -> impl Iterator<Item = Operation> {
        let own = self.operations.iter().flat_map(|operations| operations());
        operations::all(&self.registration_fields()).into_iter().chain(own)
    }

    /// What is known of a call; of none that there is, nothing.
    pub(super) fn described(&self, method: &Method, path: &str) -> Arc<Described> {
        let described = |call: Operation| ((call.method, call.path), Arc::new(call.described()));
        let all = self.described.get_or_init(|| self.operations().map(described).collect());
        all.get(&(method.as_str(), path)).cloned().unwrap_or_default()
    }

    /// The Content-Security-Policy of its pages.
    pub(super) fn page_policy(&self, nonce: &str) -> Option<HeaderValue> {
        self.allowed.policy(nonce)
    }

    /// Reads its fields of a registration.
    pub(super) fn read_registration(&self) -> Option<ReadOwn> {
        self.registration.map(|own| own.read)
    }

    /// Its fields of a registration, described.
    pub(super) fn registration_fields(&self) -> Vec<Field> {
        self.registration.map(|own| (own.fields)()).unwrap_or_default()
    }

    /// A store that does what the app does when something happens, and the task that does the rest of it afterwards.
    pub(super) fn hooked(&self, store: Store) -> (Store, Afterwards) {
        let (hooks, events) = Hooks::new(&self.in_transaction);
        (store.clone().with_hooks(hooks), Afterwards::start(self.after.clone(), store, events))
    }

    /// Its own settings.
    pub(super) fn own_settings(&self) -> Option<&OwnSettings> {
        self.settings.as_ref()
    }

    /// What it claims of users.
    pub(super) fn claims_of(&self) -> Option<ClaimsOf> {
        self.claims.clone()
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

    /// Lists its pages, while none is rendered.
    pub(super) async fn list_pages(&self) {
        let _alone = RENDERING.write().await;
        self.pages();
    }

    /// Its pages, listed once.
    pub(super) fn pages(&self) -> &[AxumRouteListing] {
        self.pages.get_or_init(|| {
            let view = Arc::clone(&self.view);
            generate_route_list(move || view())
        })
    }
}
