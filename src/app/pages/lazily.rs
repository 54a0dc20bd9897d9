//! Pages whose code a browser fetches when they are opened, each with what only it needs: where the
//! build is split (feature `split`, `make build`). Elsewhere they are in the one file.
//!
//! The front page and the sign-in form are not among them: they are what everybody opens.

use super::{admin, dashboard, lab, profile, register, security, sessions};
use crate::app::seam;
use leptos::prelude::*;
use leptos_router::LazyRoute;

macro_rules! lazily {
    ($($(#[$doc:meta])* $page:ident($part:ident) = $view:path;)*) => {$(
        $(#[$doc])*
        pub struct $page;

        impl LazyRoute for $page {
            fn data() -> Self {
                seam::preload_page(stringify!($part));
                Self
            }

            async fn view(_: Self) -> AnyView {
                seam::fetched!($page, $part, $view)
            }
        }
    )*};
}

lazily! {
    /// The registration page.
    Register(register) = register::Register;
    /// The dashboard.
    Dashboard(signed_in) = dashboard::Dashboard;
    /// The list of one's sessions.
    Sessions(signed_in) = sessions::Sessions;
    /// What happened to one's account.
    Security(signed_in) = security::Security;
    /// One's name and password.
    Profile(signed_in) = profile::Profile;
    /// How the tokens work, live.
    Lab(lab) = lab::Lab;
    /// Everybody's accounts, for administrators.
    Accounts(admin) = admin::Accounts;
    /// One account, for administrators.
    Account(admin) = admin::Account;
}
