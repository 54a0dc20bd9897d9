//! `freshkey users`: accounts, by their address.

mod life;

use super::{
    Failure, address, find, json,
    table::{table, time},
};
use crate::{
    app::types::Role,
    server::{
        auth::{hasher::Hasher, name, password},
        clock::Clock,
        settings::{ServeArgs, Settings},
        store::{
            Store,
            account_changes::{Changed, NewPassword, PasswordChange},
            users::{NewUser, UserRow},
        },
    },
};
use clap::Subcommand;
use serde_json::json;
use std::{
    borrow::Cow,
    io::{IsTerminal, Read, stdin},
};
use uuid::Uuid;
use zeroize::Zeroizing;

/// The argument for having no role.
const NO_ROLE: &str = "none";
/// The most bytes read of a password; the longest password has fewer.
const MOST_BYTES: u64 = 64 * 1024;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Users,
    /// Print JSON, for scripts.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) settings: ServeArgs,
}

#[derive(Subcommand)]
pub(super) enum Users {
    /// Create an account. The first line of standard input is its password.
    Create {
        /// The account's address.
        email: String,
        /// The user's name.
        #[arg(long)]
        name: Option<String>,
        /// Generate a password and print it once.
        #[arg(long)]
        generate: bool,
        /// Make the account an administrator.
        #[arg(long)]
        admin: bool,
        /// Mark the address as proven.
        #[arg(long)]
        proven: bool,
    },
    /// List the accounts, oldest first.
    List,
    /// Disable an account and end its sessions.
    Disable {
        /// The account's address.
        email: String,
    },
    /// Enable an account again.
    Enable {
        /// The account's address.
        email: String,
    },
    /// Give a user a role, or remove it with `none`. It takes effect with the next call.
    SetRole {
        /// The account's address.
        email: String,
        /// `admin`, which manages other users' accounts at /app/admin; a role of the app's own; or `none`.
        role: String,
    },
    /// Send the user an email to choose a new password.
    StartReset {
        /// The account's address.
        email: String,
    },
    /// Remove the apps, passkeys and recovery codes of a user who has lost them, and end their sessions.
    RemoveFactors {
        /// The account's address.
        email: String,
    },
    /// Mark an account's address as proven.
    ProveEmail {
        /// The account's address.
        email: String,
    },
    /// Delete an account: its sessions end at once, everything else is deleted after `FRESHKEY_DELETE_AFTER`.
    Delete {
        /// The account's address.
        email: String,
    },
    /// Keep an account that is scheduled for deletion.
    Keep {
        /// The account's address.
        email: String,
    },
    /// Set a new password from the first line of standard input, and end the account's sessions.
    SetPassword {
        /// The account's address.
        email: String,
        /// Generate a password and print it once.
        #[arg(long)]
        generate: bool,
    },
}

/// Parses the name of an existing role, or `none`, when the command line is read.
pub(super) fn role(roles: &[Role]) -> impl Fn(&str) -> Result<String, String> + Clone + Send + Sync + use<> {
    let names: Vec<_> =
        [&Role::ADMIN].into_iter().chain(roles).map(Role::to_string).chain([NO_ROLE.to_owned()]).collect();
    move |name| {
        names.iter().find(|known| *known == name).cloned().ok_or_else(|| format!("there are {}", names.join(", ")))
    }
}

/// The outcome of a command.
struct Done {
    id: String,
    email: String,
    what: Cow<'static, str>,
    /// A generated password.
    generated: Option<Zeroizing<String>>,
    ended: usize,
}

impl Users {
    pub(super) async fn run(self, store: &Store, settings: &Settings, as_json: bool) -> Result<String, Failure> {
        let done = match self {
            Self::List => return list(store, as_json).await,
            Self::Create { email, name, generate, admin, proven } => {
                let new = New { name: name.as_deref(), role: admin.then_some(Role::ADMIN), generate, proven };
                create(store, settings, &email, new).await?
            }
            Self::StartReset { email } => life::start_reset(store, settings, &email).await?,
            Self::RemoveFactors { email } => life::remove_factors(store, settings, &email).await?,
            Self::ProveEmail { email } => life::prove_email(store, &email).await?,
            Self::Delete { email } => life::delete(store, settings, &email).await?,
            Self::Keep { email } => life::keep(store, &email).await?,
            Self::SetRole { email, role } => set_role(store, &email, role).await?,
            Self::SetPassword { email, generate } => set_password(store, settings, &email, generate).await?,
            Self::Disable { email } => disable(store, &email).await?,
            Self::Enable { email } => enable(store, &email).await?,
        };
        done.text(as_json)
    }
}

impl Done {
    fn to(user: UserRow, what: impl Into<Cow<'static, str>>) -> Self {
        Self { id: user.id, email: user.email, what: what.into(), generated: None, ended: 0 }
    }

    fn text(self, as_json: bool) -> Result<String, Failure> {
        let Self { id, email, what, generated, ended } = self;
        let password = generated.as_ref().map(|password| password.as_str());
        if as_json {
            return json(&json!({"id": id, "email": email, "done": what, "ended": ended, "password": password}));
        }
        let said = password.map(|password| format!("Its password is {password}\n")).unwrap_or_default();
        let sessions = match ended {
            0 => String::new(),
            1 => ", 1 session ended".to_owned(),
            many => format!(", {many} sessions ended"),
        };
        Ok(format!("{email} ({id}) {what}{sessions}\n{said}"))
    }
}

async fn list(store: &Store, as_json: bool) -> Result<String, Failure> {
    let accounts = store.accounts().await?;
    if as_json {
        return json(&accounts);
    }
    let rows = accounts.into_iter().map(|account| {
        let disabled = account.disabled_at.map(time).unwrap_or_default();
        let (name, role) = (account.name.unwrap_or_default(), account.role.unwrap_or_default());
        [account.id, account.email, name, role, time(account.created_at), disabled]
    });
    Ok(table(["ID", "EMAIL", "NAME", "ROLE", "CREATED", "DISABLED"], rows))
}

/// The properties of an account to create.
struct New<'a> {
    name: Option<&'a str>,
    role: Option<Role>,
    generate: bool,
    proven: bool,
}

async fn create(store: &Store, settings: &Settings, email: &str, new: New<'_>) -> Result<Done, Failure> {
    let New { name, role, generate, proven } = new;
    let (email, now) = (address(email)?, Clock::system().now());
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    if let Some(sentence) = name.and_then(name::flaw) {
        return Err(Failure::Refused(format!("--name: {sentence}")));
    }
    let new = NewHash::take(settings, email.as_typed(), name, generate).await?;
    let id = Uuid::now_v7().to_string();
    let user = NewUser {
        id: id.clone(),
        email: email.as_typed().to_owned(),
        email_key: email.key().to_owned(),
        name: name.map(str::to_owned),
        password_hash: new.hash,
        role,
        created_at: now,
        email_verified_at: proven.then_some(now),
        ..NewUser::default()
    };
    if !store.insert_user(user).await? {
        return Err(Failure::Refused(format!("an account has the address {} already", email.as_typed())));
    }
    Ok(Done { email: email.as_typed().to_owned(), id, what: "created".into(), generated: new.generated, ended: 0 })
}

async fn set_role(store: &Store, email: &str, name: String) -> Result<Done, Failure> {
    let user = find(store, email).await?;
    let role = (name != NO_ROLE).then(|| Role::from(name));
    let what = role.as_ref().map_or("has no role".into(), |role| format!("has the role {role}"));
    changed(store.set_role(&user.id, role).await?, user, what)
}

async fn disable(store: &Store, email: &str) -> Result<Done, Failure> {
    let user = find(store, email).await?;
    changed(store.disable_account(&user.id, None, Clock::system().now()).await?, user, "disabled")
}

async fn enable(store: &Store, email: &str) -> Result<Done, Failure> {
    let user = find(store, email).await?;
    changed(store.enable_account(&user.id, None, Clock::system().now()).await?, user, "enabled")
}

async fn set_password(store: &Store, settings: &Settings, email: &str, generate: bool) -> Result<Done, Failure> {
    let user = find(store, email).await?;
    let NewHash { hash, generated } = NewHash::take(settings, &user.email, user.name.as_deref(), generate).await?;
    let (by, now) = (PasswordChange::Operator, Clock::system().now());
    let new = NewPassword { user: user.id.clone(), hash, by, notice: None, now };
    let ended = store.change_password(new).await?.map_or(0, |ended| ended.len());
    Ok(Done { generated, ended, ..Done::to(user, "has another password") })
}

/// Converts the outcome of a change.
fn changed(changed: Changed, user: UserRow, what: impl Into<Cow<'static, str>>) -> Result<Done, Failure> {
    match changed {
        Changed::Done(ended) => Ok(Done { ended: ended.len(), ..Done::to(user, what) }),
        Changed::Unchanged => Ok(Done::to(user, what)),
        Changed::LastAdmin | Changed::NotAdmin => Err(Failure::Refused(format!(
            "{} is the last administrator who can sign in; give somebody else the role first",
            user.email
        ))),
    }
}

struct NewHash {
    hash: String,
    generated: Option<Zeroizing<String>>,
}

impl NewHash {
    /// Reads or generates a password that follows the rules of a registration.
    async fn take(settings: &Settings, email: &str, name: Option<&str>, generate: bool) -> Result<Self, Failure> {
        let password = if generate { made_up()? } else { first_line()? };
        settings
            .check_password(&password, Some(email), name)
            .map_err(|sentence| Failure::Refused(format!("the password: {sentence}")))?;
        let hash = Hasher::start(1)?.hash(&password).await?;
        Ok(Self { hash, generated: generate.then_some(password) })
    }
}

fn made_up() -> Result<Zeroizing<String>, Failure> {
    password::made_up().ok_or_else(|| Failure::Refused("there is no randomness".to_owned()))
}

/// Reads the password from standard input. Not from an argument, which every user of the machine can see; and not from
/// a terminal, which would show it.
fn first_line() -> Result<Zeroizing<String>, Failure> {
    let refused = |why: &str| Failure::Refused(format!("the password is read from standard input, {why}"));
    if stdin().is_terminal() {
        return Err(refused("which is a terminal; use a pipe or a file, or --generate"));
    }
    let mut text = Zeroizing::new(String::new());
    stdin().lock().take(MOST_BYTES).read_to_string(&mut text).map_err(|_| refused("which is no UTF-8"))?;
    Ok(text.lines().next().unwrap_or_default().to_owned().into())
}
