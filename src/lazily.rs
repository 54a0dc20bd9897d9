//! Pages whose code the browser fetches only when they are opened, if the build is split (feature `split`, `make
//! build`). Otherwise their code is in the one WASM file. The sign-in form is not in this list, because everybody
//! opens it.
//!
//! Each line is `PAGE = view;`. The route uses it as `view=PAGE`. Pages of the same part share a file.

use crate::pages::{dashboard, home};
use freshkey::app::pages::{admin, profile, register, security, sessions, step_up, steps, styleguide};

freshkey::lazy_pages! {
    home {
        /// The front page.
        HOME = home::Home;
    }
    register {
        /// The registration page.
        REGISTER = register::Register;
        /// The page for the code of a registration.
        REGISTER_CONFIRM = steps::RegisterConfirm;
        /// The page that a registration's link opens.
        REGISTER_FINISH = steps::RegisterFinish;
    }
    recovery {
        /// The page to report a forgotten password.
        FORGOT = steps::Forgot;
        /// The page to choose a new password.
        RESET = steps::Reset;
        /// The page that the link in a security email opens: "was it you?"
        SECURE = steps::Secure;
        /// The page to keep an account that is scheduled for deletion.
        LOGIN_KEEP = steps::LoginKeep;
        /// Signing in with an emailed code.
        LOGIN_CODE = steps::LoginCode;
        /// The second step of a sign-in.
        LOGIN_SECOND_FACTOR = steps::LoginSecondFactor;
        /// Setting up a second step during a sign-in.
        LOGIN_ENROL = steps::LoginEnrol;
    }
    signed_in {
        /// The dashboard.
        DASHBOARD = dashboard::Dashboard;
        /// The list of the user's sessions.
        SESSIONS = sessions::Sessions;
        /// The account's protection, and its recent activity.
        SECURITY = security::Security;
        /// The page to add an authenticator app.
        SECURITY_TOTP = security::AddApp;
        /// The page that shows recovery codes.
        SECURITY_RECOVERY_CODES = security::RecoveryCodes;
        /// The user's name and password.
        PROFILE = profile::Profile;
        /// The page to confirm a sensitive action without WASM.
        STEP_UP = step_up::StepUp;
        /// The components, in development builds. In a release there is nothing of it to fetch.
        STYLEGUIDE = styleguide::Styleguide;
    }
    lab {
        /// How the tokens work, live.
        LAB = freshkey_lab::Lab;
    }
    admin {
        /// The list of all accounts, for administrators.
        ACCOUNTS = admin::Accounts;
        /// One account, for administrators.
        ACCOUNT = admin::Account;
    }
}
