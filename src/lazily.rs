//! Pages whose code the browser fetches only when they are opened, if the build is split (feature `split`, `make
//! build`). Otherwise their code is in the one WASM file. The sign-in form is not in this list, because everybody
//! opens it.
//!
//! Each line is `PAGE(part) = view;`. The route uses it as `view=PAGE`. Pages of the same part share a file.

use crate::pages::{dashboard, home};
use freshkey::app::pages::{admin, profile, register, security, sessions, step_up, steps, styleguide};

freshkey::lazy_pages! {
    /// The front page.
    HOME(home) = home::Home;
    /// The registration page.
    REGISTER(register) = register::Register;
    /// The page for the code of a registration.
    REGISTER_CONFIRM(register) = steps::RegisterConfirm;
    /// The page that a registration's link opens.
    REGISTER_FINISH(register) = steps::RegisterFinish;
    /// The page to report a forgotten password.
    FORGOT(recovery) = steps::Forgot;
    /// The page to choose a new password.
    RESET(recovery) = steps::Reset;
    /// The page that the link in a security email opens: "was it you?"
    SECURE(recovery) = steps::Secure;
    /// The page to keep an account that is scheduled for deletion.
    LOGIN_KEEP(recovery) = steps::LoginKeep;
    /// Signing in with an emailed code.
    LOGIN_CODE(recovery) = steps::LoginCode;
    /// The second step of a sign-in.
    LOGIN_SECOND_FACTOR(recovery) = steps::LoginSecondFactor;
    /// Setting up a second step during a sign-in.
    LOGIN_ENROL(recovery) = steps::LoginEnrol;
    /// The dashboard.
    DASHBOARD(signed_in) = dashboard::Dashboard;
    /// The list of the user's sessions.
    SESSIONS(signed_in) = sessions::Sessions;
    /// The account's protection, and its recent activity.
    SECURITY(signed_in) = security::Security;
    /// The page to add an authenticator app.
    SECURITY_TOTP(signed_in) = security::AddApp;
    /// The page that shows recovery codes.
    SECURITY_RECOVERY_CODES(signed_in) = security::RecoveryCodes;
    /// The user's name and password.
    PROFILE(signed_in) = profile::Profile;
    /// The page to confirm a sensitive action without WASM.
    STEP_UP(signed_in) = step_up::StepUp;
    /// How the tokens work, live.
    LAB(lab) = freshkey_lab::Lab;
    /// The components, in development builds.
    STYLEGUIDE(styleguide) = styleguide::Styleguide;
    /// The list of all accounts, for administrators.
    ACCOUNTS(admin) = admin::Accounts;
    /// One account, for administrators.
    ACCOUNT(admin) = admin::Account;
}
