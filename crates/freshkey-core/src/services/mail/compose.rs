//! The content of each email.

use super::{
    EmailSecrets,
    content::{Block, Content},
    html,
    message::{self, ComposeError, Composed},
    plain,
    texts::{Texts, fill},
};
use crate::{
    rules::{
        colour::Palette,
        email_kind::{ByAdmin, EmailKind},
        factor::FactorKind,
        language::Language,
        secret_text::Secret,
    },
    services::places::Places,
    settings::Mailbox,
    store::outbox::OutboxEmail,
};
use freshkey_types::{Millis, paths};
use std::collections::HashMap;

/// Returns the content of one of the app's own emails.
pub type OwnContent = fn(&OutboxEmail) -> Content;

/// Composes emails from rows of the outbox.
#[derive(Clone, Debug)]
pub struct Composer {
    /// The app's name.
    pub name: &'static str,
    /// The app's colours.
    pub palette: Palette,
    /// The public origin for links.
    pub origin: String,
    /// The sender.
    pub from: Mailbox,
    /// Where replies go, if not to the sender.
    pub reply_to: Option<String>,
    /// How long a code works. The texts state it in minutes.
    pub code_life: Millis,
    /// Where IP addresses are.
    pub places: Places,
    /// The app's texts, which replace the library's.
    pub texts: HashMap<Language, Texts>,
    /// The app's own emails, by name.
    pub own: HashMap<&'static str, OwnContent>,
}

impl Composer {
    /// Composes an email.
    ///
    /// # Errors
    /// See [`ComposeError`].
    pub fn compose(&self, email: &OutboxEmail, secrets: &EmailSecrets) -> Result<Composed, ComposeError> {
        let content = self.content(email, secrets)?;
        let language = email.language();
        let (text, html) = (plain::print(self, &content), html::print(self, language, &content));
        message::compose(self, email, content.subject, text, html)
    }

    /// The host, with the port if there is one, as users know the site.
    pub fn host(&self) -> &str {
        self.origin.split_once("://").map_or(self.origin.as_str(), |(_, host)| host)
    }

    fn texts(&self, language: Language) -> Texts {
        self.texts.get(&language).copied().unwrap_or_else(|| Texts::of(language))
    }

    fn content(&self, email: &OutboxEmail, secrets: &EmailSecrets) -> Result<Content, ComposeError> {
        let Some(kind) = email.known_kind() else {
            let own = self.own.get(email.kind.as_str()).ok_or(ComposeError::UnknownKind)?;
            return Ok(own(email));
        };
        let letter = Letter { composer: self, texts: self.texts(email.language()), email, secrets };
        letter.content(kind)
    }
}

/// An email being written.
struct Letter<'a> {
    composer: &'a Composer,
    texts: Texts,
    email: &'a OutboxEmail,
    secrets: &'a EmailSecrets,
}

/// How to continue in another browser: a sentence, a button and its page.
type Elsewhere = (&'static str, &'static str, &'static str);

impl Letter<'_> {
    fn content(&self, kind: EmailKind) -> Result<Content, ComposeError> {
        let t = &self.texts;
        match kind {
            EmailKind::Register => {
                let elsewhere = (t.register_link, t.register_button, paths::REGISTER_FINISH);
                self.code(kind, t.register_heading, t.register_text, Some(elsewhere))
            }
            EmailKind::Reset if self.secrets.code.is_none() => self.reset_by_admin(),
            EmailKind::Reset => {
                self.code(kind, t.reset_heading, t.reset_text, Some((t.reset_link, t.reset_button, paths::RESET)))
            }
            EmailKind::SignInCode => self.code(kind, t.sign_in_heading, t.sign_in_text, None),
            EmailKind::EmailProve => self.code(kind, t.email_prove_heading, t.email_prove_text, None),
            EmailKind::EmailConfirm => self.code(kind, t.email_confirm_heading, t.email_confirm_text, None),
            EmailKind::HaveAccount => Ok(self
                .notice(t.have_account_subject, t.have_account_text)
                .button(t.sign_in_button, paths::LOGIN)
                .link(t.forgot_link, paths::FORGOT)
                .facts(self.facts())
                .small_print(self.say(t.have_account_not_you))
                .small_print(self.say(t.reason_entered))),
            EmailKind::EmailWanted => {
                Ok(self.notice(t.email_wanted_subject, t.email_wanted_text).small_print(self.say(t.reason_account)))
            }
            EmailKind::EmailChanged => Ok(self.undoable(t.email_changed_subject, t.email_changed_text)),
            EmailKind::EmailNew => {
                Ok(self.notice(t.email_new_subject, t.email_new_text).small_print(self.say(t.reason_account)))
            }
            EmailKind::PasswordChanged => Ok(self.undoable(t.password_changed_subject, t.password_changed_text)),
            EmailKind::NewDevice => Ok(self.undoable(t.new_device_subject, t.new_device_text)),
            EmailKind::SessionReplayed => Ok(self.undoable(t.session_replayed_subject, t.session_replayed_text)),
            EmailKind::FactorAdded => {
                let subject = self.by_factor(t.totp_added_subject, t.passkey_added_subject);
                Ok(self.undoable(subject, t.factor_added_text))
            }
            EmailKind::FactorRemoved => {
                let subject = self.by_factor(t.totp_removed_subject, t.passkey_removed_subject);
                Ok(self.undoable(subject, t.factor_removed_text))
            }
            EmailKind::TwoStepOff => Ok(self.undoable(t.two_step_off_subject, t.two_step_off_text)),
            EmailKind::RecoveryCodesMade => {
                Ok(self.undoable(t.recovery_codes_made_subject, t.recovery_codes_made_text))
            }
            EmailKind::RecoveryCodeUsed => Ok(self.undoable(t.recovery_code_used_subject, t.recovery_code_used_text)),
            EmailKind::SecondStepRefused => {
                Ok(self.undoable(t.second_step_refused_subject, t.second_step_refused_text))
            }
            EmailKind::ByAdmin => Ok(self.by_admin()),
            EmailKind::DataExported => Ok(self.undoable(t.data_exported_subject, t.data_exported_text)),
            EmailKind::DeletionAsked => Ok(self.deletion_asked()),
            EmailKind::Deleted => Ok(self.notice(t.deleted_subject, t.deleted_text)),
            EmailKind::Secured => {
                Ok(self.notice(t.secured_subject, t.secured_text).small_print(self.say(t.reason_account)))
            }
            EmailKind::Undone => {
                Ok(self.notice(t.undone_subject, t.undone_text).small_print(self.say(t.reason_entered)))
            }
            EmailKind::Test => Ok(self.notice(t.test_subject, t.test_text).facts(self.facts())),
        }
    }

    fn say(&self, text: &str) -> String {
        let left = self.email.facts().left.unwrap_or_default().to_string();
        fill(text, &[("brand", self.composer.name), ("host", self.composer.host()), ("left", &left)])
    }

    fn by_factor(&self, totp: &'static str, passkey: &'static str) -> &'static str {
        match self.email.facts().factor {
            Some(FactorKind::Totp) => totp,
            Some(FactorKind::Passkey) | None => passkey,
        }
    }

    fn by_admin(&self) -> Content {
        let t = &self.texts;
        let text = match self.email.facts().by_admin {
            Some(ByAdmin::NotRequired) => t.two_step_not_required_text,
            Some(ByAdmin::FactorsRemoved) => return self.undoable(t.by_admin_subject, t.factors_removed_text),
            _ => t.two_step_required_text,
        };
        self.notice(t.by_admin_subject, text).facts(self.facts()).small_print(self.say(t.reason_account))
    }

    /// A reset started by an administrator: a link, and no code.
    fn reset_by_admin(&self) -> Result<Content, ComposeError> {
        let t = &self.texts;
        let token = self.secrets.link.as_ref().ok_or(ComposeError::NoCode)?;
        let text = match self.email.facts().by_admin {
            Some(ByAdmin::PasswordLocked) => t.password_locked_text,
            _ => t.reset_started_text,
        };
        Ok(self
            .notice(t.reset_started_subject, text)
            .button(t.reset_button, with_token(paths::RESET, token))
            .facts(self.facts())
            .small_print(fill(t.reset_started_link, &[("minutes", &t.minutes(self.composer.code_life))]))
            .small_print(self.say(t.reset_started_doubt))
            .small_print(self.say(t.reason_account)))
    }

    fn notice(&self, subject: &str, text: &str) -> Content {
        Content::new(self.say(subject)).paragraph(self.say(text))
    }

    /// An email with a code.
    fn code(
        &self,
        kind: EmailKind,
        heading: &str,
        text: &str,
        elsewhere: Option<Elsewhere>,
    ) -> Result<Content, ComposeError> {
        let t = &self.texts;
        let code = self.secrets.code.as_ref().map(Secret::reveal).ok_or(ComposeError::NoCode)?;
        let code = in_fours(code);
        let minutes = t.minutes(self.composer.code_life);
        let in_account = matches!(kind, EmailKind::EmailProve | EmailKind::EmailConfirm);
        let code_use = if in_account { t.code_use_in_account } else { t.code_use };
        let mut content = Content::headed(fill(t.code_subject, &[("code", &code)]), self.say(heading))
            .paragraph(self.say(text))
            .with(Block::Code(code))
            .paragraph(fill(code_use, &[("minutes", &minutes)]));
        if let (Some((text, label, page)), Some(token)) = (elsewhere, &self.secrets.link) {
            content = content.paragraph(self.say(text)).button(label, with_token(page, token));
        }
        Ok(content
            .facts(self.facts())
            .small_print(self.say(t.code_warning))
            .small_print(self.say(t.code_not_you))
            .small_print(self.say(t.reason_entered)))
    }

    /// An email about a change that can be undone.
    fn undoable(&self, subject: &str, text: &str) -> Content {
        let t = &self.texts;
        let content = self.notice(subject, text).facts(self.facts());
        let content = match &self.secrets.link {
            Some(token) => {
                content.paragraph(self.say(self.doubt())).button(t.undo_button, with_token(paths::SECURE, token))
            }
            None => content.paragraph(self.say(t.no_undo_text)).button(t.reset_button, paths::FORGOT),
        };
        self.with_undo_until(content).small_print(self.say(t.reason_account))
    }

    /// The text for a reader who did not make a change that can be undone.
    fn doubt(&self) -> &'static str {
        if self.is_by_admin() { self.texts.undo_unasked_text } else { self.texts.undo_text }
    }

    fn is_by_admin(&self) -> bool {
        self.email.facts().by_admin.is_some()
    }

    fn deletion_asked(&self) -> Content {
        let (t, until) = (&self.texts, self.email.facts().until.unwrap_or(self.email.created_at));
        let text = if self.is_by_admin() { t.deletion_by_admin_text } else { t.deletion_asked_text };
        let text = fill(text, &[("brand", self.composer.name), ("until", &t.time(until))]);
        let content = Content::new(t.deletion_asked_subject).paragraph(text);
        let content = content.button(t.sign_in_button, paths::LOGIN).facts(self.facts());
        let content = match &self.secrets.link {
            Some(token) => {
                content.paragraph(self.say(self.doubt())).link(t.undo_button, with_token(paths::SECURE, token))
            }
            None => content,
        };
        self.with_undo_until(content).small_print(self.say(t.reason_account))
    }

    /// Adds until when the link works, if there is one.
    fn with_undo_until(&self, content: Content) -> Content {
        let until = self.secrets.link.as_ref().and(self.email.facts().undo_until);
        match until {
            Some(until) => content.small_print(fill(self.texts.undo_until, &[("until", &self.texts.time(until))])),
            None => content,
        }
    }

    fn facts(&self) -> Vec<(String, String)> {
        let (t, facts) = (&self.texts, self.email.facts());
        let device = facts.device.map(|device| (t.fact_device, t.device(&device)));
        let time = facts.at.map(|at| (t.fact_time, t.time(at)));
        let place = self.composer.places.of(facts.ip.as_deref(), self.email.language());
        let (ip, place) = (facts.ip.map(|ip| (t.fact_ip, ip)), place.map(|place| (t.fact_place, place)));
        [device, time, ip, place].into_iter().flatten().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Adds the token to a page's address. It is base64url, which needs no escaping.
fn with_token(page: &str, token: &Secret) -> String {
    format!("{page}?t={}", token.reveal())
}

/// Formats `12345678` as `1234 5678`.
fn in_fours(code: &str) -> String {
    let digits: Vec<char> = code.chars().filter(|c| !c.is_whitespace()).collect();
    digits.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
