//! Flows of several calls: the next step, and what its page shows.

use super::{
    Alarm, Millis, OwnClaims, PasskeyOptions, Role, Seconds, StepReason, TokenAnswer, TotpEnrolment, UserView, paths,
};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// The next step of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// Enter the code from an email.
    CheckMail,
    /// Take the second step of a sign-in.
    SecondFactor,
    /// Decide whether to keep the account, which is scheduled for deletion.
    DeletionPending,
    /// Set up a second step.
    Enrol,
}

impl StepStatus {
    /// Returns the page of the step; `None` if it depends on the flow.
    pub const fn page(self) -> Option<&'static str> {
        match self {
            Self::CheckMail => None,
            Self::SecondFactor => Some(paths::LOGIN_SECOND_FACTOR),
            Self::DeletionPending => Some(paths::LOGIN_KEEP),
            Self::Enrol => Some(paths::LOGIN_ENROL),
        }
    }
}

/// The next step. It is bound to the browser that began it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepView {
    /// The kind of step.
    pub status: StepStatus,
    /// The id of the step.
    pub challenge: String,
    /// The seconds for which its code works at least.
    #[schema(value_type = u64)]
    pub expires_in: Seconds,
    /// When the account will be deleted, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub delete_at: Option<Millis>,
    /// The ways to take the second step.
    #[serde(default, skip_deserializing, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<SecondStepWay>,
    /// The options for requesting a passkey. For programs: our client requests it on the page of the step.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub passkey_options: Option<PasskeyOptions>,
}

impl StepView {
    /// Creates the step with this status and no further details.
    pub fn new(status: StepStatus, challenge: String, expires_in: Seconds) -> Self {
        Self { status, challenge, expires_in, delete_at: None, methods: Vec::new(), passkey_options: None }
    }
}

/// A way to take the second step of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecondStepWay {
    /// With the code of an authenticator app, or a recovery code.
    Code,
    /// With a passkey.
    Passkey,
}

/// The answer to a call that begins a session, or leads to a step on the way to one.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum SignInAnswer {
    /// The session: 200 or 201.
    Session(Box<TokenAnswer>),
    /// The step: 202.
    Step(StepView),
}

impl From<TokenAnswer> for SignInAnswer {
    fn from(answer: TokenAnswer) -> Self {
        Self::Session(Box::new(answer))
    }
}

/// By hand: the derived code for such an enum would add several kilobytes to the client.
impl<'de> Deserialize<'de> for SignInAnswer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let Fields {
            status,
            challenge,
            expires_in,
            delete_at,
            access_token,
            token_type,
            server_time,
            refresh_timeout,
            csrf_token,
            user,
        } = Fields::deserialize(deserializer)?;
        if let (Some(status), Some(challenge)) = (status, &challenge) {
            return Ok(Self::Step(StepView { delete_at, ..StepView::new(status, challenge.clone(), expires_in) }));
        }
        let session = (|| {
            Some(TokenAnswer {
                access_token: access_token?,
                token_type: token_type?,
                expires_in,
                server_time: server_time?,
                refresh_timeout: refresh_timeout?,
                csrf_token: csrf_token?,
                user: user?,
            })
        })();
        session.map(|session| Self::Session(Box::new(session))).ok_or_else(|| D::Error::custom("neither"))
    }
}

/// The answer to a request to change the address.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum EmailAnswer {
    /// The address is changed at once, if the server sends no mail: 200.
    User(UserView),
    /// The code sent to the new address comes next: 202.
    Step(StepView),
}

/// By hand, as for [`SignInAnswer`].
impl<'de> Deserialize<'de> for EmailAnswer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let EmailFields { status, challenge, expires_in, id, email, name, role, claims } =
            EmailFields::deserialize(deserializer)?;
        let step = (|| {
            let (status, challenge, expires_in) = (status?, challenge?, expires_in?);
            Some(Self::Step(StepView::new(status, challenge, expires_in)))
        })();
        let user = || Some(Self::User(UserView { id: id?, email: email?, name, role, claims }));
        step.or_else(user).ok_or_else(|| D::Error::custom("neither"))
    }
}

#[derive(Deserialize)]
struct EmailFields {
    #[serde(default)]
    status: Option<StepStatus>,
    #[serde(default)]
    challenge: Option<String>,
    #[serde(default)]
    expires_in: Option<Seconds>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    role: Option<Role>,
    #[serde(default)]
    claims: OwnClaims,
}

#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    status: Option<StepStatus>,
    #[serde(default)]
    challenge: Option<String>,
    expires_in: Seconds,
    #[serde(default)]
    delete_at: Option<Millis>,
    #[serde(default)]
    access_token: Option<super::Secret>,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    server_time: Option<Millis>,
    #[serde(default)]
    refresh_timeout: Option<f64>,
    #[serde(default)]
    csrf_token: Option<super::Secret>,
    #[serde(default)]
    user: Option<UserView>,
}

/// How long the user waits before asking for another email of a step.
pub const RESEND_AFTER: Seconds = Seconds(30);

/// What the page of a step shows: who it is for, and whether it can still be finished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepPage {
    /// The id of the step.
    pub challenge: String,
    /// The address that the step's emails, or the link, were sent to.
    pub email: String,
    /// The id of the link that opened the page, if one did.
    pub link: Option<String>,
    /// Whether this browser began the step.
    pub own: bool,
    /// When the account will be deleted, in milliseconds since 1970, if the step is about that.
    #[schema(value_type = Option<i64>)]
    pub delete_at: Option<Millis>,
    /// The ways to take a second step, if the step is about that.
    #[serde(default)]
    pub methods: Vec<SecondStepWay>,
    /// The options for requesting a passkey, as JSON.
    #[serde(default)]
    pub passkey_options: Option<String>,
    /// For how many days the device can be trusted; none if it can't.
    #[serde(default)]
    pub trust_days: Option<u32>,
    /// The authenticator app that waits for its first code, if a second step is being set up.
    #[serde(default)]
    pub totp: Option<TotpEnrolment>,
    /// How long the user has to wait before asking for another email.
    #[serde(default)]
    #[schema(value_type = i64)]
    pub resend_in: Seconds,
    /// Why the step is over, if it is.
    pub over: Option<StepReason>,
}

/// The result of an answer to an email's link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecureStatus {
    /// It was the user: nothing else was done.
    Noted,
    /// It was not the user: the account is as it was before, and nobody is signed in.
    Secured,
}

/// The confirmation of an answer to an email's link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecureView {
    /// The result.
    pub status: SecureStatus,
}

/// What the page of an email's link shows: what happened, and whether the user can still answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AlarmView {
    /// The id of the link.
    pub link: String,
    /// What happened.
    pub alarm: Alarm,
    /// The address that the email was sent to.
    pub email: String,
    /// When it happened, in milliseconds since 1970.
    #[schema(value_type = i64)]
    pub at: Millis,
    /// The device that did it.
    pub device: Option<String>,
    /// The IP address that it came from.
    pub ip: Option<String>,
    /// Until when it can be undone, in milliseconds since 1970.
    #[schema(value_type = i64)]
    pub until: Millis,
    /// Why the link is over, if it is.
    pub over: Option<StepReason>,
    /// Whether the browser is signed in to the account.
    pub own: bool,
    /// This browser's answer, if it has just given one.
    pub answered: Option<SecureStatus>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_and_a_step_are_told_apart() {
        let step = r#"{"status":"check_mail","challenge":"0198","expires_in":600}"#;
        assert!(matches!(serde_json::from_str(step), Ok(SignInAnswer::Step(step)) if step.expires_in == Seconds(600)));
        let session = r#"{"access_token":"a","token_type":"Bearer","expires_in":900,"server_time":1,"refresh_timeout":10,
            "csrf_token":"c","user":{"id":"1","email":"a@b","name":null}}"#;
        let Ok(SignInAnswer::Session(session)) = serde_json::from_str(session) else { panic!("a session") };
        assert_eq!((session.expires_in, session.user.id.as_str()), (Seconds(900), "1"));
        assert!(serde_json::from_str::<SignInAnswer>(r#"{"expires_in":1}"#).is_err());
        assert!(matches!(serde_json::from_str(step), Ok(EmailAnswer::Step(step)) if step.challenge == "0198"));
        let user = r#"{"id":"1","email":"a@b","name":null}"#;
        assert!(matches!(serde_json::from_str(user), Ok(EmailAnswer::User(user)) if user.email == "a@b"));
        assert!(serde_json::from_str::<EmailAnswer>(r#"{"email":"a@b"}"#).is_err());
    }
}
