//! Every operation of the contract, in one table.

mod accounts;
mod answer;
mod factors;
mod input;
mod sessions;
mod steps;

use crate::{
    app::{
        api::protocol::{Access, Terms},
        error::Code,
        paths,
    },
    server::{
        auth::password::MAX_CHARS,
        call_info::{CallInfo, Caller},
    },
};
pub(crate) use answer::{Answer, reference};
use http::Method;
pub(crate) use input::{Field, fields};
use leptos::server_fn::ServerFn;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::{collections::HashMap, sync::Arc};
use utoipa::ToSchema;

/// A call in the description. Method, path, caller and input come from the server function; the rest is written by
/// hand.
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
    realm: Option<&'static str>,
    tries_secret: bool,
    form_page: Option<&'static str>,
    /// The other statuses of success: 202 where another step may come next.
    pub(super) also: &'static [u16],
    leads_to: Option<&'static str>,
    input: Vec<Field>,
    own: &'static [Code],
    pub(super) json_only: bool,
    longest: Vec<(&'static str, usize)>,
}

const PLAIN: &[&str] = &["X-Request-Id"];
const COOKIE: &[&str] = &["X-Request-Id", "Set-Cookie"];
const SIGNED_OUT: &[&str] = &["X-Request-Id", "Set-Cookie", "Clear-Site-Data"];

impl Operation {
    /// Sets the status of success; without it, 200, or 204 for a call that returns nothing.
    #[must_use]
    pub fn answers(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// Adds codes that the call may be refused with, besides those of every call of its kind.
    #[must_use]
    pub fn refuses(self, codes: &'static [Code]) -> Self {
        Self { own: codes, ..self }
    }

    /// Limits the text in this field to so many characters.
    #[must_use]
    pub fn at_most(mut self, field: &'static str, chars: usize) -> Self {
        self.longest.push((field, chars));
        self
    }

    /// Names the page with the call's form, for forms that do not name their page.
    #[must_use]
    pub fn on_page(self, page: &'static str) -> Self {
        Self { form_page: Some(page), ..self }
    }

    /// Makes it a call of this realm, whose sessions have no cookie and so no form.
    ///
    /// # Panics
    /// The call needs what only an account's session has: the refresh cookie, a step of a sign-in, a recent proof.
    pub(super) fn in_realm(self, name: &'static str) -> Self {
        let caller = match self.caller {
            Caller::Anybody => Caller::Anybody,
            Caller::Bearer | Caller::BearerAndCsrf if !self.step_up => Caller::Bearer,
            _ => panic!("{} is for the sessions of accounts, and can't be a call of the realm {name:?}", self.path),
        };
        Self { realm: Some(name), caller, ..self }
    }

    /// Returns what the guards know about the call before it runs.
    pub(super) fn call_info(&self) -> CallInfo {
        CallInfo {
            caller: self.caller,
            realm: self.realm,
            tries_secret: self.tries_secret,
            form_page: self.form_page,
            leads_to: self.leads_to,
            given_back: self.input.iter().filter(|field| !field.secret).map(|field| field.name.clone()).collect(),
        }
    }

    pub(super) fn reads_a_body(&self) -> bool {
        self.method == "POST"
    }

    /// Returns the query's fields, for a call without a body.
    pub(super) fn parameters(&self) -> Vec<Value> {
        let fields = if self.reads_a_body() { &[][..] } else { &self.input };
        let parameter = |field: &Field| json!({"name": field.name, "in": "query", "required": field.required, "schema": field.in_form()});
        fields.iter().map(parameter).collect()
    }

    /// Returns the body's fields, as JSON or as a form; a new password has at least `password_min` characters.
    pub(super) fn body(&self, form: bool, password_min: usize) -> Value {
        let described = |field: &Field| {
            let mut schema = if form { field.in_form() } else { field.in_json() };
            if field.required {
                schema["minLength"] = 1.into();
            }
            match field.name.as_str() {
                // The answer of this call says what is wrong with the fields.
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
        if matches!(self.caller, Caller::BearerAndCsrf | Caller::CookieOrBearer | Caller::BearerOrStep) {
            // Of any type: a value that is not a token is simply the wrong token.
            fields.insert("_csrf".to_owned(), json!({"description": "Instead of X-CSRF-Token."}));
        }
        json!({"type": "object", "properties": fields, "required": self.required()})
    }

    pub(super) fn required(&self) -> Vec<&str> {
        self.input.iter().filter(|field| field.required).map(|field| field.name.as_str()).collect()
    }

    /// Returns the codes that the call may be refused with: its own, and those of every call of its kind.
    pub(super) fn codes(&self) -> Vec<Code> {
        let mut codes = self.own.to_vec();
        if !self.path.starts_with("/api/") {
            return codes;
        }
        codes.extend([Code::RateLimited, Code::Internal, Code::Overloaded]);
        if self.reads_a_body() {
            codes.extend([Code::BadRequest, Code::CrossOrigin, Code::PayloadTooLarge, Code::UnsupportedMediaType]);
            // A form may have a field twice.
            if !self.input.is_empty() && !codes.contains(&Code::Validation) {
                codes.push(Code::Validation);
            }
        }
        if matches!(self.caller, Caller::Bearer | Caller::BearerAndCsrf | Caller::BearerOrStep) {
            codes.extend([Code::TokenNotFound, Code::TokenExpired, Code::InvalidToken, Code::SessionEnded]);
        }
        if self.step_up {
            codes.push(Code::StepUpRequired);
        }
        if matches!(self.caller, Caller::BearerAndCsrf | Caller::CookieOrBearer | Caller::BearerOrStep) {
            codes.push(Code::InvalidCsrfToken);
        }
        if self.caller == Caller::BearerOrStep {
            codes.push(Code::ChallengeOver);
        }
        codes
    }
}

/// Describes a path that is not a server function and that anybody may read.
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
        realm: None,
        tries_secret: false,
        form_page: None,
        also: &[],
        leads_to: None,
        input: Vec::new(),
        own: &[],
        json_only: false,
        longest: Vec::new(),
    }
}

/// Describes a server function: its input comes from the code that reads it, its answer from the type that is written.
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
        Access::Enrol => Caller::BearerOrStep,
    };
    let answer = Answer::of::<F::Output>();
    Operation {
        method: if reads { "GET" } else { "POST" },
        caller,
        status: if answer.schema.is_none() { 204 } else { 200 },
        step_up: matches!(F::Protocol::ACCESS, Access::StepUp | Access::Enrol),
        input: input::fields::<F>(),
        ..get(F::PATH, id, summary, answer)
    }
}

/// What the guards know about each call, by its method and path.
pub type CallInfos = HashMap<(&'static str, &'static str), Arc<CallInfo>>;

/// Returns what the guards know about these calls.
///
/// # Panics
/// A call is described twice. One description would replace the other, and with it who may call.
pub(super) fn call_infos(all: impl Iterator<Item = Operation>) -> CallInfos {
    let mut infos = CallInfos::new();
    for operation in all {
        let (method, path) = (operation.method, operation.path);
        let before = infos.insert((method, path), Arc::new(operation.call_info()));
        assert!(before.is_none(), "{method} {path} is described twice");
    }
    infos
}

/// Returns the library's operations. `registration` are the app's fields of a registration, added to ours.
pub(super) fn all(registration: &[Field]) -> Vec<Operation> {
    let mut all: Vec<Operation> = sessions::coming_and_going().into();
    for operation in all.iter_mut().filter(|operation| operation.path == paths::API_REGISTER) {
        operation.input.extend(registration.iter().cloned());
    }
    all.extend(steps::all(registration));
    all.extend(factors::all());
    let no_try = [paths::API_PASSWORD_STRENGTH, paths::API_RESEND];
    for operation in all.iter_mut().filter(|operation| operation.method == "POST" && !no_try.contains(&operation.path))
    {
        operation.tries_secret = operation.caller == Caller::Anybody;
    }
    all.extend(sessions::protected());
    all.extend(accounts::own());
    all.extend(accounts::others());
    all.extend([
        get(paths::API_OPENAPI, "openapi", "This description.", Answer::object()),
        get("/.well-known/jwks.json", "jwks", "The public keys that verify access tokens.", Answer::by_name("KeySet")),
        get("/livez", "livez", "Whether the process runs.", Answer::by_name("Health")),
        get("/readyz", "readyz", "Whether it serves.", Answer::by_name("Health")),
    ]);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::api::{account::RefreshToken, me::Me};

    #[test]
    #[should_panic(expected = "GET /api/me is described twice")]
    fn a_realm_does_not_take_a_call_from_the_accounts() {
        let again = call::<Me>("me", "Who is signed in.").in_realm("trial");
        call_infos(all(&[]).into_iter().chain([again]));
    }

    #[test]
    #[should_panic(expected = "can't be a call of the realm")]
    fn a_call_of_a_realm_reads_no_cookie() {
        call::<RefreshToken>("refresh", "Refreshes.").in_realm("trial");
    }
}
