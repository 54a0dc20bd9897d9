//! Emails: what the core needs to know about the app, and what an app needs to send its own.

pub use super::auth::mail::{Block, Content, OwnContent, Texts};
pub use super::store::outbox::{Facts, NewEmail, OutboxEmail, insert};
pub use freshkey_core::rules::{email_kind::EmailKind, language::Language};

use super::{
    auth::{
        colour::Palette,
        mail::{Composer, DevMailbox, Mail, MailParts, MailTasks, Prepare, smtp::Client},
        places::Places,
    },
    clock::Clock,
    freshkey::Freshkey,
    settings::{MailWay, Settings},
    start_error::StartError,
    store::Store,
};
use url::Url;

impl Freshkey {
    /// Adds an email of the app's own under this name; `content` returns its content.
    /// [`send_email`](super::request::send_email) sends it like the library's: again and again until it arrives.
    ///
    /// # Panics
    /// The name belongs to an email of the library.
    #[must_use]
    pub fn email(mut self, name: &'static str, content: OwnContent) -> Self {
        assert!(EmailKind::parse(name).is_none(), "{name:?} is an email of the library's");
        self.emails.contents.insert(name, content);
        self
    }

    /// Replaces the texts of the library's emails in this language.
    #[must_use]
    pub fn email_texts(mut self, language: Language, texts: Texts) -> Self {
        self.emails.texts.insert(language, texts);
        self
    }
}

/// Returns the composer of this app's emails.
pub(super) fn composer(app: &Freshkey, settings: &Settings, places: Places) -> Composer {
    let (brand, own) = (app.brand(), &app.emails);
    Composer {
        name: brand.name,
        palette: Palette::of(brand.accent.hue, brand.accent.vivid),
        origin: settings.http.origin.clone(),
        from: settings.mail.from.clone(),
        reply_to: settings.mail.reply_to.clone(),
        code_life: settings.account.lifetimes.code,
        places,
        texts: own.texts.clone(),
        own: own.contents.clone(),
    }
}

/// Returns the client for the mail server, if there is one.
pub(super) fn client(settings: &Settings) -> Result<Option<Client>, StartError> {
    let MailWay::Smtp(server) = &settings.mail.way else { return Ok(None) };
    let host = Url::parse(&settings.http.origin).ok().and_then(|url| url.host_str().map(str::to_owned));
    let host = host.unwrap_or_else(|| "localhost".to_owned());
    Client::new(server.clone(), &host, settings.mail.times).map(Some).map_err(StartError::Mail)
}

/// The running mail service, and the mailbox where a developer reads the emails.
pub(super) struct Started {
    pub(super) mail: Mail,
    pub(super) tasks: Option<MailTasks>,
    pub(super) mailbox: Option<DevMailbox>,
}

/// Starts sending emails.
pub(super) fn start(
    app: &Freshkey,
    settings: &Settings,
    store: &Store,
    clock: &Clock,
    prepare: Prepare,
    places: &Places,
) -> Result<Started, StartError> {
    if !settings.mail.is_on() {
        return Ok(Started { mail: Mail::none(), tasks: None, mailbox: None });
    }
    let client = client(settings)?;
    let mailbox = client.is_none().then(|| DevMailbox::open(&settings.data.folder));
    let parts = MailParts {
        store: store.clone(),
        clock: clock.clone(),
        composer: composer(app, settings, places.clone()),
        prepare,
        client,
        mailbox: mailbox.clone().unwrap_or_default(),
        times: settings.mail.times,
    };
    let (mail, tasks) = Mail::start(parts);
    Ok(Started { mail, tasks: Some(tasks), mailbox })
}
