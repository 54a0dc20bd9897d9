//! The demo account: in a development build the developer can sign in at once. A release build has none (OWASP ASVS
//! 6.3.2), nor does a server that can be reached from other machines.

use super::state::AppState;

/// An account to try.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// Its address.
    pub email: &'static str,
    /// Its password.
    pub password: &'static str,
}

const DEMO: Account = Account { email: "demo@example.com", password: "try-freshkey" };

/// Creates the demo account, once.
pub async fn seed(state: &AppState) -> Option<Account> {
    if !cfg!(debug_assertions) || state.settings.http.is_https() {
        return None;
    }
    let email = super::auth::email::Email::parse(DEMO.email).ok()?;
    super::account::create_user(state, &email, DEMO.password, Some("Demo"), None).await.ok()?;
    Some(DEMO)
}
