//! The settings as they come: environment variables, each also a flag. The comment is the help, of which `-h` says the
//! first paragraph, and docs/reference/settings.md is made of it.

use clap::Args;

/// Everything is text here; [`super::Settings::parse`] checks it, so that what is wrong is named
/// by its variable, in one line.
#[derive(Args, Clone)] // no Debug: secrets are among them
pub struct ServeArgs {
    /// Address and port to listen on; port 0 picks a free one.
    #[arg(long = "site-addr", env = "LEPTOS_SITE_ADDR", default_value = "127.0.0.1:3000", value_name = "IP:PORT")]
    pub site_addr: String,

    /// Folder of the web files.
    ///
    /// A folder `site` beside the program, or beside the folder that it is in, is found too. Without the files the server
    /// does not start.
    #[arg(long = "site-root", env = "LEPTOS_SITE_ROOT", default_value = "target/site", value_name = "FOLDER")]
    pub site_root: String,

    /// The public origin (default: `http://localhost:<port>`).
    ///
    /// `https:` turns on Secure cookies, `__Host-` names and HSTS.
    #[arg(long, env = "FRESHKEY_ORIGIN", value_name = "ORIGIN")]
    pub origin: Option<String>,

    /// The header Strict-Transport-Security on an https origin; or off.
    #[arg(long, env = "FRESHKEY_HSTS", default_value = "max-age=63072000; includeSubDomains", value_name = "VALUE")]
    pub hsts: String,

    /// Where the embedded database and the generated root secret live.
    ///
    /// Only their owner can read them.
    #[arg(long, env = "FRESHKEY_DATA_DIR", default_value = "./data", value_name = "FOLDER")]
    pub data_dir: String,

    /// The database (default: `sqlite://<data dir>/freshkey.db`).
    ///
    /// The file of the embedded database, or `postgres://…` for several instances.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,

    /// Redis, where instances share their rate limits (default: each counts for itself).
    ///
    /// `redis://…` or `rediss://…`. While it can't be reached, each instance counts for itself.
    #[arg(long, env = "REDIS_URL", hide_env_values = true, value_name = "URL")]
    pub redis_url: Option<String>,

    /// The root secret: at least 32 bytes in base64 or hex (default: generated into the data folder).
    ///
    /// Required with Postgres.
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

    /// An access token's lifetime: 1s to 1d.
    #[arg(long, env = "FRESHKEY_ACCESS_TTL", default_value = "15m", value_name = "DURATION")]
    pub access_ttl: String,

    /// A session's absolute lifetime.
    #[arg(long, env = "FRESHKEY_REFRESH_TTL", default_value = "30d", value_name = "DURATION")]
    pub refresh_ttl: String,

    /// A session that is not used for this long ends.
    #[arg(long, env = "FRESHKEY_IDLE_TTL", default_value = "14d", value_name = "DURATION")]
    pub idle_ttl: String,

    /// How long a spent refresh token still gets its successor: up to 1h; 0s tolerates nothing.
    #[arg(long, env = "FRESHKEY_REFRESH_GRACE", default_value = "20s", value_name = "DURATION")]
    pub refresh_grace: String,

    /// Whether a refresh whose answer was lost is recovered later: on or off.
    #[arg(long, env = "FRESHKEY_LOST_ANSWER_RECOVERY", default_value = "on", value_name = "ON|OFF")]
    pub lost_answer_recovery: String,

    /// The algorithm that signs access tokens: `EdDSA`, ES256 or HS256 (with HS256 the key set is empty).
    #[arg(long, env = "FRESHKEY_ALGORITHM", default_value = "EdDSA", value_name = "NAME")]
    pub algorithm: String,

    /// The issuer in access tokens (default: the origin).
    ///
    /// At most 255 characters.
    #[arg(long, env = "FRESHKEY_ISSUER", value_name = "ISSUER")]
    pub issuer: Option<String>,

    /// The audience in access tokens (default: the origin).
    ///
    /// At most 255 characters. The lab's audience, `<origin>/lab`, is refused.
    #[arg(long, env = "FRESHKEY_AUDIENCE", value_name = "AUDIENCE")]
    pub audience: Option<String>,

    /// Per address: credential endpoints and every call without a good access token; or off.
    ///
    /// For IPv6 it counts per /64.
    #[arg(long, env = "FRESHKEY_RATE_LIMIT", default_value = "100/1m", value_name = "N/DURATION")]
    pub rate_limit: String,

    /// Per session: calls with a good access token, and refreshes; or off.
    #[arg(long, env = "FRESHKEY_SESSION_RATE_LIMIT", default_value = "1200/1m", value_name = "N/DURATION")]
    pub session_rate_limit: String,

    /// Failed logins per account; a device that signed in to it before has its own count; or off.
    ///
    /// A device loses its own count when the password is changed.
    #[arg(long, env = "FRESHKEY_LOGIN_RATE_LIMIT", default_value = "10/15m", value_name = "N/DURATION")]
    pub login_rate_limit: String,

    /// Proxies whose X-Forwarded-For or Forwarded is believed, separated by commas (default: none).
    ///
    /// Networks; one that everybody is in is refused.
    #[arg(long, env = "FRESHKEY_TRUSTED_PROXIES", value_name = "CIDR,…")]
    pub trusted_proxies: Option<String>,

    /// How email is sent: none; dev (a mailbox in the app); `smtp://…` or `smtps://…` (default: none; in a development
    /// build on localhost, dev).
    ///
    /// `smtp://[user:password@]host[:587]` uses STARTTLS, or nothing is sent; a mail server on this machine may do without,
    /// others with `?tls=off`. `smtps://…[:465]` is TLS from the start. User and password are percent-encoded.
    #[arg(long, env = "FRESHKEY_MAIL", hide_env_values = true, value_name = "NONE|DEV|URL")]
    pub mail: Option<String>,

    /// A file that holds the mail server's password, instead of the URL.
    #[arg(long, env = "FRESHKEY_MAIL_PASSWORD_FILE", value_name = "FILE")]
    pub mail_password_file: Option<String>,

    /// The sender of emails: `address` or `Name <address>`.
    ///
    /// A mail server requires it.
    #[arg(long, env = "FRESHKEY_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<String>,

    /// Where answers to emails go.
    #[arg(long, env = "FRESHKEY_MAIL_REPLY_TO", value_name = "ADDRESS")]
    pub mail_reply_to: Option<String>,

    /// The languages of emails, separated by commas; the first is for whoever speaks none of them.
    #[arg(long, env = "FRESHKEY_LANGUAGES", default_value = "en,de,fr,es", value_name = "TAG,…")]
    pub languages: String,

    /// Whether the live parts of the page `/lab` are there: on or off (default: on for an http origin).
    ///
    /// With several instances, each visitor must stay with one.
    #[arg(long, env = "FRESHKEY_LAB", value_name = "ON|OFF")]
    pub lab: Option<String>,

    /// Address and port of a second listener with `GET /metrics` (default: none).
    ///
    /// For Prometheus.
    #[arg(long, env = "FRESHKEY_METRICS_ADDR", value_name = "IP:PORT")]
    pub metrics_addr: Option<String>,

    /// Emails that people who are not signed in ask for, per address; per IP four times as many. Or off.
    ///
    /// For IPv6, an IP is a /64.
    #[arg(long, env = "FRESHKEY_MAIL_RATE_LIMIT", default_value = "5/1h", value_name = "N/DURATION")]
    pub mail_rate_limit: String,

    /// Whether a code from an email signs people in: on or off.
    #[arg(long, env = "FRESHKEY_MAIL_SIGN_IN", default_value = "on", value_name = "ON|OFF")]
    pub mail_sign_in: String,

    /// How long codes from emails, reset links and steps that wait are good: 1s to 1h.
    #[arg(long, env = "FRESHKEY_CODE_TTL", default_value = "10m", value_name = "DURATION")]
    pub code_ttl: String,

    /// From the wish to delete an account to its removal; 0s: at once.
    #[arg(long, env = "FRESHKEY_DELETE_AFTER", default_value = "7d", value_name = "DURATION")]
    pub delete_after: String,

    /// How long the link that finishes a registration is good.
    #[arg(long, env = "FRESHKEY_REGISTER_TTL", default_value = "24h", value_name = "DURATION")]
    pub register_ttl: String,

    /// How long the link of an email can undo what it tells of: 1s to 30d.
    ///
    /// An address that was given up stays taken for as long.
    #[arg(long, env = "FRESHKEY_UNDO_TTL", default_value = "72h", value_name = "DURATION")]
    pub undo_ttl: String,

    /// How recent a sign-in with the password must be for sensitive calls: 1s to 30d.
    ///
    /// After it they ask for the password again.
    #[arg(long, env = "FRESHKEY_STEP_UP_TTL", default_value = "10m", value_name = "DURATION")]
    pub step_up_ttl: String,

    /// The domain that passkeys are for: the origin's host, or a domain above it (default: the host; none for an address).
    ///
    /// It can't be a domain under which anybody can have a site. Another one makes every passkey useless.
    #[arg(long, env = "FRESHKEY_RP_ID", value_name = "DOMAIN")]
    pub rp_id: Option<String>,

    /// Whom two-step sign-in is required of: none, admins or all.
    ///
    /// An administrator can say otherwise for an account.
    #[arg(long, env = "FRESHKEY_REQUIRE_MFA", default_value = "none", value_name = "WHOM")]
    pub require_mfa: String,

    /// How long a trusted device is not asked for the second step: 1s to 365d; or off.
    ///
    /// With off, every sign-in asks.
    #[arg(long, env = "FRESHKEY_TRUST_DEVICE", default_value = "30d", value_name = "DURATION|off")]
    pub trust_device: String,

    /// The shortest password, in characters: 8 to 64.
    #[arg(long, env = "FRESHKEY_PASSWORD_MIN", default_value = "8", value_name = "N")]
    pub password_min: String,
}
