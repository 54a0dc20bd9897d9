//! The pages, one file each. [`App`](super::App) has the list of their routes.

mod admin;
mod dashboard;
mod home;
mod lab;
mod lazily;
mod login;
mod not_found;
mod notes;
mod profile;
mod protected_calls;
mod register;
mod security;
mod sessions;

pub use home::Home;
pub use lazily::{Account, Accounts, Dashboard, Lab, Profile, Register, Security, Sessions};
pub use login::Login;
pub use not_found::NotFound;
pub use notes::Notes;

use super::{
    error::{ApiError, Code},
    paths,
    session::{FormEcho, Session, SessionState, SessionView},
    types::TokenAnswer,
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

/// What the sign-in and the registration form have in common: where they lead, what went wrong,
/// and what had been typed. It is the same whether the form was sent by the page or by a browser
/// without WASM.
#[derive(Clone, Copy)]
struct AccountForm {
    session: Session,
    echo: StoredValue<Option<FormEcho>>,
    error: RwSignal<Option<ApiError>>,
    next: Memo<String>,
    code_in_url: Memo<Option<Code>>,
    finished: RwSignal<bool>,
}

impl AccountForm {
    fn new() -> Self {
        let query = use_query_map();
        let next = Memo::new(move |_| {
            let wanted = query.with(|query| query.get("next"));
            wanted.as_deref().and_then(paths::page).unwrap_or(paths::APP).to_owned()
        });
        let code_in_url = Memo::new(move |_| query.with(|query| query.get("error")).as_deref().and_then(Code::parse));
        let finished = RwSignal::new(false);
        let navigate = use_navigate();
        Effect::new(move |_| {
            if finished.get() {
                navigate(&next.get_untracked(), NavigateOptions { replace: true, ..NavigateOptions::default() });
            }
        });
        Self {
            session: Session::get_context(),
            echo: expect_context(),
            error: RwSignal::new(None),
            next,
            code_in_url,
            finished,
        }
    }

    /// The sentence above the form.
    fn message(self) -> Signal<Option<String>> {
        Signal::derive(move || match self.error.get() {
            Some(error) => Some(error.message.into_owned()),
            None => self.code_in_url.get().map(|code| code.message().to_owned()),
        })
    }

    /// What is wrong with the field `name`.
    fn field_error(self, name: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || match self.error.get() {
            Some(error) if error.code == Code::EmailTaken && name == "email" => Some(error.message.into_owned()),
            Some(error) => error.fields.get(name).map(ToString::to_string),
            None if self.code_in_url.get() == Some(Code::EmailTaken) && name == "email" => {
                Some(Code::EmailTaken.message().to_owned())
            }
            None => self.code_in_url.get().and_then(|_| self.echo.with_value(|echo| echo.as_ref()?.sentence(name))),
        })
    }

    /// What had been typed into the field `name`.
    fn typed(self, name: &str) -> Option<String> {
        self.echo.with_value(|echo| echo.as_ref()?.value(name))
    }

    /// Whether the box `name` is ticked: as it was left, and at first it is.
    fn ticked(self, name: &str) -> bool {
        self.echo.with_value(|echo| echo.as_ref().is_none_or(|echo| echo.value(name).is_some()))
    }

    /// The session begins, and the page that was wanted opens.
    fn done(self, answer: Result<TokenAnswer, ApiError>) {
        match answer {
            Ok(answer) => {
                let csrf_token = answer.csrf_token.reveal().to_owned();
                self.session.0.set(SessionState::SignedIn(SessionView { user: answer.user, csrf_token }));
                self.finished.set(true);
            }
            Err(error) => self.error.set(Some(error)),
        }
    }
}
