//! The pages, one file each. The app has the list of their routes, and decides which are loaded lazily.

pub mod admin;
pub mod lab;
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
    error::{ApiError, Code},
    paths,
    refused_form::RefusedForm,
    session::Session,
    types::{SignInAnswer, TokenAnswer},
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// What the sign-in and the registration form have in common: where they lead, what went wrong,
/// and what had been typed. It is the same whether the form was sent by the page or by a browser
/// without WASM.
#[derive(Clone, Copy)]
struct AccountForm {
    session: Session,
    path: &'static str,
    refused: RefusedForm,
    error: RwSignal<Option<ApiError>>,
    next: Memo<String>,
    /// The page that comes after it.
    open_instead: Opening,
}

impl AccountForm {
    /// The form on the page `path`, which calls `call`.
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

    /// The page at `path`, leading to the same page afterwards as this one.
    fn leading_on(self, path: &'static str) -> Signal<String> {
        Signal::derive(move || self.next.with(|next| leading_on(path, next)))
    }

    /// Whether a browser without WASM had sent it, and it was refused.
    fn is_refused(self) -> bool {
        self.refused.code().is_some()
    }

    /// The sentence above the form.
    fn message(self) -> Signal<Option<String>> {
        Signal::derive(move || self.error.get().map(|error| error.to_string()))
    }

    /// What is wrong with the field `name`.
    fn field_error(self, name: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || match self.error.get() {
            Some(error) => error.sentence(name).map(str::to_owned),
            None => self.refused.sentence(name),
        })
    }

    /// The page of the step that comes next opens.
    fn goes_on(self, step: &str) {
        self.open_instead.to(self.next.try_with_untracked(|next| leading_on(step, next)));
    }

    /// Whether the address has an account; tracked.
    fn is_taken(self) -> bool {
        self.error.with(|error| error.as_ref().map(|error| error.code)).or_else(|| self.refused.code())
            == Some(Code::EmailTaken)
    }

    /// The session begins, and the page that was wanted opens.
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

/// What is done with the answer to a step of a sign-in: the page opens that was wanted, or that of the next step.
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

/// The page at `path`, leading to `next` afterwards.
fn leading_on(path: &str, next: &str) -> String {
    if next == paths::APP { path.to_owned() } else { paths::with_next(path, next) }
}

/// What can be checked by whoever is about to type a password.
fn proof() -> impl IntoView {
    view! { "No token is stored where a script can read it. " <a href=paths::LAB>"See how"</a> }
}

/// The page that was wanted. Its fragment never reached the server: through a redirect the browser keeps it,
/// at the address of the page that is shown instead. So it is known when the page is live, and not before.
fn use_next() -> Memo<String> {
    let (wanted, hash) = (use_query_value("next"), use_location().hash);
    let fragment = RwSignal::new(String::new());
    // Once: what the person follows on this page is another matter.
    Effect::new(move |_| fragment.set(untrack(|| hash.get())));
    Memo::new(move |_| match wanted.with(|wanted| wanted.as_deref().and_then(paths::page)) {
        Some(page) if page.contains('#') => page,
        Some(page) => page + &fragment.get(),
        None => paths::APP.to_owned(),
    })
}
