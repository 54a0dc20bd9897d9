//! Adding and removing factors. Each change is one transaction: the factors, the recovery codes, the switch, the
//! sessions that end, the email that reports it, and what the email's link would restore.

use super::{
    super::{
        Store, StoreError,
        activity::Event,
        challenges::{self, ChallengeRow, Finished, FinishedBy, NewChallenge, end_all, finish},
        outbox::{self, NewEmail},
        sessions::ending::{SessionFilter, end},
    },
    devices::forget,
    rows::{Before, current_set, insert, kinds, lock, remove, replace_codes, switch},
};
use crate::rules::{challenge::ChallengeKind, factor::FactorKind, session::Device, undo::Undo};
use freshkey_types::{AuditEvent, EndReason, Millis};
use sqlx::AnyConnection;
use uuid::Uuid;

/// A new factor.
#[derive(Clone, Debug)]
pub struct NewFactor {
    /// UUIDv7.
    pub id: String,
    /// Which kind.
    pub kind: FactorKind,
    /// The name that its owner gave it.
    pub name: String,
    /// An app's seed, sealed.
    pub secret: Option<String>,
    /// The step of an app's first code.
    pub last_step: i64,
    /// A passkey's credential id, in base64url. The fields below are for passkeys, too.
    pub credential_id: Option<String>,
    /// The public key.
    pub public_key: Option<String>,
    /// The algorithm (COSE).
    pub algorithm: Option<i64>,
    /// The signature counter.
    pub sign_count: Option<i64>,
    /// Whether it can be copied to other devices.
    pub backup_eligible: Option<bool>,
    /// Whether it has been copied.
    pub backed_up: Option<bool>,
    /// How the authenticator can be reached, separated by commas.
    pub transports: Option<String>,
    /// The authenticator's model.
    pub aaguid: Option<String>,
}

impl NewFactor {
    /// Creates a factor with only these fields. The others can be set in a functional update.
    pub fn new(id: &str, kind: FactorKind, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            kind,
            name: name.to_owned(),
            secret: None,
            last_step: 0,
            credential_id: None,
            public_key: None,
            algorithm: None,
            sign_count: None,
            backup_eligible: None,
            backed_up: None,
            transports: None,
            aaguid: None,
        }
    }
}

/// What happens to the recovery codes.
#[derive(Clone, Debug, Default)]
pub enum NewCodes {
    /// They stay.
    #[default]
    Keep,
    /// They are removed.
    None,
    /// These replace them: for each, the selector and the hash of the rest.
    Set(Vec<(String, String)>),
}

/// Which sessions end.
#[derive(Clone, Copy, Debug, Default)]
pub enum SessionsToEnd {
    /// None.
    #[default]
    Nobody,
    /// All but this one.
    OthersOf(Uuid),
    /// All.
    Everybody,
}

/// A change of an account's factors.
#[derive(Clone, Debug, Default)]
pub struct FactorChange {
    /// The user's id.
    pub user: String,
    /// The session in which it is made.
    pub session: Option<Uuid>,
    /// The factor to add.
    pub add: Option<NewFactor>,
    /// The id of the factor to remove.
    pub remove: Option<String>,
    /// Whether to turn two-step sign-in on or off.
    pub two_step: Option<bool>,
    /// Whether two-step sign-in must be on.
    pub required: bool,
    /// What happens to the recovery codes.
    pub codes: NewCodes,
    /// Which sessions end.
    pub ends: SessionsToEnd,
    /// The steps of a flow that this finishes.
    pub finishes: Vec<(ChallengeRow, FinishedBy)>,
    /// The challenge that shows new recovery codes for some minutes.
    pub shows: Option<NewChallenge>,
    /// The device on which it is made.
    pub device: Device,
    /// The email that reports it, if there is mail. What its link restores is determined here.
    pub notice: Option<NewEmail>,
    /// The current time.
    pub now: Millis,
}

/// Why a change is refused.
type Refused = Finished;

impl Store {
    /// Changes the factors of an account. [`Finished::NotOpen`]: the factor to remove does not exist, or a step is
    /// over. [`Finished::Gone`]: the rules do not allow it (too many factors, none left, two-step sign-in required).
    ///
    /// # Errors
    /// The database failed, or an account already has the credential ([`StoreError::is_taken`]).
    pub async fn change_factors(&self, change: FactorChange) -> Result<Finished, StoreError> {
        let (hooks, order, now) = (self.hooks.clone(), self.lock_in_order(), change.now);
        let done = self.transact(Box::new(move |connection| {
            let (change, hooks) = (change.clone(), hooks.clone());
            Box::pin(async move {
                let events = match apply(connection, &change).await? {
                    Ok(events) => events,
                    Err(refused) => return Ok(Err(refused)),
                };
                for event in &events {
                    hooks.record(connection, event).await?;
                }
                let filter = match change.ends {
                    SessionsToEnd::Nobody => return Ok(Ok((Vec::new(), events))),
                    SessionsToEnd::OthersOf(session) => SessionFilter::OthersOf(change.user.clone(), session),
                    SessionsToEnd::Everybody => SessionFilter::AllOf(change.user.clone()),
                };
                let ended = end(connection, &filter, EndReason::FactorsChanged, now, order).await?;
                Ok(Ok((ended, events)))
            })
        }));
        match done.await? {
            Ok((ended, events)) => {
                self.notify_ended(&ended, EndReason::FactorsChanged, now);
                for event in events {
                    self.hooks.committed(event);
                }
                Ok(Finished::Done(ended))
            }
            Err(refused) => Ok(refused),
        }
    }
}

/// Makes the change, or nothing of it if it is refused.
async fn apply(
    connection: &mut AnyConnection,
    change: &FactorChange,
) -> Result<Result<Vec<Event>, Refused>, sqlx::Error> {
    let Some(before) = lock(connection, &change.user).await?.filter(|user| user.disabled_at.is_none()) else {
        return Ok(Err(Finished::NotOpen));
    };
    if change.notice.is_some() && outbox::is_full(connection).await? {
        return Ok(Err(Finished::Full));
    }
    let present = kinds(connection, &change.user).await?;
    let of = |kind| present.iter().filter(|(_, present)| *present == kind).count();
    if change.add.as_ref().is_some_and(|add| of(add.kind) >= add.kind.most()) {
        return Ok(Err(Finished::Gone));
    }
    let removed = change.remove.as_ref().map(|id| present.iter().find(|(present, _)| present == id));
    let left = present.len() + usize::from(change.add.is_some()) - usize::from(removed.is_some());
    let on = change.two_step.unwrap_or(before.two_step_at.is_some()) && (left > 0 || change.two_step == Some(true));
    if removed == Some(None) {
        return Ok(Err(Finished::NotOpen));
    }
    let removes_last = removed.is_some() && left == 0;
    let turns_off = before.two_step_at.is_some() && !on;
    if (on && left == 0) || (change.required && (removes_last || turns_off)) {
        return Ok(Err(Finished::Gone));
    }
    let enrols = change.finishes.iter().any(|(row, _)| row.kind() == Some(ChallengeKind::Enrol));
    if enrols && before.two_step_at.is_some() {
        // Another session set it up in the meantime, so what was proven in this step is less than a sign-in asks for
        // now.
        end_all(connection, &change.user, ChallengeKind::Enrol).await?;
        return Ok(Err(Finished::NotOpen));
    }
    for (n, (row, by)) in change.finishes.iter().enumerate() {
        if !finish(connection, row, by).await? {
            // All steps are finished, or none.
            let rest = || sqlx::Error::Protocol("a step ended while another was finished".to_owned());
            return if n == 0 { Ok(Err(Finished::NotOpen)) } else { Err(rest()) };
        }
    }
    if let Some(shows) = &change.shows {
        challenges::replace(connection, shows).await?;
        challenges::insert(connection, shows).await?;
    }
    let turned = (on != before.two_step_at.is_some()).then_some(on);
    let undo = write(connection, change, &before, turned).await?;
    if let Some(notice) = &change.notice {
        let mut notice = notice.clone();
        if let Some(undoable) = &mut notice.undoable {
            undoable.undo = Some(undo);
        }
        outbox::insert_or_undo(connection, &notice).await?;
    }
    let removed = removed.flatten().map(|(_, kind)| *kind);
    Ok(Ok(events(change, removed, turned)))
}

/// Writes the change and returns how to undo it.
async fn write(
    connection: &mut AnyConnection,
    change: &FactorChange,
    before: &Before,
    turned: Option<bool>,
) -> Result<Undo, sqlx::Error> {
    let (user, now) = (change.user.as_str(), change.now);
    let mut back = Vec::new();
    if let Some(new) = &change.add {
        insert(connection, user, new, now).await?;
    }
    if let Some(id) = &change.remove {
        remove(connection, user, id, now).await?;
        back.push(id.clone());
    }
    if let Some(on) = turned {
        switch(connection, user, on.then_some(now)).await?;
    }
    if turned == Some(true) {
        // Any other session that is setting it up has proven less than a sign-in asks for from now on.
        end_all(connection, user, ChallengeKind::Enrol).await?;
    }
    if turned == Some(false) {
        for (id, kind) in kinds(connection, user).await? {
            if kind == FactorKind::Totp {
                remove(connection, user, &id, now).await?;
                back.push(id);
            }
        }
    }
    let set = current_set(connection, user).await?;
    let codes = if turned == Some(false) { &NewCodes::None } else { &change.codes };
    match codes {
        NewCodes::Keep => {}
        NewCodes::None => replace_codes(connection, user, &[], now).await?,
        NewCodes::Set(new) => replace_codes(connection, user, new, now).await?,
    }
    if change.add.is_some() || !back.is_empty() || turned.is_some() {
        forget(connection, user).await?;
    }
    let gone = change.add.iter().map(|new| new.id.clone()).collect();
    Ok(Undo::Factors { two_step_at: before.two_step_at, back, gone, codes: set })
}

fn events(change: &FactorChange, removed: Option<FactorKind>, turned: Option<bool>) -> Vec<Event> {
    let added = change.add.as_ref().map(|add| match add.kind {
        FactorKind::Totp => AuditEvent::TotpAdded,
        FactorKind::Passkey => AuditEvent::PasskeyAdded,
    });
    let removed = removed.map(|kind| match kind {
        FactorKind::Totp => AuditEvent::TotpRemoved,
        FactorKind::Passkey => AuditEvent::PasskeyRemoved,
    });
    let turned = turned.map(|on| if on { AuditEvent::TwoStepOn } else { AuditEvent::TwoStepOff });
    let codes = matches!(change.codes, NewCodes::Set(_)).then_some(AuditEvent::RecoveryCodesMade);
    let event = |kind| Event::new(&change.user, change.session, kind, &change.device, change.now);
    [added, removed, turned, codes].into_iter().flatten().map(event).collect()
}
