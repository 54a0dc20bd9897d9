//! The settings as they come: environment variables, each also a flag. The comment is the help.

use clap::Args;

/// Everything is text here; [`super::Settings::parse`] checks it, so that what is wrong is named
/// by its variable, in one line.
#[derive(Args, Clone)] // no Debug: secrets are among them
pub struct ServeArgs {
    /// Address and port to listen on; port 0 picks a free one.
    #[arg(long = "site-addr", env = "LEPTOS_SITE_ADDR", default_value = "127.0.0.1:3000", value_name = "IP:PORT")]
    pub site_addr: String,

    /// Folder of the web files.
    #[arg(long = "site-root", env = "LEPTOS_SITE_ROOT", default_value = "target/site", value_name = "FOLDER")]
    pub site_root: String,

    /// The public origin (default: `http://localhost:<port>`). With https, cookies are Secure.
    #[arg(long, env = "FRESHKEY_ORIGIN", value_name = "ORIGIN")]
    pub origin: Option<String>,

    /// The header Strict-Transport-Security on an https origin; or off.
    #[arg(long, env = "FRESHKEY_HSTS", default_value = "max-age=63072000; includeSubDomains", value_name = "VALUE")]
    pub hsts: String,

    /// Where the embedded database and the generated root secret live.
    #[arg(long, env = "FRESHKEY_DATA_DIR", default_value = "./data", value_name = "FOLDER")]
    pub data_dir: String,

    /// The database (default: `sqlite://<data dir>/freshkey.db`).
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,

    /// Redis, where instances share their rate limits (default: each counts for itself).
    #[arg(long, env = "REDIS_URL", hide_env_values = true, value_name = "URL")]
    pub redis_url: Option<String>,

    /// The root secret: at least 32 bytes in base64 or hex (default: generated into the data folder).
    #[arg(long, env = "FRESHKEY_SECRET", hide_env_values = true, value_name = "SECRET")]
    pub secret: Option<String>,

    /// A file that holds the root secret.
    #[arg(long, env = "FRESHKEY_SECRET_FILE", value_name = "FILE")]
    pub secret_file: Option<String>,

    /// The root secret before this one: what it signed or sealed stays good.
    #[arg(long, env = "FRESHKEY_SECRET_PREVIOUS", hide_env_values = true, value_name = "SECRET")]
    pub secret_previous: Option<String>,

    /// A file that holds the root secret before this one.
    #[arg(long, env = "FRESHKEY_SECRET_PREVIOUS_FILE", value_name = "FILE")]
    pub secret_previous_file: Option<String>,

    /// An access token's lifetime.
    #[arg(long, env = "FRESHKEY_ACCESS_TTL", default_value = "15m", value_name = "DURATION")]
    pub access_ttl: String,

    /// A session's absolute lifetime.
    #[arg(long, env = "FRESHKEY_REFRESH_TTL", default_value = "30d", value_name = "DURATION")]
    pub refresh_ttl: String,

    /// A session that is not used for this long ends.
    #[arg(long, env = "FRESHKEY_IDLE_TTL", default_value = "14d", value_name = "DURATION")]
    pub idle_ttl: String,

    /// How long a spent refresh token still gets its successor; 0s tolerates nothing.
    #[arg(long, env = "FRESHKEY_REFRESH_GRACE", default_value = "20s", value_name = "DURATION")]
    pub refresh_grace: String,

    /// Whether a refresh whose answer was lost is recovered later: on or off.
    #[arg(long, env = "FRESHKEY_LOST_ANSWER_RECOVERY", default_value = "on", value_name = "ON|OFF")]
    pub lost_answer_recovery: String,

    /// The algorithm that signs access tokens: `EdDSA`, ES256 or HS256 (with HS256 the key set is empty).
    #[arg(long, env = "FRESHKEY_ALGORITHM", default_value = "EdDSA", value_name = "NAME")]
    pub algorithm: String,

    /// The issuer in access tokens (default: the origin).
    #[arg(long, env = "FRESHKEY_ISSUER", value_name = "ISSUER")]
    pub issuer: Option<String>,

    /// The audience in access tokens (default: the origin).
    #[arg(long, env = "FRESHKEY_AUDIENCE", value_name = "AUDIENCE")]
    pub audience: Option<String>,

    /// Per address: credential endpoints and every call without a good access token; or off.
    #[arg(long, env = "FRESHKEY_RATE_LIMIT", default_value = "100/1m", value_name = "N/DURATION")]
    pub rate_limit: String,

    /// Per session: calls with a good access token, and refreshes; or off.
    #[arg(long, env = "FRESHKEY_SESSION_RATE_LIMIT", default_value = "1200/1m", value_name = "N/DURATION")]
    pub session_rate_limit: String,

    /// Failed logins per account; a device that signed in to it before has its own count; or off.
    #[arg(long, env = "FRESHKEY_LOGIN_RATE_LIMIT", default_value = "10/15m", value_name = "N/DURATION")]
    pub login_rate_limit: String,

    /// Proxies whose X-Forwarded-For or Forwarded is believed, separated by commas (default: none).
    #[arg(long, env = "FRESHKEY_TRUSTED_PROXIES", value_name = "CIDR,…")]
    pub trusted_proxies: Option<String>,

    /// How email is sent: none; dev (a mailbox in the app); `smtp://…` or `smtps://…` (default: none; in a development
    /// build on localhost, dev).
    #[arg(long, env = "FRESHKEY_MAIL", hide_env_values = true, value_name = "NONE|DEV|URL")]
    pub mail: Option<String>,

    /// A file that holds the mail server's password, instead of the URL.
    #[arg(long, env = "FRESHKEY_MAIL_PASSWORD_FILE", value_name = "FILE")]
    pub mail_password_file: Option<String>,

    /// The sender of emails: `address` or `Name <address>`.
    #[arg(long, env = "FRESHKEY_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<String>,

    /// Where answers to emails go.
    #[arg(long, env = "FRESHKEY_MAIL_REPLY_TO", value_name = "ADDRESS")]
    pub mail_reply_to: Option<String>,

    /// The languages of emails, separated by commas; the first is for whoever speaks none of them.
    #[arg(long, env = "FRESHKEY_LANGUAGES", default_value = "en,de,fr,es", value_name = "TAG,…")]
    pub languages: String,

    /// Whether the live parts of the page `/lab` are there: on or off (default: on for an http origin).
    #[arg(long, env = "FRESHKEY_LAB", value_name = "ON|OFF")]
    pub lab: Option<String>,

    /// Address and port of a second listener with `GET /metrics` (default: none).
    #[arg(long, env = "FRESHKEY_METRICS_ADDR", value_name = "IP:PORT")]
    pub metrics_addr: Option<String>,

    /// Emails that people who are not signed in ask for, per address; per IP four times as many. Or off.
    #[arg(long, env = "FRESHKEY_MAIL_RATE_LIMIT", default_value = "5/1h", value_name = "N/DURATION")]
    pub mail_rate_limit: String,

    /// Whether a code from an email signs people in: on or off.
    #[arg(long, env = "FRESHKEY_MAIL_SIGN_IN", default_value = "on", value_name = "ON|OFF")]
    pub mail_sign_in: String,

    /// How long a code from an email is good, and every step that waits for one.
    #[arg(long, env = "FRESHKEY_CODE_TTL", default_value = "10m", value_name = "DURATION")]
    pub code_ttl: String,

    /// From the wish to delete an account to its removal; 0s: at once.
    #[arg(long, env = "FRESHKEY_DELETE_AFTER", default_value = "7d", value_name = "DURATION")]
    pub delete_after: String,

    /// How long a registration waits to be finished.
    #[arg(long, env = "FRESHKEY_REGISTER_TTL", default_value = "24h", value_name = "DURATION")]
    pub register_ttl: String,

    /// How long the link of an email can undo what it tells of.
    #[arg(long, env = "FRESHKEY_UNDO_TTL", default_value = "72h", value_name = "DURATION")]
    pub undo_ttl: String,

    /// How recent a sign-in must be for sensitive calls.
    #[arg(long, env = "FRESHKEY_STEP_UP_TTL", default_value = "10m", value_name = "DURATION")]
    pub step_up_ttl: String,

    /// The domain that passkeys are for: the origin's host, or a domain above it (default: the host; none for an address).
    #[arg(long, env = "FRESHKEY_RP_ID", value_name = "DOMAIN")]
    pub rp_id: Option<String>,

    /// Whom two-step sign-in is required of: none, admins or all.
    #[arg(long, env = "FRESHKEY_REQUIRE_MFA", default_value = "none", value_name = "WHOM")]
    pub require_mfa: String,

    /// How long a trusted device is not asked for the second step; or off.
    #[arg(long, env = "FRESHKEY_TRUST_DEVICE", default_value = "30d", value_name = "DURATION|off")]
    pub trust_device: String,

    /// The shortest password, in characters: 8 to 64.
    #[arg(long, env = "FRESHKEY_PASSWORD_MIN", default_value = "8", value_name = "N")]
    pub password_min: String,
}
