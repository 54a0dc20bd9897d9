//! What users and programs may learn about a failure: one closed list of codes, and one table to status and message.
//! Causes stay in the server's log, under the request's id.

mod fields;
mod text;

pub use fields::Fields;

use freshkey_types::{EndReason, Seconds, StepUpView};
use leptos::server_fn::{codec::JsonEncoding, error::FromServerFnError, error::ServerFnErrorErr};
use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};
use std::borrow::Cow;
use utoipa::ToSchema;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident, $text:literal, $status:literal, $message:literal;)*) => {
        /// Why a call was refused. The names and statuses are part of the HTTP contract.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
        pub enum Code { $($(#[doc = $doc])* #[serde(rename = $text)] $name,)* }

        impl Code {
            /// The code as it appears in a body or a URL.
            pub const fn text(self) -> &'static str { match self { $(Self::$name => $text,)* } }
            /// The HTTP status (RFC 9110); 0 if there was no HTTP answer.
            pub const fn status(self) -> u16 { match self { $(Self::$name => $status,)* } }
            /// One clear sentence.
            pub const fn message(self) -> &'static str { match self { $(Self::$name => $message,)* } }
            /// Returns the code with this text.
            pub fn parse(text: &str) -> Option<Self> { match text { $($text => Some(Self::$name),)* _ => None } }
        }

        /// During an update, an open page may receive a code of the next release. The page can't act on it, so it
        /// becomes [`Code::Internal`]; the answer brings its own message.
        impl<'de> Deserialize<'de> for Code {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(|text| Self::parse(&text).unwrap_or(Self::Internal))
            }
        }
    };
}

codes! {
    /// A body that can't be read at all.
    BadRequest, "BAD_REQUEST", 400, "The request could not be read";
    /// No bearer token, or an empty one.
    TokenNotFound, "TOKEN_NOT_FOUND", 401, "Token not found";
    /// A valid access token past its `exp`.
    TokenExpired, "TOKEN_EXPIRED", 401, "Token expired";
    /// Any other defect of an access token.
    InvalidToken, "INVALID_TOKEN", 403, "Invalid token";
    /// A valid access token whose session is over.
    SessionEnded, "SESSION_ENDED", 401, "Session ended";
    /// A sensitive call, and the session's last full sign-in or step-up was too long ago.
    StepUpRequired, "STEP_UP_REQUIRED", 401, "Confirm it's you";
    /// No refresh cookie.
    RefreshTokenNotFound, "REFRESH_TOKEN_NOT_FOUND", 401, "Refresh token not found";
    /// A refresh token that is forged, expired, revoked or replayed.
    InvalidRefreshToken, "INVALID_REFRESH_TOKEN", 403, "Invalid refresh token";
    /// Wrong address or password; the same answer whether or not the account exists.
    InvalidCredentials, "INVALID_CREDENTIALS", 401, "Email or password is wrong";
    /// A code that is wrong, used or expired.
    InvalidCode, "INVALID_CODE", 403, "Wrong code";
    /// A step that is over, or that another browser began.
    ChallengeOver, "CHALLENGE_OVER", 403, "This step has expired. Start again.";
    /// A link that is forged, expired or used.
    InvalidLink, "INVALID_LINK", 403, "This link is not valid";
    /// Any defect of a passkey.
    InvalidPasskey, "INVALID_PASSKEY", 403, "This passkey was not accepted";
    /// A CSRF token that is missing, forged, or another session's.
    InvalidCsrfToken, "INVALID_CSRF_TOKEN", 403, "Invalid CSRF token";
    /// The request came from another site.
    CrossOrigin, "CROSS_ORIGIN", 403, "Cross-origin request refused";
    /// The user is signed in, but not allowed to do this.
    Forbidden, "FORBIDDEN", 403, "Not allowed";
    /// There is nothing at this address.
    NotFound, "NOT_FOUND", 404, "Not found";
    /// The address exists, but not for this method.
    MethodNotAllowed, "METHOD_NOT_ALLOWED", 405, "Method not allowed";
    /// A refresh that arrived after its sender had given up.
    StaleRequest, "STALE_REQUEST", 409, "Request arrived too late";
    /// Registration with an address that already has an account.
    EmailTaken, "EMAIL_TAKEN", 409, "An account with this email exists";
    /// The account has the maximum number of passkeys or authenticator apps.
    TooMany, "TOO_MANY", 409, "Remove one first";
    /// Removing the last factor of an account that requires two-step sign-in.
    MfaRequired, "MFA_REQUIRED", 409, "Two-step sign-in is required for this account";
    /// A body over 64 KiB.
    PayloadTooLarge, "PAYLOAD_TOO_LARGE", 413, "The request is too large";
    /// A body that is neither JSON nor a form.
    UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", 415, "Send JSON or an HTML form";
    /// Readable, but a field is missing or invalid.
    Validation, "VALIDATION", 422, "Check the highlighted fields";
    /// A limit was reached.
    RateLimited, "RATE_LIMITED", 429, "Too many requests, please try again later.";
    /// A fault of the server. The log has the cause.
    Internal, "INTERNAL", 500, "Internal server error";
    /// The server is too busy, or can't reach its database.
    Overloaded, "OVERLOADED", 503, "Try again shortly";
    /// Set by the client: no answer came, or none from Freshkey.
    Unreachable, "UNREACHABLE", 0, "Can't reach the server. Check your connection and try again.";
    /// Set by the client: the browser blocks cookies for this site, so nobody can sign in.
    CookiesBlocked, "COOKIES_BLOCKED", 0, "Your browser blocks cookies here. Allow them for this site, then try again.";
}

impl Code {
    /// Whether a new access token may help. Calls that are answered with one of these codes are sent once more, after
    /// the shared refresh.
    pub const fn wants_refresh(self) -> bool {
        matches!(self, Self::TokenNotFound | Self::TokenExpired | Self::InvalidToken | Self::SessionEnded)
    }

    /// Returns the message above a page whose form was refused after a browser without WASM sent it.
    pub const fn of_a_form(self) -> &'static str {
        match self {
            // The form is of another session, or its session is over.
            Self::InvalidCsrfToken => "This page was too old. Press the button again.",
            Self::RateLimited => "Too many attempts. Try again in a few minutes.",
            Self::Internal => "Something went wrong on our side. Please try again.",
            // The form has led to the page that asks for the password, and back.
            Self::StepUpRequired => "Nothing is done yet. Press the button again to continue.",
            code if code.wants_refresh() || code.ends_session() => Self::InvalidCsrfToken.of_a_form(),
            code => code.message(),
        }
    }

    /// Whether the failure is not about the request itself: the same may succeed once the server can be reached
    /// again.
    pub const fn is_passing(self) -> bool {
        matches!(self, Self::Unreachable | Self::Overloaded)
    }

    /// Whether this answer to a refresh means for certain that nobody is signed in here.
    pub const fn ends_session(self) -> bool {
        matches!(self, Self::RefreshTokenNotFound | Self::InvalidRefreshToken)
    }
}

/// The body of every refusal: `{"code", "message"}`, with `fields` for [`Code::Validation`], `reason` if a session, a
/// step or a link is over, `attempts_left` and `clock_off_seconds` for a wrong code, and `step_up` for
/// [`Code::StepUpRequired`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiError {
    /// The code, for programs.
    #[schema(value_type = String)]
    pub code: Code,
    /// The message, for people.
    #[schema(value_type = String)]
    pub message: Cow<'static, str>,
    /// A sentence for each invalid field.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub fields: Fields,
    /// Why the session, the step or the link is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub reason: Option<Cow<'static, str>>,
    /// How many more tries are left for the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts_left: Option<u32>,
    /// How many seconds the clock that made the code is wrong; negative if it is slow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub clock_off_seconds: Option<Seconds>,
    /// How the user can confirm that it is them. For programs: our client asks for the password.
    #[serde(default, deserialize_with = "unread", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<StepUpView>)]
    pub step_up: Option<Box<StepUpView>>,
    /// How long to wait, sent as the header `Retry-After`; zero if there is none. (An `Option` would make every `Result`
    /// larger.)
    #[serde(skip)]
    pub retry_after: Seconds,
}

/// Skips a field that the client does not use, so that it has no code to read it. (`skip_deserializing` would also
/// leave it out of the schema.)
fn unread<'de, D: Deserializer<'de>, T>(deserializer: D) -> Result<Option<T>, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| None)
}

impl ApiError {
    /// Returns [`Code::Validation`] with one sentence for one field.
    pub fn field(name: &'static str, sentence: impl Into<Cow<'static, str>>) -> Self {
        Self::fields([(name, sentence.into())])
    }

    /// Returns [`Code::Validation`] with a sentence for each field.
    pub fn fields(fields: impl IntoIterator<Item = (&'static str, Cow<'static, str>)>) -> Self {
        let fields = fields.into_iter().map(|(name, sentence)| (name.into(), sentence)).collect();
        Self { fields, ..Code::Validation.into() }
    }

    /// Returns the error of the field `name`.
    pub fn sentence(&self, name: &str) -> Option<String> {
        match self.code {
            Code::EmailTaken => (name == "email").then(|| "This email already has an account.".to_owned()),
            Code::InvalidCode => (name == "code").then(|| self.wrong_code()),
            _ => self.fields.get(name).map(|sentence| sentence.clone().into_owned()),
        }
    }

    /// Adds the reason why the session is over.
    #[must_use]
    pub fn because(self, reason: EndReason) -> Self {
        self.saying(reason.text())
    }

    /// Adds the reason why a step or a link is over.
    #[must_use]
    pub fn saying(self, reason: &'static str) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }

    /// Returns the reason why the session is over, if there is one.
    pub fn end_reason(&self) -> Option<EndReason> {
        self.reason.as_deref().map(EndReason::known)
    }

    /// Adds how long to wait.
    #[must_use]
    pub fn after(self, wait: Seconds) -> Self {
        Self { retry_after: wait, ..self }
    }
}

impl From<Code> for ApiError {
    fn from(code: Code) -> Self {
        let message = code.message().into();
        let fields = Fields::default();
        Self {
            code,
            message,
            fields,
            reason: None,
            attempts_left: None,
            clock_off_seconds: None,
            step_up: None,
            retry_after: Seconds::ZERO,
        }
    }
}

impl std::error::Error for ApiError {}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    // The framework's message may quote the input, so it is dropped.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        use ServerFnErrorErr as E;
        match error {
            E::Args(_) | E::MissingArg(_) | E::Deserialization(_) => Code::BadRequest.into(),
            E::Request(_) | E::Response(_) => Code::Unreachable.into(),
            _ => Code::Internal.into(),
        }
    }
}
