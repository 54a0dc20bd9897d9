//! Registers by email. The account is created only when the address is proven: the user who proves it first gets it,
//! with the password that they chose themselves.

use super::{
    super::{
        auth::{
            browser_token::Browser,
            challenge::ChallengeKind,
            challenges::{ChallengeStatus, Registrant},
            email::{self, Email},
            email_kind::EmailKind,
            mailed_secret::LinkPurpose,
            name,
            sessions::SignInMethod,
            sign_in::SignInProgress,
        },
        body::{Format, RequestBody, format},
        device::caller_device,
        refusal::{hashing, unavailable},
        registration,
        state::AppState,
        store::{
            activity::Event,
            challenges::{ChallengeRow, Finished, FinishedBy, NewAccount},
            users::{NewUser, UserRow},
        },
    },
    Begin, broken, check_code, count_email, enter, link,
    onward::{self, Onward},
    over, session, standing, too_many_emails, typed,
};
use crate::app::{
    error::ApiError,
    types::{AuditEvent, Millis, Secret, SignInAnswer, StepReason, StepView},
};
use http::StatusCode;
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use std::borrow::Cow;
use uuid::Uuid;

/// "You already have an account" is emailed at most once in this time.
const SAID_FOR: Millis = Millis::from_days(1);

/// A registration whose fields are valid.
pub(crate) struct Registration<'a> {
    pub(crate) email: &'a Email,
    pub(crate) typed: &'a str,
    pub(crate) password: &'a Secret,
    pub(crate) name: Option<&'a str>,
    pub(crate) remember: bool,
}

/// Sends an email to prove the address.
pub(crate) async fn begin(state: &AppState, new: Registration<'_>) -> Result<StepView, ApiError> {
    let keys = email::keys(new.typed);
    let find = || state.store.user_by_email(&keys);
    // A device that the account knows has another limit. The account is looked up twice, whatever the first look finds.
    let known = find().await.map_err(|error| unavailable(&error))?;
    count_email(state, new.email.key(), known.as_ref()).await?;
    let password_hash = state.hasher.hash(new.password.reveal()).await.map_err(hashing)?;
    let user = find().await.map_err(|error| unavailable(&error))?;
    let said = match &user {
        Some(user) => was_said(state, &user.id).await?,
        None => was_said(state, "").await?,
    };
    // The former owner may get the address back: for everybody else it counts as taken, and no email tells about it.
    let reserved = state.store.is_reserved(new.email.key(), "", state.clock.now()).await;
    let reserved = reserved.map_err(|error| unavailable(&error))?;
    let registrant = Registrant {
        password_hash,
        name: new.name.map(str::to_owned),
        remember: new.remember,
        own: use_context::<RequestBody>().and_then(|sent| registration::keep(&state.app.registration_fields(), &sent)),
    };
    super::begin(
        state,
        Begin {
            kind: ChallengeKind::Register,
            email_kind: if user.is_some() { EmailKind::HaveAccount } else { EmailKind::Register },
            to: new.email.as_typed(),
            key: new.email.key(),
            user: user.as_ref(),
            decoy: user.is_some() || reserved,
            silent: said || (user.is_none() && reserved),
            signed_in: false,
            by_admin: None,
            registrant: Some(registrant),
            event: None,
        },
    )
    .await
}

pub(super) async fn was_said(state: &AppState, user: &str) -> Result<bool, ApiError> {
    let since = state.clock.now() - SAID_FOR;
    let said = state.store.was_emailed(user, EmailKind::HaveAccount.text(), since).await;
    said.map_err(|error| unavailable(&error))
}

/// See [`crate::app::api::steps::register_confirm`].
pub(crate) async fn confirm(
    challenge: Option<&str>,
    code: Option<&str>,
    by_link: ByLink<'_>,
) -> Result<SignInAnswer, ApiError> {
    let state: AppState = expect_context();
    super::mail(&state)?;
    let answer = if by_link.is_meant(&state, LinkPurpose::Register, challenge, code) {
        finish_by_link(&state, by_link).await?
    } else {
        finish_by_code(&state, challenge, code.unwrap_or_default()).await?
    };
    if let SignInAnswer::Session(_) = answer {
        expect_context::<ResponseOptions>().set_status(StatusCode::CREATED);
    }
    Ok(answer)
}

/// The fields that a link's page sends.
#[derive(Clone, Copy)]
pub(crate) struct ByLink<'a> {
    pub(crate) token: Option<&'a Secret>,
    pub(crate) link: Option<&'a str>,
    pub(crate) password: &'a Secret,
    pub(crate) name: Option<&'a str>,
}

impl ByLink<'_> {
    /// Whether a call uses its link and not its code. A call without either field that names no step uses the link that
    /// the browser has opened.
    pub(crate) fn is_meant(
        &self,
        state: &AppState,
        purpose: LinkPurpose,
        challenge: Option<&str>,
        code: Option<&str>,
    ) -> bool {
        let is_left_out = |field: Option<&str>| field.is_none_or(|field| field.trim().is_empty());
        let token = self.token.is_some_and(|token| !token.reveal().is_empty());
        let opened = || is_left_out(challenge) && link::is_opened(state, purpose);
        token || (is_left_out(code) && (self.link.is_some() || opened()))
    }
}

async fn finish_by_code(state: &AppState, challenge: Option<&str>, code: &str) -> Result<SignInAnswer, ApiError> {
    let code = typed(code)?;
    let (row, emails) = match standing(state, challenge, ChallengeKind::Register, None).await? {
        ChallengeStatus::Open(row, emails) => (row, emails),
        ChallengeStatus::Repeat(row, emails) if state.challenges.is_code(&row, &emails, &code) => {
            return onward::again(state, &row).await;
        }
        ChallengeStatus::Repeat(..) => return Err(over(Some(StepReason::Used))),
        ChallengeStatus::Over(reason) => return Err(over(reason)),
    };
    check_code(state, &row, &emails, &code).await?;
    let registrant =
        state.challenges.open::<Registrant>(&row).ok_or_else(|| broken("a registration can't be opened"))?;
    let done = finish(state, &row, registrant).await?;
    match done {
        Some(answer) => Ok(answer),
        // Another call was faster, perhaps an identical one.
        None => match standing(state, Some(&row.id), ChallengeKind::Register, None).await? {
            ChallengeStatus::Repeat(row, _) => onward::again(state, &row).await,
            ChallengeStatus::Open(..) => Err(over(None)),
            ChallengeStatus::Over(reason) => Err(over(reason)),
        },
    }
}

async fn finish_by_link(state: &AppState, by: ByLink<'_>) -> Result<SignInAnswer, ApiError> {
    let used = link::used(state, LinkPurpose::Register, by.token, by.link).await?;
    let row = match used.standing {
        ChallengeStatus::Open(row, _) => row,
        ChallengeStatus::Repeat(row, _) => return onward::again(state, &row).await,
        ChallengeStatus::Over(reason) => return Err(link::invalid(reason)),
    };
    let before = state.challenges.open::<Registrant>(&row).ok_or_else(|| broken("a registration can't be opened"))?;
    // The reader of the email may not be the person who typed the first password and the app's fields. In the browser
    // that registered, they are the same.
    let own = row.browser.is_some() && row.browser == used.browser.map(Browser::digest);
    let given = by.name.map(str::trim).filter(|name| !name.is_empty());
    let registrant = if own && by.password.reveal().is_empty() {
        if let Some(sentence) = given.and_then(name::flaw) {
            return Err(ApiError::field("name", sentence));
        }
        Registrant { name: given.map(str::to_owned).or(before.name.clone()), ..before }
    } else {
        let asked_again = || {
            use_context::<RequestBody>().and_then(|sent| registration::keep(&state.app.registration_fields(), &sent))
        };
        let apps = if own { before.own.clone() } else { asked_again() };
        check(state, &row, &by, given, apps.as_ref())?;
        let password_hash = state.hasher.hash(by.password.reveal()).await.map_err(hashing)?;
        let name = given.map(str::to_owned).or(before.name.clone().filter(|_| own));
        Registrant { password_hash, name, remember: before.remember || !own, own: apps }
    };
    match finish(state, &row, registrant).await.map_err(link::of_link)? {
        Some(answer) => {
            link::forget(state);
            Ok(answer)
        }
        None => match link::used(state, LinkPurpose::Register, by.token, by.link).await?.standing {
            ChallengeStatus::Repeat(row, _) => onward::again(state, &row).await,
            _ => Err(link::invalid(Some(StepReason::Used))),
        },
    }
}

/// Checks what was typed on a link's page: the password, the name, and the app's fields.
fn check(
    state: &AppState,
    row: &ChallengeRow,
    by: &ByLink<'_>,
    name: Option<&str>,
    apps: Option<&(bool, String)>,
) -> Result<(), ApiError> {
    let mut wrong: Vec<(&'static str, Cow<'static, str>)> = Vec::new();
    if let Some((read, apps)) = state.app.read_registration().zip(apps) {
        wrong.extend(read(&registration::kept(apps))?.wrong);
    }
    if let Err(sentence) = state.settings.check_password(by.password.reveal(), Some(&row.email), name) {
        wrong.push(("password", sentence.into()));
    }
    if let Some(sentence) = name.and_then(name::flaw) {
        wrong.push(("name", sentence.into()));
    }
    if wrong.is_empty() { Ok(()) } else { Err(ApiError::fields(wrong)) }
}

/// Creates the account and begins its session; none if another call was faster.
async fn finish(
    state: &AppState,
    row: &ChallengeRow,
    registrant: Registrant,
) -> Result<Option<SignInAnswer>, ApiError> {
    let (browser, now) = (enter(state)?, state.clock.now());
    let own = match (state.app.read_registration(), &registrant.own) {
        (Some(read), Some(own)) => Some(read(&registration::kept(own))?.insert),
        _ => None,
    };
    let device = caller_device();
    let user = UserRow {
        id: Uuid::now_v7().to_string(),
        email: row.email.clone(),
        email_key: row.email_key.clone(),
        name: registrant.name,
        password_hash: registrant.password_hash,
        password_changed_at: Millis::ZERO,
        disabled_at: None,
        role: None,
        created_at: now,
        email_verified_at: Some(now),
        delete_at: None,
        language: None,
        two_step_at: None,
        two_step_required: None,
        second_step_failures: 0,
        user_handle: None,
    };
    let so_far = SignInProgress { method: SignInMethod::PASSWORD, remember: registrant.remember };
    let (so_far, onward) = onward::plan(state, &user, so_far).await?;
    let event = Event::new(&user.id, onward.session(), AuditEvent::Registered, &device, now);
    let account = NewAccount { user: NewUser::of(&user, device, own), event };
    let by = FinishedBy {
        browser: Some(browser.digest()),
        session: onward.session(),
        data: state.challenges.seal(row.uuid(), &so_far),
        next: onward.challenge(),
        now,
        ..FinishedBy::default()
    };
    match state.store.finish_registration(row, by, account).await.map_err(|error| unavailable(&error))? {
        Finished::Done(_) => match onward {
            // The user has just proven this address on this device: no email about a new device.
            Onward::Session(id) => session::begin(state, &user, id, so_far).await.map(|new| Some(new.into())),
            onward @ Onward::Step(_) => onward::go(state, &user, so_far, onward).await.map(Some),
        },
        Finished::NotOpen => Ok(None),
        // The address has got an account meanwhile.
        Finished::Gone => Err(over(Some(StepReason::Replaced))),
        Finished::Full => Err(too_many_emails()),
    }
}

/// Whether the session of a registration outlives the browser.
pub(crate) fn remembers(remember: Option<bool>) -> bool {
    remember.unwrap_or(format() == Format::Json)
}
