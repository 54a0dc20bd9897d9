//! Every operation of the contract, in one table.

mod accounts;
mod input;
mod lab;
mod steps;

use super::answer::Answer;
use crate::{
    app::{
        api::{
            self, account,
            protocol::{Access, Terms},
            sessions,
        },
        error::Code,
        paths,
    },
    server::{
        auth::password::MAX_CHARS,
        described::{Caller, Described, Realm},
    },
};
use http::Method;
pub(crate) use input::{Field, fields};
use leptos::server_fn::ServerFn;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// A call in the description: its method, path, caller and input come from the server function; the rest is
/// said by hand.
pub struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) caller: Caller,
    pub(super) status: u16,
    pub(super) answer: Answer,
    pub(super) headers: &'static [&'static str],
    pub(super) step_up: bool,
    realm: Realm,
    tries_password: bool,
    form_page: Option<&'static str>,
    step: Option<&'static str>,
    may_be_nothing: bool,
    leads_to: Option<&'static str>,
    input: Vec<Field>,
    own: &'static [Code],
    longest: Vec<(&'static str, usize)>,
}

const PLAIN: &[&str] = &["X-Request-Id"];
const COOKIE: &[&str] = &["X-Request-Id", "Set-Cookie"];
const SIGNED_OUT: &[&str] = &["X-Request-Id", "Set-Cookie", "Clear-Site-Data"];

impl Operation {
    /// Succeeds with this status; without it, 200, or 204 for nothing.
    #[must_use]
    pub fn answers(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// May be refused with these codes, besides those of every call of its kind.
    #[must_use]
    pub fn refuses(self, codes: &'static [Code]) -> Self {
        Self { own: codes, ..self }
    }

    /// Takes a text of so many characters at most in this field.
    #[must_use]
    pub fn at_most(mut self, field: &'static str, chars: usize) -> Self {
        self.longest.push((field, chars));
        self
    }

    /// Has its form on this page, for forms that do not say which page they are on.
    #[must_use]
    pub fn on_page(self, page: &'static str) -> Self {
        Self { form_page: Some(page), ..self }
    }

    /// What is known of the call before it runs.
    pub(super) fn described(&self) -> Described {
        Described {
            caller: self.caller,
            realm: self.realm,
            tries_password: self.tries_password,
            form_page: self.form_page,
            step_page: self.step,
            leads_to: self.leads_to,
            given_back: self.input.iter().filter(|field| !field.secret).map(|field| field.name.clone()).collect(),
        }
    }

    /// The other statuses of a success: 202 where another step may come first, 204 where there may be nothing.
    pub(super) fn other_statuses(&self) -> impl Iterator<Item = u16> {
        let step = (self.step.is_some() && self.status != 202).then_some(202);
        step.into_iter().chain(self.may_be_nothing.then_some(204))
    }

    pub(super) fn reads_a_body(&self) -> bool {
        self.method == "POST"
    }

    /// The fields of the query of what has no body.
    pub(super) fn parameters(&self) -> Vec<Value> {
        let fields = if self.reads_a_body() { &[][..] } else { &self.input };
        let parameter = |field: &Field| json!({"name": field.name, "in": "query", "required": field.required, "schema": field.in_form()});
        fields.iter().map(parameter).collect()
    }

    /// The fields of the body as JSON or as a form; a new password has at least `password_min`
    /// characters.
    pub(super) fn body(&self, form: bool, password_min: usize) -> Value {
        let described = |field: &Field| {
            let mut schema = if form { field.in_form() } else { field.in_json() };
            if field.required {
                schema["minLength"] = 1.into();
            }
            match field.name.as_str() {
                // The answer says what is wrong with them.
                _ if self.path == paths::API_PASSWORD_STRENGTH => {}
                "email" => schema["format"] = "email".into(),
                "password" | "new_password" if ![paths::API_LOGIN, paths::API_STEP_UP].contains(&self.path) => {
                    schema["minLength"] = password_min.into();
                    schema["maxLength"] = MAX_CHARS.into();
                }
                _ => {}
            }
            if let Some((_, chars)) = self.longest.iter().find(|(name, _)| *name == field.name) {
                schema["maxLength"] = (*chars).into();
            }
            (field.name.clone(), schema)
        };
        let mut fields: Map<String, Value> = self.input.iter().map(described).collect();
        if matches!(self.caller, Caller::BearerAndCsrf | Caller::CookieOrBearer) {
            // Of any type: what is no token is not the right one.
            fields.insert("_csrf".to_owned(), json!({"description": "Instead of X-CSRF-Token."}));
        }
        json!({"type": "object", "properties": fields, "required": self.required()})
    }

    pub(super) fn required(&self) -> Vec<&str> {
        self.input.iter().filter(|field| field.required).map(|field| field.name.as_str()).collect()
    }

    /// What may be refused: its own, and what every call of its kind may be answered.
    pub(super) fn codes(&self) -> Vec<Code> {
        let mut codes = self.own.to_vec();
        if !self.path.starts_with("/api/") {
            return codes;
        }
        codes.extend([Code::RateLimited, Code::Internal, Code::Overloaded]);
        if self.reads_a_body() {
            codes.extend([Code::BadRequest, Code::CrossOrigin, Code::PayloadTooLarge, Code::UnsupportedMediaType]);
        }
        if matches!(self.caller, Caller::Bearer | Caller::BearerAndCsrf) {
            codes.extend([Code::TokenNotFound, Code::TokenExpired, Code::InvalidToken, Code::SessionEnded]);
        }
        if self.step_up {
            codes.push(Code::StepUpRequired);
        }
        if matches!(self.caller, Caller::BearerAndCsrf | Caller::CookieOrBearer) {
            codes.push(Code::InvalidCsrfToken);
        }
        codes
    }
}

/// What is no server function: a path that anybody may read.
fn get(path: &'static str, id: &'static str, summary: &'static str, answer: Answer) -> Operation {
    Operation {
        method: "GET",
        path,
        id,
        summary,
        caller: Caller::Anybody,
        status: 200,
        answer,
        headers: PLAIN,
        step_up: false,
        realm: Realm::Accounts,
        tries_password: false,
        form_page: None,
        step: None,
        may_be_nothing: false,
        leads_to: None,
        input: Vec::new(),
        own: &[],
        longest: Vec::new(),
    }
}

/// The operation of a server function: what it reads is asked of the code that reads it, what it answers
/// of the type that is written.
pub fn call<F>(id: &'static str, summary: &'static str) -> Operation
where
    F: ServerFn + DeserializeOwned,
    F::Protocol: Terms,
    F::Output: ToSchema + 'static,
{
    let reads = F::Protocol::METHOD == Method::GET;
    let caller = match F::Protocol::ACCESS {
        Access::Public | Access::SignIn => Caller::Anybody,
        Access::SignOut => Caller::CookieOrBearer,
        Access::Refresh => Caller::Cookie,
        Access::Bearer | Access::StepUp if reads => Caller::Bearer,
        Access::Bearer | Access::StepUp => Caller::BearerAndCsrf,
    };
    let answer = Answer::of::<F::Output>();
    Operation {
        method: if reads { "GET" } else { "POST" },
        caller,
        status: if answer.schema.is_none() { 204 } else { 200 },
        step_up: F::Protocol::ACCESS == Access::StepUp,
        input: input::fields::<F>(),
        ..get(F::PATH, id, summary, answer)
    }
}

/// All of the library's; a registration has these fields of the app's besides ours.
pub(super) fn all(registration: &[Field]) -> Vec<Operation> {
    let mut all: Vec<Operation> = coming_and_going().into();
    for operation in all.iter_mut().filter(|operation| operation.path == paths::API_REGISTER) {
        operation.input.extend(registration.iter().cloned());
    }
    all.extend(steps::all());
    all.extend(protected());
    all.extend(accounts::own());
    all.extend(accounts::others());
    all.extend(lab::lab());
    all.extend([
        get(paths::API_OPENAPI, "openapi", "This description.", Answer::object()),
        get("/.well-known/jwks.json", "jwks", "The public keys that verify access tokens.", Answer::by_name("KeySet")),
        get("/livez", "livez", "Whether the process runs.", Answer::by_name("Health")),
        get("/readyz", "readyz", "Whether it serves.", Answer::by_name("Health")),
    ]);
    all
}

fn coming_and_going() -> [Operation; 6] {
    [
        Operation {
            status: 201,
            headers: COOKIE,
            tries_password: true,
            form_page: Some(paths::REGISTER),
            step: Some(paths::REGISTER_CONFIRM),
            own: &[Code::Validation, Code::EmailTaken],
            ..call::<account::Register>("register", "Creates an account and signs it in.")
        },
        Operation {
            own: &[Code::Validation],
            ..call::<api::password::PasswordStrength>("passwordStrength", "Judges a password as a registration would.")
        },
        Operation {
            headers: COOKIE,
            tries_password: true,
            form_page: Some(paths::LOGIN),
            step: Some(paths::LOGIN_KEEP),
            own: &[Code::Validation, Code::InvalidCredentials],
            ..call::<account::Login>("login", "Starts a session; ends the one that the cookie named.")
        },
        Operation {
            headers: COOKIE,
            own: &[Code::RefreshTokenNotFound, Code::InvalidRefreshToken, Code::StaleRequest],
            ..call::<account::RefreshToken>("refresh", "Exchanges the refresh cookie, and rotates it.")
        },
        Operation {
            headers: SIGNED_OUT,
            ..call::<account::Logout>("logout", "Ends the session that the cookie or the token names.")
        },
        Operation {
            headers: SIGNED_OUT,
            ..call::<sessions::LogoutAll>("logoutAll", "Ends every session of the user.")
        },
    ]
}

fn protected() -> [Operation; 7] {
    [
        call::<api::protected::Protected>("protected", "Whom the access token names."),
        call::<api::protected::ProtectedPost>("protectedPost", "The same, as a sensitive operation would be."),
        call::<api::me::Me>("me", "The signed-in user."),
        call::<sessions::Sessions>("sessions", "The user's sessions, the newest first."),
        call::<api::activity::Activity>("activity", "What happened to the account, the newest first."),
        Operation {
            headers: SIGNED_OUT,
            own: &[Code::Validation, Code::NotFound],
            ..call::<sessions::RevokeSession>("revokeSession", "Ends one of the user's sessions.")
        },
        call::<sessions::RevokeOtherSessions>("revokeOtherSessions", "Ends all of them but this one."),
    ]
}
