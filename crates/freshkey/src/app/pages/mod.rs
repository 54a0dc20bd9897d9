//! The pages, one file each. The app lists their routes, and decides which are loaded lazily.

pub mod admin;
mod login;
pub mod profile;
pub mod register;
pub mod security;
pub mod sessions;
pub mod step_up;
pub mod steps;
pub mod styleguide;

pub use super::components::NotFound;
pub use login::Login;

use super::{
    address::{Opening, use_open_instead, use_query_value},
    brand::Brand,
    components::fixed,
    error::{ApiError, Code},
    paths,
    refused_form::RefusedForm,
    session::Session,
    types::{SignInAnswer, TokenAnswer},
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// What the sign-in form and the registration form share: where they lead, what went wrong, and what was typed. It is
/// the same whether the page sent the form or a browser without WASM.
#[derive(Clone, Copy)]
struct AccountForm {
    session: Session,
    path: &'static str,
    refused: RefusedForm,
    error: RwSignal<Option<ApiError>>,
    next: Memo<String>,
    /// Opens the next page.
    open_instead: Opening,
}

impl AccountForm {
    /// Creates the state of the form on the page `path`, which calls `call`.
    fn new(path: &'static str, call: &'static str) -> Self {
        Self {
            session: Session::get_context(),
            path,
            refused: RefusedForm::of(call),
            error: RwSignal::new(None),
            next: use_next(),
            open_instead: use_open_instead(),
        }
    }

    /// The page that the form is on.
    fn page(self) -> Signal<String> {
        self.leading_on(self.path)
    }

    /// Returns the page at `path`, with the same next page as this one.
    fn leading_on(self, path: &'static str) -> Signal<String> {
        Signal::derive(move || self.next.with(|next| leading_on(path, next)))
    }

    /// Whether a browser without WASM sent the form and the server refused it.
    fn is_refused(self) -> bool {
        self.refused.code().is_some()
    }

    /// The error message above the form.
    fn message(self) -> Signal<Option<String>> {
        Signal::derive(move || self.error.get().map(|error| error.to_string()))
    }

    /// The error of the field `name`.
    fn field_error(self, name: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || match self.error.get() {
            Some(error) => error.sentence(name),
            None => self.refused.sentence(name),
        })
    }

    /// Opens the page of the next step.
    fn goes_on(self, step: &str) {
        self.open_instead.to(self.next.try_with_untracked(|next| leading_on(step, next)));
    }

    /// Whether the address already has an account; tracked.
    fn is_taken(self) -> bool {
        self.error.with(|error| error.as_ref().map(|error| error.code)).or_else(|| self.refused.code())
            == Some(Code::EmailTaken)
    }

    /// Begins the session and opens the next page, or shows the error.
    fn done(self, answer: Result<TokenAnswer, ApiError>) {
        match answer {
            Ok(answer) => {
                self.session.begin(answer);
                self.open_instead.to(self.next.try_get_untracked());
            }
            Err(error) => self.error.set(Some(error)),
        }
    }
}

/// Returns a handler for the answer to a sign-in step: it opens the next page, or that of the next step.
fn use_answered(next: Memo<String>) -> impl Fn(SignInAnswer) + Copy + Send + Sync + 'static {
    let (session, open_instead) = (Session::get_context(), use_open_instead());
    move |answer| {
        let page = match answer {
            SignInAnswer::Session(answer) => {
                session.begin(*answer);
                next.try_get_untracked()
            }
            SignInAnswer::Step(step) => {
                let page = step.status.page().unwrap_or(paths::LOGIN);
                next.try_with_untracked(|next| leading_on(page, next))
            }
        };
        open_instead.to(page);
    }
}

/// Returns the page at `path`, leading to `next` afterwards.
fn leading_on(path: &str, next: &str) -> String {
    if next == paths::APP { path.to_owned() } else { paths::with_next(path, next) }
}

/// A claim that users can check before they type a password.
fn proof() -> impl IntoView {
    let to = Brand::get_context().how_it_works.map_or(("hidden", ""), |page| ("href", page));
    view! { "No token is stored where a script can read it. " <a {..fixed([to])}>"See how"</a> }
}

/// Returns the page to open next. Its fragment never reaches the server; through a redirect the browser keeps it, in
/// the address of the page shown instead. So it is only known once the page is live.
fn use_next() -> Memo<String> {
    let (wanted, hash) = (use_query_value("next"), use_location().hash);
    let fragment = RwSignal::new(String::new());
    // Only once: links that the user follows on this page don't count.
    Effect::new(move |_| fragment.set(untrack(|| hash.get())));
    Memo::new(move |_| match wanted.with(|wanted| wanted.as_deref().and_then(paths::page)) {
        Some(page) if page.contains('#') => page,
        Some(page) => page + &fragment.get(),
        None => paths::APP.to_owned(),
    })
}
