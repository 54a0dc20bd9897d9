//! Who is looking at the page, as the server found it out from the cookie and as the browser
//! learns it afterwards.

use super::types::{EndReason, Role, TokenAnswer, UserView};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Whether somebody is signed in. Three values, since "not known" is neither: only an explicit
/// refusal by the server makes [`SessionState::SignedOut`] of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionState {
    /// The server could not be asked.
    #[default]
    Unknown,
    /// Nobody, and if a session ended under the page's feet, why.
    SignedOut(Option<EndReason>),
    /// This user.
    SignedIn(SessionView),
    /// This user, until the session ended under the page's feet, and why it did. The page stays, with
    /// all that was typed, and asks to sign in again. Only in the browser.
    Interrupted(SessionView, Option<EndReason>),
}

impl SessionState {
    /// Whose page it is.
    pub fn view(&self) -> Option<&SessionView> {
        match self {
            Self::SignedIn(view) | Self::Interrupted(view, _) => Some(view),
            Self::Unknown | Self::SignedOut(_) => None,
        }
    }

    /// Why a session ended under the page's feet, if one did and it is known.
    pub fn reason(&self) -> Option<EndReason> {
        match self {
            Self::SignedOut(reason) | Self::Interrupted(_, reason) => *reason,
            Self::Unknown | Self::SignedIn(_) => None,
        }
    }
}

/// A session, as far as a page may know it. No token is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// Who is signed in.
    pub user: UserView,
    /// For the hidden field `_csrf` of forms, so that they work without WASM.
    pub csrf_token: String,
}

/// What the server hands to the page besides its HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageState {
    /// Who is looking.
    pub session: SessionState,
    /// What a form that failed without WASM shows again.
    pub echo: Option<FormEcho>,
    /// What the server can do.
    #[serde(default)]
    pub features: Features,
    /// What else it knows.
    pub facts: PageFacts,
}

/// What a server may do or not, from `use_context`: what it can't is not offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Features {
    /// It sends mail.
    pub mail: bool,
    /// It signs people in by a code from an email.
    pub mail_sign_in: bool,
    /// It has passkeys: how long what asks for one is good, in milliseconds.
    #[serde(default)]
    pub passkey_life: Option<u32>,
    /// It delivers its mail into a mailbox of its own, for development.
    pub mailbox: bool,
}

/// What the server knew when it rendered the page, from `use_context`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageFacts {
    /// When it did, in milliseconds since 1970.
    pub now: i64,
    /// The fewest characters of a password.
    pub password_min: u32,
    /// How long an account that is going to be deleted can be kept, in milliseconds.
    #[serde(default)]
    pub delete_after: i64,
    /// How long a trusted device is not asked for the second step, in milliseconds; none where no device can be trusted.
    #[serde(default)]
    pub trust_device: Option<i64>,
}

/// The access token of the page's session, as a person may know it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TokenLife {
    /// Milliseconds until it runs out; 0 after.
    pub left_ms: f64,
    /// How long it lives in all, in milliseconds.
    pub life_ms: f64,
    /// The generation of the refresh token that it came with.
    pub generation: u64,
}

/// What was wrong with a form that was sent without WASM, and what had been typed into it
/// (never a secret).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormEcho {
    /// The call that the form made.
    pub call: String,
    /// The fields' sentences, by field name.
    pub fields: Vec<(String, String)>,
    /// The fields' values, by field name.
    pub values: Vec<(String, String)>,
}

impl FormEcho {
    /// The name, among the fields, of the form as a whole.
    pub const WHOLE: &str = "";

    /// The value that had been typed into the field `name`.
    pub fn value(&self, name: &str) -> Option<String> {
        find(&self.values, name)
    }

    /// What is wrong with the field `name`.
    pub fn sentence(&self, name: &str) -> Option<String> {
        find(&self.fields, name)
    }
}

fn find(pairs: &[(String, String)], name: &str) -> Option<String> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}

/// The page's view of the session, from `use_context`. Writable: signing in and out, and THE
/// refresh, set it.
#[derive(Clone, Copy, Debug)]
pub struct Session(pub RwSignal<SessionState>);

impl Session {
    /// The one that `App` provided.
    pub fn get_context() -> Self {
        expect_context()
    }

    /// The session that an answer began.
    pub fn begin(self, answer: TokenAnswer) {
        let csrf_token = answer.csrf_token.reveal().to_owned();
        self.0.set(SessionState::SignedIn(SessionView { user: answer.user, csrf_token }));
    }

    /// The session's user, tracked.
    pub fn user(self) -> Option<UserView> {
        self.0.with(|state| state.view().map(|view| view.user.clone()))
    }

    /// The user, whose account has just been changed here.
    pub fn set_user(self, user: UserView) {
        self.0.update(|state| {
            if let SessionState::SignedIn(view) = state {
                view.user = user;
            }
        });
    }

    /// Whether the user may do what is for this role, tracked. What a page shows goes by it; calls ask the database.
    pub fn may_act_as(self, role: &Role) -> bool {
        let may = |view: &SessionView| view.user.role.as_ref().is_some_and(|has| has.may_act_as(role));
        self.0.with(|state| state.view().is_some_and(may))
    }

    /// The hidden field's value, tracked.
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
