//! The server, as far as a client can tell, and the browser's one cookie.

use crate::app::{
    error::{ApiError, Code},
    session::{SessionState, SessionView},
    types::{EndReason, OwnClaims, TokenAnswer, UserView},
};

/// A call as it arrives. The cookie comes with it.
pub enum Call {
    Protected(Option<TokenAnswer>),
    SignIn,
    SignOut(Option<TokenAnswer>),
    Refresh,
    Livez,
}

/// An answer: for a sign-in and a refresh, with a token.
pub type Reply = Result<Option<TokenAnswer>, ApiError>;

struct Session {
    user: u32,
    is_over: bool,
    /// The number of its newest access token.
    token: u32,
    /// Access tokens below this number have run out.
    runs_from: u32,
}

/// Sessions are numbered in the order in which they began.
pub struct Server {
    sessions: Vec<Session>,
    /// The session that the browser's cookie names.
    cookie: Option<usize>,
    /// Who signs in next.
    pub user: u32,
    /// The number of refreshes that it answered.
    pub refreshes: u32,
}

impl Server {
    pub fn new() -> Self {
        let first = Session { user: 1, is_over: false, token: 0, runs_from: 0 };
        Self { sessions: vec![first], cookie: Some(0), user: 1, refreshes: 0 }
    }

    /// What a page says that is rendered now.
    pub fn page(&mut self, clock: f64) -> SessionState {
        match self.living() {
            Some(session) => answer_of(&self.token(session, clock)),
            None => SessionState::SignedOut(None),
        }
    }

    /// The session of the cookie, if it is not over.
    pub fn living(&self) -> Option<usize> {
        self.cookie.filter(|session| !self.sessions[*session].is_over)
    }

    /// Every access token so far runs out.
    pub fn expire(&mut self) {
        for session in &mut self.sessions {
            session.token += 1;
            session.runs_from = session.token;
        }
    }

    /// Somebody ends the session from elsewhere.
    pub fn end(&mut self) {
        if let Some(session) = self.cookie {
            self.sessions[session].is_over = true;
        }
    }

    pub fn answer(&mut self, call: &Call, clock: f64) -> Reply {
        match call {
            Call::Livez => Ok(None),
            Call::Protected(token) => self.protected(token.as_ref()).map(|()| None),
            Call::SignIn => {
                self.end();
                self.sessions.push(Session { user: self.user, is_over: false, token: 1, runs_from: 0 });
                let session = self.sessions.len() - 1;
                self.cookie = Some(session);
                Ok(Some(self.token(session, clock)))
            }
            Call::SignOut(token) => {
                self.end();
                if let Some(token) = token {
                    self.sessions[number_of(token.csrf_token.reveal())].is_over = true;
                }
                self.cookie = None;
                Ok(None)
            }
            Call::Refresh => {
                self.refreshes += 1;
                let session = self.cookie.ok_or(Code::RefreshTokenNotFound)?;
                if self.sessions[session].is_over {
                    self.cookie = None;
                    return Err(ApiError::from(Code::InvalidRefreshToken).because(EndReason::SignedOut));
                }
                self.sessions[session].token += 1;
                Ok(Some(self.token(session, clock)))
            }
        }
    }

    fn protected(&self, token: Option<&TokenAnswer>) -> Result<(), ApiError> {
        let token = token.ok_or(Code::TokenNotFound)?;
        let session = &self.sessions[number_of(token.csrf_token.reveal())];
        if number_of(token.access_token.reveal()) < session.runs_from as usize {
            return Err(Code::TokenExpired.into());
        }
        if session.is_over { Err(Code::SessionEnded.into()) } else { Ok(()) }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time of the test")]
    fn token(&self, session: usize, clock: f64) -> TokenAnswer {
        let Session { user, token, .. } = self.sessions[session];
        TokenAnswer {
            access_token: format!("access {session}.{token}").into(),
            token_type: "Bearer".to_owned(),
            expires_in: 900,
            server_time: 1_700_000_000_000 + clock as u64,
            refresh_timeout: 10.0,
            csrf_token: format!("session {session}").into(),
            user: UserView {
                id: format!("user {user}"),
                email: "a@b".to_owned(),
                name: None,
                role: None,
                claims: OwnClaims::default(),
            },
        }
    }
}

/// The number at the end of a text.
pub fn number_of(text: &str) -> usize {
    let digits = text.rsplit(|c: char| !c.is_ascii_digit()).next();
    digits.and_then(|digits| digits.parse().ok()).expect("a number")
}

/// The session of an answer, as a page shows it.
pub fn answer_of(answer: &TokenAnswer) -> SessionState {
    let csrf_token = answer.csrf_token.reveal().to_owned();
    SessionState::SignedIn(SessionView { user: answer.user.clone(), csrf_token })
}
