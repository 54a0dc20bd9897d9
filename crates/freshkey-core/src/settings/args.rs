//! The raw settings: environment variables, each of which is also a flag. A field's comment is its help (`-h` prints
//! the first paragraph), and docs/reference/settings.md is generated from it.

use clap::Args;

/// Every value is text here. [`super::Settings::parse`] checks them and names the variable of a wrong one, in one line.
#[derive(Args, Clone)] // no Debug: it contains secrets
pub struct ServeArgs {
    /// Address and port to listen on; port 0 picks a free one.
    #[arg(long = "site-addr", env = "LEPTOS_SITE_ADDR", default_value = "127.0.0.1:3000", value_name = "IP:PORT")]
    pub site_addr: String,

    /// Folder with the web files.
    ///
    /// The server also finds a folder `site` beside the program, or beside the program's folder. It does not start
    /// without the files.
    #[arg(long = "site-root", env = "LEPTOS_SITE_ROOT", default_value = "target/site", value_name = "FOLDER")]
    pub site_root: String,

    /// Public origin of the site (default: `http://localhost:<port>`).
    ///
    /// With `https:`, cookies are Secure and have `__Host-` names, and HSTS is on.
    #[arg(long, env = "FRESHKEY_ORIGIN", value_name = "ORIGIN")]
    pub origin: Option<String>,

    /// Value of the Strict-Transport-Security header on an https origin; or off.
    #[arg(long, env = "FRESHKEY_HSTS", default_value = "max-age=63072000; includeSubDomains", value_name = "VALUE")]
    pub hsts: String,

    /// Folder for the embedded database and the generated root secret.
    ///
    /// Only its owner can read it.
    #[arg(long, env = "FRESHKEY_DATA_DIR", default_value = "./data", value_name = "FOLDER")]
    pub data_dir: String,

    /// Database (default: `sqlite://<data dir>/freshkey.db`).
    ///
    /// A file for the embedded database, or `postgres://…` for several instances.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,

    /// Redis server in which instances share their rate limits (default: each counts for itself).
    ///
    /// `redis://…` or `rediss://…`. While Redis can't be reached, each instance counts for itself.
    #[arg(long, env = "REDIS_URL", hide_env_values = true, value_name = "URL")]
    pub redis_url: Option<String>,

    /// Root secret: at least 32 bytes in base64 or hex (default: generated into the data folder).
    ///
    /// Required with Postgres.
    #[arg(long, env = "FRESHKEY_SECRET", hide_env_values = true, value_name = "SECRET")]
    pub secret: Option<String>,

    /// File with the root secret.
    #[arg(long, env = "FRESHKEY_SECRET_FILE", value_name = "FILE")]
    pub secret_file: Option<String>,

    /// Previous root secret: what it signed or sealed stays valid.
    #[arg(long, env = "FRESHKEY_SECRET_PREVIOUS", hide_env_values = true, value_name = "SECRET")]
    pub secret_previous: Option<String>,

    /// File with the previous root secret.
    #[arg(long, env = "FRESHKEY_SECRET_PREVIOUS_FILE", value_name = "FILE")]
    pub secret_previous_file: Option<String>,

    /// Lifetime of an access token: 1s to 1d.
    #[arg(long, env = "FRESHKEY_ACCESS_TTL", default_value = "15m", value_name = "DURATION")]
    pub access_ttl: String,

    /// Absolute lifetime of a session.
    #[arg(long, env = "FRESHKEY_REFRESH_TTL", default_value = "30d", value_name = "DURATION")]
    pub refresh_ttl: String,

    /// Idle lifetime of a session: it ends after not being used for this long.
    #[arg(long, env = "FRESHKEY_IDLE_TTL", default_value = "14d", value_name = "DURATION")]
    pub idle_ttl: String,

    /// Grace period in which a spent refresh token still gets its successor: up to 1h; 0s for none.
    #[arg(long, env = "FRESHKEY_REFRESH_GRACE", default_value = "20s", value_name = "DURATION")]
    pub refresh_grace: String,

    /// Recover later from a refresh whose answer was lost: on or off.
    #[arg(long, env = "FRESHKEY_LOST_ANSWER_RECOVERY", default_value = "on", value_name = "ON|OFF")]
    pub lost_answer_recovery: String,

    /// Algorithm that signs access tokens: `EdDSA`, ES256 or HS256 (with HS256 the key set is empty).
    #[arg(long, env = "FRESHKEY_ALGORITHM", default_value = "EdDSA", value_name = "NAME")]
    pub algorithm: String,

    /// Issuer in access tokens (default: the origin).
    ///
    /// At most 255 characters.
    #[arg(long, env = "FRESHKEY_ISSUER", value_name = "ISSUER")]
    pub issuer: Option<String>,

    /// Audience in access tokens (default: the origin).
    ///
    /// At most 255 characters. The audience of a realm, `<origin>/<name>`, is refused.
    #[arg(long, env = "FRESHKEY_AUDIENCE", value_name = "AUDIENCE")]
    pub audience: Option<String>,

    /// Limit per IP address on credential endpoints and on every call without a valid access token; or off.
    ///
    /// IPv6 addresses count by their /64.
    #[arg(long, env = "FRESHKEY_RATE_LIMIT", default_value = "100/1m", value_name = "N/DURATION")]
    pub rate_limit: String,

    /// Limit per session on calls with a valid access token and on refreshes; or off.
    #[arg(long, env = "FRESHKEY_SESSION_RATE_LIMIT", default_value = "1200/1m", value_name = "N/DURATION")]
    pub session_rate_limit: String,

    /// Limit per account on failed sign-ins; or off.
    ///
    /// Wrong second steps are counted apart, with the same limit. A device that signed in to the account before has its
    /// own counts, until the password is changed.
    #[arg(long, env = "FRESHKEY_LOGIN_RATE_LIMIT", default_value = "10/15m", value_name = "N/DURATION")]
    pub login_rate_limit: String,

    /// Proxies whose X-Forwarded-For or Forwarded header is trusted, separated by commas (default: none).
    ///
    /// Each is a network. A network that contains every address is refused.
    #[arg(long, env = "FRESHKEY_TRUSTED_PROXIES", value_name = "CIDR,…")]
    pub trusted_proxies: Option<String>,

    /// City database for IP addresses: an `.mmdb` file (default: none).
    ///
    /// With it, lists of sessions, activity and emails say where an IP address probably is. The server keeps it in
    /// memory, and rereads it when it is replaced.
    #[arg(long, env = "FRESHKEY_PLACES_FILE", value_name = "FILE")]
    pub places_file: Option<String>,

    /// How to send email: none; dev (a mailbox in the app); `smtp://…` or `smtps://…` (default: none; in a development
    /// build on localhost, dev).
    ///
    /// `smtp://[user:password@]host[:587]` requires STARTTLS, unless the mail server is on this machine or `?tls=off`
    /// is added. `smtps://…[:465]` uses TLS from the start. User and password are percent-encoded.
    #[arg(long, env = "FRESHKEY_MAIL", hide_env_values = true, value_name = "NONE|DEV|URL")]
    pub mail: Option<String>,

    /// File with the mail server's password, in place of a password in the URL.
    #[arg(long, env = "FRESHKEY_MAIL_PASSWORD_FILE", value_name = "FILE")]
    pub mail_password_file: Option<String>,

    /// Sender of emails: `address` or `Name <address>`.
    ///
    /// Required with a mail server.
    #[arg(long, env = "FRESHKEY_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<String>,

    /// Address for replies to emails.
    #[arg(long, env = "FRESHKEY_MAIL_REPLY_TO", value_name = "ADDRESS")]
    pub mail_reply_to: Option<String>,

    /// Languages of emails, separated by commas; the first is for users who speak none of them.
    #[arg(long, env = "FRESHKEY_LANGUAGES", default_value = "en,de,fr,es", value_name = "TAG,…")]
    pub languages: String,

    /// Address and port of a second listener with `GET /metrics` (default: none).
    ///
    /// For Prometheus.
    #[arg(long, env = "FRESHKEY_METRICS_ADDR", value_name = "IP:PORT")]
    pub metrics_addr: Option<String>,

    /// Limit per email address on emails requested without a sign-in, and four times as many per IP address; or off.
    ///
    /// IPv6 addresses count by their /64.
    #[arg(long, env = "FRESHKEY_MAIL_RATE_LIMIT", default_value = "5/1h", value_name = "N/DURATION")]
    pub mail_rate_limit: String,

    /// Allow signing in with a code from an email: on or off.
    #[arg(long, env = "FRESHKEY_MAIL_SIGN_IN", default_value = "on", value_name = "ON|OFF")]
    pub mail_sign_in: String,

    /// Lifetime of emailed codes, reset links and unfinished steps: 1s to 1h.
    #[arg(long, env = "FRESHKEY_CODE_TTL", default_value = "10m", value_name = "DURATION")]
    pub code_ttl: String,

    /// Time from the request to delete an account to its deletion; 0s: at once.
    #[arg(long, env = "FRESHKEY_DELETE_AFTER", default_value = "7d", value_name = "DURATION")]
    pub delete_after: String,

    /// Lifetime of the link that completes a registration.
    #[arg(long, env = "FRESHKEY_REGISTER_TTL", default_value = "24h", value_name = "DURATION")]
    pub register_ttl: String,

    /// How long the link in an email can undo the change that the email reports: 1s to 30d.
    ///
    /// After a change of address, the old one stays taken for as long.
    #[arg(long, env = "FRESHKEY_UNDO_TTL", default_value = "72h", value_name = "DURATION")]
    pub undo_ttl: String,

    /// How recent a sign-in with the password must be for sensitive calls: 1s to 30d.
    ///
    /// After this time, sensitive calls ask for the password again.
    #[arg(long, env = "FRESHKEY_STEP_UP_TTL", default_value = "10m", value_name = "DURATION")]
    pub step_up_ttl: String,

    /// Domain of passkeys: the origin's host, or a domain above it (default: the host; none for an IP address).
    ///
    /// It can't be a domain under which anybody can have a site. Changing it makes every existing passkey useless.
    #[arg(long, env = "FRESHKEY_RP_ID", value_name = "DOMAIN")]
    pub rp_id: Option<String>,

    /// Who has to use two-step sign-in: none, admins or all.
    ///
    /// An administrator can decide otherwise for an account.
    #[arg(long, env = "FRESHKEY_REQUIRE_MFA", default_value = "none", value_name = "WHOM")]
    pub require_mfa: String,

    /// How long a trusted device is not asked for the second step: 1s to 365d; or off.
    ///
    /// With off, every sign-in asks for it.
    #[arg(long, env = "FRESHKEY_TRUST_DEVICE", default_value = "30d", value_name = "DURATION|off")]
    pub trust_device: String,

    /// Minimum length of a password, in characters: 8 to 64.
    #[arg(long, env = "FRESHKEY_PASSWORD_MIN", default_value = "8", value_name = "N")]
    pub password_min: String,
}
