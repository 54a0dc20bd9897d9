//! Who is looking at the page: as the server knew from the cookie, and as the browser learns afterwards.

use super::types::{EndReason, Millis, Role, TokenAnswer, UserView};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Whether somebody is signed in. "Unknown" is a value of its own: only an explicit refusal by the server leads to
/// [`SessionState::SignedOut`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionState {
    /// The server could not be asked.
    #[default]
    Unknown,
    /// Nobody is signed in. If a session ended while the page was open, the reason.
    SignedOut(Option<EndReason>),
    /// This user is signed in.
    SignedIn(SessionView),
    /// This user's session ended while the page was open, and why. The page stays, with everything typed, and asks
    /// the user to sign in again. In the browser only.
    Interrupted(SessionView, Option<EndReason>),
}

impl SessionState {
    /// Returns the user's session, even if it was interrupted.
    pub fn view(&self) -> Option<&SessionView> {
        match self {
            Self::SignedIn(view) | Self::Interrupted(view, _) => Some(view),
            Self::Unknown | Self::SignedOut(_) => None,
        }
    }

    /// Returns why a session ended while the page was open, if that is known.
    pub fn reason(&self) -> Option<EndReason> {
        match self {
            Self::SignedOut(reason) | Self::Interrupted(_, reason) => *reason,
            Self::Unknown | Self::SignedIn(_) => None,
        }
    }
}

/// What a page may know of a session. It contains no token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// The signed-in user.
    pub user: UserView,
    /// The value of the hidden field `_csrf`, so that forms work without WASM.
    pub csrf_token: String,
}

/// The server's state for the page, sent with its HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageState {
    /// Who is looking at the page.
    pub session: SessionState,
    /// What a form that failed without WASM shows again.
    pub echo: Option<FormEcho>,
    /// What the server offers.
    #[serde(default)]
    pub features: Features,
    /// Other facts.
    pub facts: PageFacts,
}

/// What the server offers, from `use_context`. Pages don't show the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Features {
    /// Whether it sends mail.
    pub mail: bool,
    /// Whether it signs users in with an emailed code.
    pub mail_sign_in: bool,
    /// How long passkey options are valid, in milliseconds; `None` if it has no passkeys.
    #[serde(default)]
    pub passkey_life: Option<u32>,
    /// Whether it delivers mail to a local mailbox, for development.
    pub mailbox: bool,
}

/// What the server knew when it rendered the page, from `use_context`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageFacts {
    /// The time of rendering.
    pub now: Millis,
    /// The minimum length of a password, in characters.
    pub password_min: u32,
    /// How long a user can still keep an account scheduled for deletion.
    #[serde(default)]
    pub delete_after: Millis,
    /// How long a trusted device is not asked for the second step; `None` if devices can't be trusted.
    #[serde(default)]
    pub trust_device: Option<Millis>,
}

/// What a page shows of its access token.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TokenLife {
    /// Milliseconds until it expires; 0 afterwards.
    pub left_ms: f64,
    /// Its whole lifetime in milliseconds.
    pub life_ms: f64,
    /// The generation of the refresh token that it was issued with.
    pub generation: u64,
}

/// What became of a form that was sent without WASM: its errors and its values (never secrets), or that it is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormEcho {
    /// The call that the form made.
    pub call: String,
    /// The fields' sentences, by field name.
    pub fields: Vec<(String, String)>,
    /// The fields' values, by field name.
    pub values: Vec<(String, String)>,
    /// Whether the call succeeded. The next page then says that it did.
    #[serde(default)]
    pub done: bool,
}

impl FormEcho {
    /// The name, among the fields, for errors of the form as a whole.
    pub const WHOLE: &str = "";

    /// Returns the echo of a form whose call succeeded.
    pub fn done(call: impl Into<String>) -> Self {
        Self { call: call.into(), done: true, ..Self::default() }
    }

    /// Returns the value that was typed into the field `name`.
    pub fn value(&self, name: &str) -> Option<String> {
        find(&self.values, name)
    }

    /// Returns the error of the field `name`.
    pub fn sentence(&self, name: &str) -> Option<String> {
        find(&self.fields, name)
    }
}

fn find(pairs: &[(String, String)], name: &str) -> Option<String> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}

/// The page's view of the session, from `use_context`. Signing in, signing out and refreshing set it.
#[derive(Clone, Copy, Debug)]
pub struct Session(pub RwSignal<SessionState>);

impl Session {
    /// Returns the session that `App` provided.
    pub fn get_context() -> Self {
        expect_context()
    }

    /// Sets the session that an answer began.
    pub fn begin(self, answer: TokenAnswer) {
        let csrf_token = answer.csrf_token.reveal().to_owned();
        self.0.set(SessionState::SignedIn(SessionView { user: answer.user, csrf_token }));
    }

    /// Returns the session's user; tracked.
    pub fn user(self) -> Option<UserView> {
        self.0.with(|state| state.view().map(|view| view.user.clone()))
    }

    /// Updates the user, whose account was just changed here.
    pub fn set_user(self, user: UserView) {
        self.0.update(|state| {
            if let SessionState::SignedIn(view) = state {
                view.user = user;
            }
        });
    }

    /// Whether the user may do what this role may; tracked. It only decides what a page shows; calls ask the
    /// database.
    pub fn may_act_as(self, role: &Role) -> bool {
        let may = |view: &SessionView| view.user.role.as_ref().is_some_and(|has| has.may_act_as(role));
        self.0.with(|state| state.view().is_some_and(may))
    }

    /// Returns the CSRF token for forms; tracked.
    pub fn csrf_token(self) -> Option<String> {
        self.0.with(|state| state.view().map(|view| view.csrf_token.clone()))
    }
}

/// Whether the server can be reached, as the browser knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NetworkState {
    /// It answers.
    #[default]
    Fine,
    /// This device is offline.
    Offline,
    /// No answer came.
    Unreachable,
    /// It is too busy.
    Busy,
}

/// The page's view of the network, from `use_context`.
#[derive(Clone, Copy, Debug)]
pub struct Network(pub RwSignal<NetworkState>);
