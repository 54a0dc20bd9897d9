//! An app that is built on Freshkey, as the server sees it.

mod mount;
mod settings;

use super::{
    after::{After, Afterwards, HookError},
    auth::{
        access_token::SigningError,
        cleanup::CleanUp,
        language::Language,
        mail::{OwnContent, Texts},
        sessions::ClaimsOf,
    },
    call_info::CallInfo,
    operations::{self, CallInfos, Field, Operation},
    own_settings::OwnSettings,
    policy::{Allowed, Source},
    realm::Realm,
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

/// Held while a page is rendered, and alone while Leptos lists an app's pages: a page rendered meanwhile would get no
/// data and wait for ever. Another app in this process may be starting.
pub(super) static RENDERING: RwLock<()> = RwLock::const_new(());

/// The app: its view, and what the library needs to know about it. `main` creates one and runs it.
///
/// ```no_run
/// # use freshkey::{Freshkey, app::brand::{Accent, Brand}};
/// # use leptos::prelude::*;
/// # #[component] fn App() -> impl IntoView {}
/// # const BRAND: Brand = Brand { name: "Shop", what: "", description: "", mark: || ().into_any(), accent: Accent::DEFAULT, how_it_works: None };
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
    settings: Vec<OwnSettings>,
    realms: Vec<Realm>,
    texts: Vec<(&'static str, &'static str)>,
    pub(super) emails: OwnEmails,
    call_infos: Arc<OnceLock<CallInfos>>,
}

/// The app's own fields of a registration: how to read and how to describe them.
#[derive(Clone, Copy)]
struct OwnRegistration {
    read: ReadOwn,
    fields: fn() -> Vec<Field>,
}

/// The app's own emails, and its texts for the library's emails.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnEmails {
    pub(super) contents: HashMap<&'static str, OwnContent>,
    pub(super) texts: HashMap<Language, Texts>,
}

impl Freshkey {
    /// Creates an app with this brand; `app` renders its pages.
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
            settings: Vec::new(),
            realms: Vec::new(),
            texts: Vec::new(),
            emails: OwnEmails::default(),
            call_infos: Arc::default(),
        }
    }

    /// Adds tables of the app's own. `migrations` run after the library's and are recorded in the table
    /// `_app_migrations`, so their numbers can't collide with the library's.
    #[must_use]
    pub fn migrations(self, migrations: &'static Migrator) -> Self {
        Self { migrations: Some(migrations), ..self }
    }

    /// Describes calls of the app in `GET /api/openapi.json`.
    #[must_use]
    pub fn describe(mut self, operations: fn() -> Vec<Operation>) -> Self {
        self.operations.push(operations);
        self
    }

    /// Deletes old rows of the app's tables: `delete` runs every ten minutes, and again as long as it says that there
    /// may be more.
    #[must_use]
    pub fn clean_up(mut self, delete: CleanUp) -> Self {
        self.clean_ups.push(delete);
        self
    }

    /// Lets the app's pages use another origin: the script and the frame of a payment form, pictures from a bucket, or
    /// an error tracker that takes reports.
    ///
    /// # Panics
    /// `origin` is not an origin like `https://js.pay.example`.
    #[must_use]
    pub fn allow(mut self, source: Source, origin: &str) -> Self {
        self.allowed.add(source, origin);
        self
    }

    /// Adds a role beside [`Role::ADMIN`]. `freshkey users set-role` grants and removes it. Calls require it with
    /// [`request::caller_as`](super::request::caller_as), pages with [`Protected`](crate::app::components::Protected).
    ///
    /// # Panics
    /// The name is empty, has characters other than lower-case letters, digits, `-` and `_`, or is `admin` or `none`.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        let name = role.text();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        assert!(!name.is_empty() && name.chars().all(plain), "{name:?} is no name of a role");
        assert!(!matches!(name, "admin" | "none"), "{name:?} is the library's");
        self.roles.push(role);
        self
    }

    /// Adds the app's own claims to the access token, where other services read them. `of` returns a user's claims each
    /// time a token is made. `C` is a type with named fields; `caller()?.claims` and, in the browser,
    /// [`Session::claims`](crate::app::session::Session::claims) read it back.
    #[must_use]
    pub fn claims<C, F>(self, of: fn(Store, UserView) -> F) -> Self
    where
        C: Serialize,
        F: Future<Output = Result<C, StoreError>> + Send + 'static,
    {
        let claims: ClaimsOf = Arc::new(move |store, user| {
            let claims = of(store, user);
            Box::pin(async move { OwnClaims::new(&claims.await?).map_err(|error| SigningError::from(error).into()) })
        });
        Self { claims: Some(claims), ..self }
    }

    /// Adds fields to the registration. They are sent and refused together with the library's fields, and stored in the
    /// transaction that creates the account; [`RegisterWith`](crate::app::pages::register::RegisterWith) shows them.
    #[must_use]
    pub fn registration<R: Registration>(self) -> Self {
        let own = OwnRegistration { read: registration::read::<R>, fields: operations::fields::<R> };
        Self { registration: Some(own), ..self }
    }

    /// Runs `hook` in the transaction that changes an account: an error undoes the change. The transaction may be
    /// retried, so the hook must do nothing but SQL. Such changes are registrations, password changes, and what
    /// administrators and the command line do. All other events of [`AuditEvent`](crate::app::types::AuditEvent) only reach
    /// the hooks of [`after`](Self::after).
    #[must_use]
    pub fn in_transaction(mut self, hook: InTransaction) -> Self {
        self.in_transaction.push(hook);
        self
    }

    /// Runs `hook` after something happened to an account, on the instance where it happened: to send a mail or call
    /// another service. Hooks run one at a time, in order, each for half a minute at most; a failure is logged, not
    /// retried. A server that is killed loses the waiting events: what must not be lost is written
    /// [`in_transaction`](Self::in_transaction).
    #[must_use]
    pub fn after<F>(mut self, hook: fn(Store, Event) -> F) -> Self
    where
        F: Future<Output = Result<(), HookError>> + Send + 'static,
    {
        self.after.push(Arc::new(move |store, event| Box::pin(hook(store, event))));
        self
    }

    /// Returns the app's name and mark.
    pub fn brand(&self) -> Brand {
        self.brand
    }

    /// Migrates the app's own tables.
    pub(super) async fn migrate(&self, database: &Database) -> Result<(), StartError> {
        let Some(own) = self.migrations else { return Ok(()) };
        let unusable = |error| StartError::Database { database: database.to_string(), error };
        Store::migrate(database, own).await.map_err(unusable)
    }

    /// Returns the descriptions of all calls, the library's and the app's.
    pub(super) fn operations(&self) -> impl Iterator<Item = Operation> {
        let own = self.operations.iter().flat_map(|operations| operations());
        let in_realms = self.realms.iter().flat_map(|realm| realm.operations());
        operations::all(&self.registration_fields()).into_iter().chain(in_realms).chain(own)
    }

    /// Returns what the server knows about all calls. It is called once at the start, so that a call that is described
    /// twice stops the server there.
    ///
    /// # Panics
    /// A call is described twice.
    pub(super) fn call_infos(&self) -> &CallInfos {
        self.call_infos.get_or_init(|| operations::call_infos(self.operations()))
    }

    /// Returns what the server knows about a call; the default if there is no such call.
    pub(super) fn call_info(&self, method: &Method, path: &str) -> Arc<CallInfo> {
        self.call_infos().get(&(method.as_str(), path)).cloned().unwrap_or_default()
    }

    /// Returns the Content-Security-Policy of the app's pages.
    pub(super) fn page_policy(&self, nonce: &str) -> Option<HeaderValue> {
        self.allowed.policy(nonce)
    }

    /// Returns the function that reads the app's fields of a registration.
    pub(super) fn read_registration(&self) -> Option<ReadOwn> {
        self.registration.map(|own| own.read)
    }

    /// Returns the descriptions of the app's fields of a registration.
    pub(super) fn registration_fields(&self) -> Vec<Field> {
        self.registration.map(|own| (own.fields)()).unwrap_or_default()
    }

    /// Returns a store that runs the app's hooks in its transactions, and the task that runs the hooks afterwards.
    pub(super) fn with_hooks(&self, store: Store) -> (Store, Afterwards) {
        let (hooks, events) = Hooks::new(&self.in_transaction);
        (store.clone().with_hooks(hooks), Afterwards::start(self.after.clone(), store, events))
    }

    /// Returns the function that makes the app's claims about a user.
    pub(super) fn claims_of(&self) -> Option<ClaimsOf> {
        self.claims.clone()
    }

    /// Returns the app's own roles.
    pub(super) fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// Returns the functions that delete the app's old rows.
    pub(super) fn clean_ups(&self) -> &[CleanUp] {
        &self.clean_ups
    }

    /// Renders the app.
    pub(super) fn view(&self) -> AnyView {
        (self.view)()
    }

    /// Lists the app's pages while no page is rendered.
    pub(super) async fn list_pages(&self) {
        let _alone = RENDERING.write().await;
        self.pages();
    }

    /// Returns the app's pages, listed once.
    pub(super) fn pages(&self) -> &[AxumRouteListing] {
        self.pages.get_or_init(|| {
            let view = Arc::clone(&self.view);
            generate_route_list(move || view())
        })
    }
}
