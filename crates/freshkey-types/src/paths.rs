//! Every URL of the app, once.

mod pages;

pub use pages::{
    account, accounts, encode, is_protected, is_step, login_with_next, next_value, page, with_error, with_next,
};

/// The public front page.
pub const HOME: &str = "/";
/// The sign-in form.
pub const LOGIN: &str = "/login";
/// The registration form.
pub const REGISTER: &str = "/register";
/// Where the code of a registration is typed.
pub const REGISTER_CONFIRM: &str = "/register/confirm";
/// Where the link of a registration leads.
pub const REGISTER_FINISH: &str = "/register/finish";
/// Where a code to sign in with is asked for, and typed.
pub const LOGIN_CODE: &str = "/login/code";
/// Where an account is kept that was going to be deleted.
pub const LOGIN_KEEP: &str = "/login/keep";
/// Where the second step of a sign-in is taken.
pub const LOGIN_SECOND_FACTOR: &str = "/login/second-factor";
/// Where a second step is set up in the middle of a sign-in.
pub const LOGIN_ENROL: &str = "/login/enrol";
/// Where a forgotten password is said.
pub const FORGOT: &str = "/forgot";
/// Where a new password is chosen, by a code or a link.
pub const RESET: &str = "/reset";
/// Where the link of an email leads that tells of something: "It was not me".
pub const SECURE: &str = "/secure";
/// The dashboard, and the root of everything that needs a session.
pub const APP: &str = "/app";

/// The list of one's own sessions.
pub const SESSIONS: &str = "/app/sessions";

/// How the tokens work, live.
pub const LAB: &str = "/lab";
/// How another service verifies access tokens, as text.
pub const VERIFY_GUIDE: &str = "/lab/verify-tokens.md";
/// One's own account.
pub const PROFILE: &str = "/app/profile";
/// Everybody's accounts, for administrators; for everybody else nothing is here.
pub const ADMIN: &str = "/app/admin";

/// Where nothing is, and never will be.
pub const NOWHERE: &str = "/nowhere";

/// What happened to one's account.
pub const SECURITY: &str = "/app/security";

/// Where an authenticator app is added.
pub const SECURITY_TOTP: &str = "/app/security/totp";
/// Where new recovery codes are shown.
pub const SECURITY_RECOVERY_CODES: &str = "/app/security/recovery-codes";

/// Where one confirms that it is oneself, without WASM.
pub const STEP_UP: &str = "/app/step-up";

/// The prefix of every server function.
pub const API: &str = "/api";
/// The description of the calls.
pub const API_OPENAPI: &str = "/api/openapi.json";
/// Where the sign-in form posts.
pub const API_LOGIN: &str = "/api/login";
/// Where the registration form posts.
pub const API_REGISTER: &str = "/api/register";
/// Where the code or the link of a registration goes.
pub const API_REGISTER_CONFIRM: &str = "/api/register/confirm";
/// Where another email of a step is asked for.
pub const API_RESEND: &str = "/api/resend";
/// Where a code to sign in with is asked for.
pub const API_LOGIN_CODE: &str = "/api/login/code";
/// Where a code to sign in with goes.
pub const API_LOGIN_CODE_CONFIRM: &str = "/api/login/code/confirm";
/// Where a forgotten password is said.
pub const API_FORGOT: &str = "/api/forgot-password";
/// Where a new password goes, with a code or a link.
pub const API_RESET: &str = "/api/reset-password";
/// Where an account is kept that was going to be deleted.
pub const API_LOGIN_KEEP: &str = "/api/login/keep";
/// Where the second step of a sign-in goes.
pub const API_SECOND_FACTOR: &str = "/api/login/second-factor";
/// Where a passkey signs somebody in.
pub const API_LOGIN_PASSKEY: &str = "/api/login/passkey";
/// Where an authenticator app is added.
pub const API_TOTP: &str = "/api/factors/totp";
/// Where the first code of an authenticator app goes.
pub const API_TOTP_CONFIRM: &str = "/api/factors/totp/confirm";
/// Where what a new passkey is made by is asked for.
pub const API_PASSKEY_OPTIONS: &str = "/api/factors/passkeys/options";
/// Where a passkey is added.
pub const API_PASSKEYS: &str = "/api/factors/passkeys";
/// Where two-step sign-in is turned on and off.
pub const API_TWO_STEP: &str = "/api/factors/two-step";
/// Where recovery codes are made.
pub const API_RECOVERY_CODES: &str = "/api/factors/recovery-codes";
/// Where it is said that they are kept somewhere.
pub const API_RECOVERY_CODES_SAVED: &str = "/api/factors/recovery-codes/saved";
/// Where a passkey or an app gets another name.
pub const API_FACTOR_RENAME: &str = "/api/factors/rename";
/// Where a passkey or an app is removed.
pub const API_FACTOR_REMOVE: &str = "/api/factors/remove";
/// Where devices stop being trusted.
pub const API_FORGET_DEVICES: &str = "/api/factors/forget-devices";
/// Where the language of one's emails is chosen.
pub const API_LANGUAGE: &str = "/api/profile/language";
/// Where one's data is downloaded.
pub const API_EXPORT: &str = "/api/profile/export";
/// Where one's account is deleted.
pub const API_DELETE: &str = "/api/profile/delete";
/// Where the reader of an email says whether it was them.
pub const API_SECURE: &str = "/api/secure";
/// Where one's address is changed.
pub const API_EMAIL: &str = "/api/profile/email";
/// Where the code that proves an address goes.
pub const API_EMAIL_CONFIRM: &str = "/api/profile/email/confirm";
/// Where a code that proves one's address is asked for.
pub const API_EMAIL_PROVE: &str = "/api/profile/email/prove";
/// Where a spent access token is exchanged for a new one.
pub const API_REFRESH: &str = "/api/refresh-token";
/// Where one confirms that it is oneself.
pub const API_STEP_UP: &str = "/api/step-up";
/// Where a session is ended.
pub const API_REVOKE: &str = "/api/sessions/revoke";
/// Where all of one's sessions but this one are ended.
pub const API_REVOKE_OTHERS: &str = "/api/sessions/revoke-others";
/// Where all of one's sessions are ended.
pub const API_LOGOUT_ALL: &str = "/api/logout-all";
/// Where the sign-out form posts.
pub const API_LOGOUT: &str = "/api/logout";
/// Where one's name is changed.
pub const API_NAME: &str = "/api/profile/name";
/// Where one's password is changed.
pub const API_PASSWORD: &str = "/api/profile/password";
/// Where a page asks how good a new password is.
pub const API_PASSWORD_STRENGTH: &str = "/api/password-strength";
/// Where an administrator disables an account.
pub const API_DISABLE: &str = "/api/admin/users/disable";
/// Where an administrator enables an account again.
pub const API_ENABLE: &str = "/api/admin/users/enable";
/// Where an administrator ends all sessions of an account.
pub const API_SIGN_OUT: &str = "/api/admin/users/sign-out";
/// Where an administrator has a new password asked for.
pub const API_START_RESET: &str = "/api/admin/users/start-reset";
/// Where an administrator says whether an account needs two-step sign-in.
pub const API_REQUIRE_TWO_STEP: &str = "/api/admin/users/require-two-step";
/// Where an administrator removes every second step of an account.
pub const API_REMOVE_FACTORS: &str = "/api/admin/users/remove-factors";
/// Where an administrator ends a session.
pub const API_END_SESSION: &str = "/api/admin/sessions/end";
