//! Every URL of the app, in one place.

mod pages;

pub use pages::{
    account, accounts, encode, is_protected, is_step, login_with_next, next_value, page, with_error, with_next,
};

/// The public front page.
pub const HOME: &str = "/";
/// The sign-in page.
pub const LOGIN: &str = "/login";
/// The registration page.
pub const REGISTER: &str = "/register";
/// The page for the code of a registration.
pub const REGISTER_CONFIRM: &str = "/register/confirm";
/// The page that a registration's link opens.
pub const REGISTER_FINISH: &str = "/register/finish";
/// The page to ask for a sign-in code and to type it.
pub const LOGIN_CODE: &str = "/login/code";
/// The page to keep an account that is scheduled for deletion.
pub const LOGIN_KEEP: &str = "/login/keep";
/// The second step of a sign-in.
pub const LOGIN_SECOND_FACTOR: &str = "/login/second-factor";
/// Setting up a second step during a sign-in.
pub const LOGIN_ENROL: &str = "/login/enrol";
/// The page to report a forgotten password.
pub const FORGOT: &str = "/forgot";
/// The page to choose a new password, with a code or a link.
pub const RESET: &str = "/reset";
/// The page that the link in a security email opens: "It was not me".
pub const SECURE: &str = "/secure";
/// The dashboard, and the root of everything that needs a session.
pub const APP: &str = "/app";

/// The list of the user's sessions.
pub const SESSIONS: &str = "/app/sessions";

/// The user's own account.
pub const PROFILE: &str = "/app/profile";
/// All accounts, for administrators; 404 for everybody else.
pub const ADMIN: &str = "/app/admin";

/// An address that never has a page.
pub const NOWHERE: &str = "/nowhere";

/// The account's protection and activity.
pub const SECURITY: &str = "/app/security";

/// The page to add an authenticator app.
pub const SECURITY_TOTP: &str = "/app/security/totp";
/// The page that shows new recovery codes.
pub const SECURITY_RECOVERY_CODES: &str = "/app/security/recovery-codes";

/// The page to confirm a sensitive action without WASM.
pub const STEP_UP: &str = "/app/step-up";

/// The prefix of every server function.
pub const API: &str = "/api";
/// The OpenAPI description.
pub const API_OPENAPI: &str = "/api/openapi.json";
/// Signs in.
pub const API_LOGIN: &str = "/api/login";
/// Registers.
pub const API_REGISTER: &str = "/api/register";
/// Confirms a registration with its code or link.
pub const API_REGISTER_CONFIRM: &str = "/api/register/confirm";
/// Sends another email for a step.
pub const API_RESEND: &str = "/api/resend";
/// Sends a sign-in code.
pub const API_LOGIN_CODE: &str = "/api/login/code";
/// Signs in with the emailed code.
pub const API_LOGIN_CODE_CONFIRM: &str = "/api/login/code/confirm";
/// Starts a password reset.
pub const API_FORGOT: &str = "/api/forgot-password";
/// Sets a new password, with a code or a link.
pub const API_RESET: &str = "/api/reset-password";
/// Keeps an account that is scheduled for deletion.
pub const API_LOGIN_KEEP: &str = "/api/login/keep";
/// Completes the second step of a sign-in.
pub const API_SECOND_FACTOR: &str = "/api/login/second-factor";
/// Signs in with a passkey.
pub const API_LOGIN_PASSKEY: &str = "/api/login/passkey";
/// Adds an authenticator app.
pub const API_TOTP: &str = "/api/factors/totp";
/// Confirms an authenticator app with its first code.
pub const API_TOTP_CONFIRM: &str = "/api/factors/totp/confirm";
/// Returns the options for creating a passkey.
pub const API_PASSKEY_OPTIONS: &str = "/api/factors/passkeys/options";
/// Adds a passkey.
pub const API_PASSKEYS: &str = "/api/factors/passkeys";
/// Turns two-step sign-in on and off.
pub const API_TWO_STEP: &str = "/api/factors/two-step";
/// Makes recovery codes.
pub const API_RECOVERY_CODES: &str = "/api/factors/recovery-codes";
/// Records that the user has saved the recovery codes.
pub const API_RECOVERY_CODES_SAVED: &str = "/api/factors/recovery-codes/saved";
/// Renames a passkey or an app.
pub const API_FACTOR_RENAME: &str = "/api/factors/rename";
/// Removes a passkey or an app.
pub const API_FACTOR_REMOVE: &str = "/api/factors/remove";
/// Stops trusting all devices.
pub const API_FORGET_DEVICES: &str = "/api/factors/forget-devices";
/// Chooses the language of emails.
pub const API_LANGUAGE: &str = "/api/profile/language";
/// Downloads the user's data.
pub const API_EXPORT: &str = "/api/profile/export";
/// Deletes the account.
pub const API_DELETE: &str = "/api/profile/delete";
/// Answers a security email: it was me, or it was not.
pub const API_SECURE: &str = "/api/secure";
/// Changes the address.
pub const API_EMAIL: &str = "/api/profile/email";
/// Confirms an address with its code.
pub const API_EMAIL_CONFIRM: &str = "/api/profile/email/confirm";
/// Sends a code to confirm the address.
pub const API_EMAIL_PROVE: &str = "/api/profile/email/prove";
/// Refreshes the access token.
pub const API_REFRESH: &str = "/api/refresh-token";
/// Confirms a sensitive action.
pub const API_STEP_UP: &str = "/api/step-up";
/// Ends a session.
pub const API_REVOKE: &str = "/api/sessions/revoke";
/// Ends all of the user's sessions but this one.
pub const API_REVOKE_OTHERS: &str = "/api/sessions/revoke-others";
/// Ends all of the user's sessions.
pub const API_LOGOUT_ALL: &str = "/api/logout-all";
/// Signs out.
pub const API_LOGOUT: &str = "/api/logout";
/// Changes the name.
pub const API_NAME: &str = "/api/profile/name";
/// Changes the password.
pub const API_PASSWORD: &str = "/api/profile/password";
/// Judges a new password.
pub const API_PASSWORD_STRENGTH: &str = "/api/password-strength";
/// Disables an account, as an administrator.
pub const API_DISABLE: &str = "/api/admin/users/disable";
/// Enables an account again, as an administrator.
pub const API_ENABLE: &str = "/api/admin/users/enable";
/// Ends all sessions of an account, as an administrator.
pub const API_SIGN_OUT: &str = "/api/admin/users/sign-out";
/// Sends a reset email to an account, as an administrator.
pub const API_START_RESET: &str = "/api/admin/users/start-reset";
/// Sets whether an account requires two-step sign-in, as an administrator.
pub const API_REQUIRE_TWO_STEP: &str = "/api/admin/users/require-two-step";
/// Removes all second factors of an account, as an administrator.
pub const API_REMOVE_FACTORS: &str = "/api/admin/users/remove-factors";
/// Ends a session, as an administrator.
pub const API_END_SESSION: &str = "/api/admin/sessions/end";
