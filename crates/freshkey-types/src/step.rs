//! Flows of several calls: the step that comes next, and what its page shows.

use super::{StepReason, TokenAnswer};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// What comes next in a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// A code, from an email.
    CheckMail,
    /// Whether the account, which is going to be deleted, is to be kept.
    DeletionPending,
}

/// The step that comes next. It is bound to the browser that began it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepView {
    /// What comes next.
    pub status: StepStatus,
    /// Names the step.
    pub challenge: String,
    /// Seconds that its code works at least.
    pub expires_in: u64,
    /// When the account is going to be deleted, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_at: Option<i64>,
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

/// By hand: what the derived reader of such an enum brings along is several kilobytes of a browser's code.
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
            return Ok(Self::Step(StepView { status, challenge: challenge.clone(), expires_in, delete_at }));
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

#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    status: Option<StepStatus>,
    #[serde(default)]
    challenge: Option<String>,
    expires_in: u64,
    #[serde(default)]
    delete_at: Option<i64>,
    #[serde(default)]
    access_token: Option<super::Secret>,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    server_time: Option<u64>,
    #[serde(default)]
    refresh_timeout: Option<f64>,
    #[serde(default)]
    csrf_token: Option<super::Secret>,
    #[serde(default)]
    user: Option<super::UserView>,
}

/// What the page of a step shows: whom it is about, and whether it can still be finished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepPage {
    /// Names the step.
    pub challenge: String,
    /// The address that the emails of the step go to, or the link came from.
    pub email: String,
    /// Names the link that the browser followed, if the page was opened by one.
    pub link: Option<String>,
    /// Whether the step was begun in this browser.
    pub own: bool,
    /// When the account is going to be deleted, in milliseconds since 1970, if it is about that.
    pub delete_at: Option<i64>,
    /// Why it is over, if it is.
    pub over: Option<StepReason>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_and_a_step_are_told_apart() {
        let step = r#"{"status":"check_mail","challenge":"0198","expires_in":600}"#;
        assert!(matches!(serde_json::from_str(step), Ok(SignInAnswer::Step(step)) if step.expires_in == 600));
        let session = r#"{"access_token":"a","token_type":"Bearer","expires_in":900,"server_time":1,"refresh_timeout":10,
            "csrf_token":"c","user":{"id":"1","email":"a@b","name":null}}"#;
        let Ok(SignInAnswer::Session(session)) = serde_json::from_str(session) else { panic!("a session") };
        assert_eq!((session.expires_in, session.user.id.as_str()), (900, "1"));
        assert!(serde_json::from_str::<SignInAnswer>(r#"{"expires_in":1}"#).is_err());
    }
}
