//! Pages whose code a browser fetches when they are opened: where the build is split (feature `split`,
//! `make build`). Elsewhere they are in the one file. The sign-in form is not among them: it is what everybody
//! opens.
//!
//! A line is `PAGE(part) = view;`, and `view=PAGE` the route's. Pages of one part share a file.

use crate::pages::{dashboard, home};
use freshkey::app::pages::{admin, lab, profile, register, security, sessions, step_up, steps, styleguide};

freshkey::lazy_pages! {
    /// The front page.
    HOME(home) = home::Home;
    /// The registration page.
    REGISTER(register) = register::Register;
    /// Where the code of a registration is typed.
    REGISTER_CONFIRM(register) = steps::RegisterConfirm;
    /// Where the link of a registration leads.
    REGISTER_FINISH(register) = steps::RegisterFinish;
    /// Where a forgotten password is said.
    FORGOT(recovery) = steps::Forgot;
    /// Where a new password is chosen.
    RESET(recovery) = steps::Reset;
    /// Where the link of an email leads that tells of something: was it you?
    SECURE(recovery) = steps::Secure;
    /// Where an account is kept that was going to be deleted.
    LOGIN_KEEP(recovery) = steps::LoginKeep;
    /// Signing in by a code from an email.
    LOGIN_CODE(recovery) = steps::LoginCode;
    /// The second step of a sign-in.
    LOGIN_SECOND_FACTOR(recovery) = steps::LoginSecondFactor;
    /// Where a second step is set up in the middle of a sign-in.
    LOGIN_ENROL(recovery) = steps::LoginEnrol;
    /// The dashboard.
    DASHBOARD(signed_in) = dashboard::Dashboard;
    /// The list of one's sessions.
    SESSIONS(signed_in) = sessions::Sessions;
    /// How well one's account is protected, and what happened to it.
    SECURITY(signed_in) = security::Security;
    /// Where an authenticator app is added.
    SECURITY_TOTP(signed_in) = security::AddApp;
    /// Where recovery codes are shown.
    SECURITY_RECOVERY_CODES(signed_in) = security::RecoveryCodes;
    /// One's name and password.
    PROFILE(signed_in) = profile::Profile;
    /// Where one confirms that it is oneself, without WASM.
    STEP_UP(signed_in) = step_up::StepUp;
    /// How the tokens work, live.
    LAB(lab) = lab::Lab;
    /// The components, in development builds.
    STYLEGUIDE(styleguide) = styleguide::Styleguide;
    /// Everybody's accounts, for administrators.
    ACCOUNTS(admin) = admin::Accounts;
    /// One account, for administrators.
    ACCOUNT(admin) = admin::Account;
}
