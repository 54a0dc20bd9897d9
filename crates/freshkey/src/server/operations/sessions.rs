//! The operations of signing in and out, and those that every session may use.

use super::{COOKIE, Operation, SIGNED_OUT, call};
use crate::app::{
    api::{self, account, sessions},
    error::Code,
    paths,
};

pub(super) fn coming_and_going() -> [Operation; 6] {
    [
        Operation {
            status: 201,
            headers: COOKIE,
            form_page: Some(paths::REGISTER),
            also: &[202],
            own: &[Code::Validation, Code::EmailTaken],
            ..call::<account::Register>("register", "Creates an account and signs it in.")
        },
        Operation {
            own: &[Code::Validation],
            ..call::<api::password::PasswordStrength>("passwordStrength", "Judges a password as a registration would.")
        },
        Operation {
            headers: COOKIE,
            form_page: Some(paths::LOGIN),
            also: &[202],
            own: &[Code::Validation, Code::InvalidCredentials],
            ..call::<account::Login>("login", "Starts a session; ends the one in the cookie.")
        },
        Operation {
            headers: COOKIE,
            own: &[Code::RefreshTokenNotFound, Code::InvalidRefreshToken, Code::StaleRequest],
            ..call::<account::RefreshToken>("refresh", "Refreshes the session, and rotates the refresh cookie.")
        },
        Operation {
            headers: SIGNED_OUT,
            ..call::<account::Logout>("logout", "Ends the session of the cookie or the token.")
        },
        Operation {
            headers: SIGNED_OUT,
            ..call::<sessions::LogoutAll>("logoutAll", "Ends every session of the user.")
        },
    ]
}

pub(super) fn protected() -> [Operation; 7] {
    [
        call::<api::protected::Protected>("protected", "The user of the access token."),
        call::<api::protected::ProtectedPost>("protectedPost", "The same as a POST, which also needs the CSRF token."),
        call::<api::me::Me>("me", "The signed-in user."),
        call::<sessions::Sessions>("sessions", "The user's sessions, the newest first."),
        call::<api::activity::Activity>("activity", "The account's activity, the newest first."),
        Operation {
            headers: SIGNED_OUT,
            own: &[Code::Validation, Code::NotFound],
            ..call::<sessions::RevokeSession>("revokeSession", "Ends one of the user's sessions.")
        },
        call::<sessions::RevokeOtherSessions>("revokeOtherSessions", "Ends all of the user's sessions but this one."),
    ]
}
