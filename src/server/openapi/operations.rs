//! Every operation of the contract, in one table.

mod accounts;
mod lab;
mod notes;

use crate::{
    app::{error::Code, notes::TEXT_MAX, paths},
    server::auth::password::MAX_CHARS,
};
use serde_json::{Map, Value, json};

/// Who may call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    Anybody,
    /// By the refresh cookie.
    Cookie,
    CookieOrBearer,
    Bearer,
    /// A form without a bearer token is known by its cookie.
    BearerAndCsrf,
}

/// What is answered.
#[derive(Clone, Copy)]
pub(super) enum Answer {
    Nothing,
    One(&'static str),
    Many(&'static str),
    Description,
}

/// A field of a body: its name, its type, and whether it must be there.
type Field = (&'static str, &'static str, bool);

/// One operation.
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) caller: Caller,
    pub(super) status: u16,
    pub(super) answer: Answer,
    pub(super) headers: &'static [&'static str],
    body: &'static [Field],
    own: &'static [Code],
}

const PLAIN: &[&str] = &["X-Request-Id"];
const COOKIE: &[&str] = &["X-Request-Id", "Set-Cookie"];
const SIGNED_OUT: &[&str] = &["X-Request-Id", "Set-Cookie", "Clear-Site-Data"];

impl Operation {
    pub(super) fn reads_a_body(&self) -> bool {
        self.method == "post"
    }

    /// The fields of the query of what has no body.
    pub(super) fn parameters(&self) -> Vec<Value> {
        let fields = if self.reads_a_body() { &[] } else { self.body };
        let parameter = |(name, kind, required): &Field| json!({"name": name, "in": "query", "required": required, "schema": {"type": kind}});
        fields.iter().map(parameter).collect()
    }

    /// The fields of the body; a new password has at least `password_min` characters.
    pub(super) fn fields(&self, password_min: usize) -> Value {
        let field = |(name, kind, required): &Field| {
            let mut schema = json!({"type": kind});
            if *required {
                schema["minLength"] = 1.into();
            }
            match *name {
                "email" => schema["format"] = "email".into(),
                "password" | "new_password" if self.path != paths::API_LOGIN => {
                    schema["minLength"] = password_min.into();
                    schema["maxLength"] = MAX_CHARS.into();
                }
                "text" => schema["maxLength"] = TEXT_MAX.into(),
                _ => {}
            }
            ((*name).to_owned(), schema)
        };
        let mut fields: Map<String, Value> = self.body.iter().map(field).collect();
        if self.caller == Caller::BearerAndCsrf || self.caller == Caller::CookieOrBearer {
            fields.insert("_csrf".to_owned(), json!({"description": "Instead of X-CSRF-Token."}));
        }
        Value::Object(fields)
    }

    pub(super) fn required(&self) -> Vec<&'static str> {
        self.body.iter().filter(|(_, _, required)| *required).map(|(name, ..)| *name).collect()
    }

    /// What may be refused: its own, and what every call of its kind may be answered.
    pub(super) fn codes(&self) -> Vec<Code> {
        let mut codes = self.own.to_vec();
        if !self.path.starts_with("/api/") {
            return codes;
        }
        codes.extend([Code::RateLimited, Code::Internal, Code::Overloaded]);
        if self.method == "post" {
            codes.extend([Code::BadRequest, Code::CrossOrigin, Code::PayloadTooLarge, Code::UnsupportedMediaType]);
        }
        if matches!(self.caller, Caller::Bearer | Caller::BearerAndCsrf) {
            codes.extend([Code::TokenNotFound, Code::TokenExpired, Code::InvalidToken, Code::SessionEnded]);
        }
        if matches!(self.caller, Caller::BearerAndCsrf | Caller::CookieOrBearer) {
            codes.push(Code::InvalidCsrfToken);
        }
        codes
    }
}

fn get(path: &'static str, id: &'static str, summary: &'static str, answer: Answer) -> Operation {
    Operation {
        method: "get",
        path,
        id,
        summary,
        caller: Caller::Anybody,
        status: 200,
        answer,
        headers: PLAIN,
        body: &[],
        own: &[],
    }
}

fn post(path: &'static str, id: &'static str, summary: &'static str, answer: Answer) -> Operation {
    Operation { method: "post", ..get(path, id, summary, answer) }
}

/// All of them.
pub(super) fn all() -> Vec<Operation> {
    let token = Answer::One("TokenAnswer");
    let mut all: Vec<Operation> = coming_and_going(token).into();
    all.extend(protected());
    all.extend(accounts::own());
    all.extend(accounts::others());
    all.extend(lab::lab());
    all.extend(notes::all());
    all.extend([
        get(paths::API_OPENAPI, "openapi", "This description.", Answer::Description),
        get("/.well-known/jwks.json", "jwks", "The public keys that verify access tokens.", Answer::One("KeySet")),
        get("/livez", "livez", "Whether the process runs.", Answer::One("Health")),
        get("/readyz", "readyz", "Whether it serves.", Answer::One("Health")),
    ]);
    all
}

fn coming_and_going(token: Answer) -> [Operation; 5] {
    [
        Operation {
            status: 201,
            headers: COOKIE,
            body: &[("email", "string", true), ("password", "string", true), ("name", "string", false)],
            own: &[Code::Validation, Code::EmailTaken],
            ..post(paths::API_REGISTER, "register", "Creates an account and signs it in.", token)
        },
        Operation {
            headers: COOKIE,
            body: &[("email", "string", true), ("password", "string", true), ("remember", "boolean", false)],
            own: &[Code::Validation, Code::InvalidCredentials],
            ..post(paths::API_LOGIN, "login", "Starts a session; ends the one that the cookie named.", token)
        },
        Operation {
            caller: Caller::Cookie,
            headers: COOKIE,
            body: &[("sent_at", "integer", false)],
            own: &[Code::RefreshTokenNotFound, Code::InvalidRefreshToken, Code::StaleRequest],
            ..post(paths::API_REFRESH, "refresh", "Exchanges the refresh cookie, and rotates it.", token)
        },
        Operation {
            caller: Caller::CookieOrBearer,
            status: 204,
            headers: SIGNED_OUT,
            ..post(paths::API_LOGOUT, "logout", "Ends the session that the cookie or the token names.", Answer::Nothing)
        },
        Operation {
            caller: Caller::BearerAndCsrf,
            status: 204,
            headers: SIGNED_OUT,
            ..post(paths::API_LOGOUT_ALL, "logoutAll", "Ends every session of the user.", Answer::Nothing)
        },
    ]
}

fn protected() -> [Operation; 7] {
    let view = Answer::One("ProtectedView");
    [
        Operation {
            caller: Caller::Bearer,
            ..get("/api/protected", "protected", "Whom the access token names.", view)
        },
        Operation {
            caller: Caller::BearerAndCsrf,
            ..post("/api/protected", "protectedPost", "The same, as a sensitive operation would be.", view)
        },
        Operation { caller: Caller::Bearer, ..get("/api/me", "me", "The signed-in user.", Answer::One("UserView")) },
        Operation {
            caller: Caller::Bearer,
            ..get("/api/sessions", "sessions", "The user's sessions, the newest first.", Answer::Many("SessionItem"))
        },
        Operation {
            caller: Caller::Bearer,
            ..get(
                "/api/activity",
                "activity",
                "What happened to the account, the newest first.",
                Answer::Many("ActivityItem"),
            )
        },
        Operation {
            caller: Caller::BearerAndCsrf,
            status: 204,
            headers: SIGNED_OUT,
            body: &[("id", "string", true)],
            own: &[Code::Validation, Code::NotFound],
            ..post(paths::API_REVOKE, "revokeSession", "Ends one of the user's sessions.", Answer::Nothing)
        },
        Operation {
            caller: Caller::BearerAndCsrf,
            status: 204,
            ..post(paths::API_REVOKE_OTHERS, "revokeOtherSessions", "Ends all of them but this one.", Answer::Nothing)
        },
    ]
}
