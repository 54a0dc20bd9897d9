//! Pages whose code a browser fetches when they are opened, each with what only it needs: where the
//! build is split (feature `split`, `make build`). Elsewhere they are in the one file.
//!
//! The front page and the sign-in form are not among them: they are what everybody opens.

use super::{admin, dashboard, lab, profile, register, security, sessions};
use crate::app::seam;
use leptos::prelude::*;
use leptos_router::LazyRoute;
#[cfg(feature = "split")]
use leptos_router::lazy_route;

macro_rules! lazily {
    ($($(#[$doc:meta])* $page:ident = $view:path;)*) => {$(
        $(#[$doc])*
        pub struct $page;

        #[cfg(feature = "split")]
        #[lazy_route]
        impl LazyRoute for $page {
            fn data() -> Self {
                seam::preload_page(stringify!($page));
                Self
            }

            fn view(_this: Self) -> AnyView {
                $view().into_any()
            }
        }

        #[cfg(not(feature = "split"))]
        impl LazyRoute for $page {
            fn data() -> Self {
                seam::preload_page(stringify!($page));
                Self
            }

            async fn view(_this: Self) -> AnyView {
                $view().into_any()
            }
        }
    )*};
}

lazily! {
    /// See [`register`].
    Register = register::Register;
    /// See [`dashboard`].
    Dashboard = dashboard::Dashboard;
    /// See [`sessions`].
    Sessions = sessions::Sessions;
    /// See [`security`].
    Security = security::Security;
    /// See [`profile`].
    Profile = profile::Profile;
    /// See [`lab`].
    Lab = lab::Lab;
    /// See [`admin`].
    Accounts = admin::Accounts;
    /// See [`admin`].
    Account = admin::Account;
}
