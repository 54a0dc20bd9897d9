//! Pages whose code a browser fetches when they are opened: where the build is split (feature `split`,
//! `make build`). Elsewhere they are in the one file. The sign-in form is not among them: it is what everybody
//! opens.
//!
//! A line is `Page(part) = view;`. Pages of one part share a file.

use crate::pages::{dashboard, home};
use freshkey::app::pages::{admin, lab, profile, register, security, sessions, step_up, steps, styleguide};

freshkey::lazy_pages! {
    /// The front page.
    Home(home) = home::Home;
    /// The registration page.
    Register(register) = register::Register;
    /// Where the code of a registration is typed.
    RegisterConfirm(register) = steps::RegisterConfirm;
    /// Where the link of a registration leads.
    RegisterFinish(register) = steps::RegisterFinish;
    /// Where a forgotten password is said.
    Forgot(recovery) = steps::Forgot;
    /// Where a new password is chosen.
    Reset(recovery) = steps::Reset;
    /// Where an account is kept that was going to be deleted.
    LoginKeep(recovery) = steps::LoginKeep;
    /// Signing in by a code from an email.
    LoginCode(recovery) = steps::LoginCode;
    /// The dashboard.
    Dashboard(signed_in) = dashboard::Dashboard;
    /// The list of one's sessions.
    Sessions(signed_in) = sessions::Sessions;
    /// What happened to one's account.
    Security(signed_in) = security::Security;
    /// One's name and password.
    Profile(signed_in) = profile::Profile;
    /// Where one confirms that it is oneself, without WASM.
    StepUp(signed_in) = step_up::StepUp;
    /// How the tokens work, live.
    Lab(lab) = lab::Lab;
    /// The components, in development builds.
    Styleguide(styleguide) = styleguide::Styleguide;
    /// Everybody's accounts, for administrators.
    Accounts(admin) = admin::Accounts;
    /// One account, for administrators.
    Account(admin) = admin::Account;
}
