//! Signing in with a passkey: by a button, and from the autofill of the email field.

use super::super::AccountForm;
use crate::app::{
    api::factors::{add_passkey, login_passkey, login_passkey_options, passkey_creation_options},
    components::ticked,
    passkey::NotGiven,
    paths,
    seam::{self, passkeys::Button},
    types::{PasskeyCredential, SignInAnswer},
};
use leptos::{html, prelude::*, task::spawn_local};

/// What this part needs from the page.
pub(super) struct Wanted {
    pub(super) form: AccountForm,
    pub(super) remember: NodeRef<html::Input>,
    /// The page's owner; the work started here ends with it.
    pub(super) owner: Option<Owner>,
    /// How long passkey options are valid, in milliseconds.
    pub(super) life: u32,
}

/// Offers signing in with a passkey, on a live page and in a browser that supports passkeys.
pub(super) fn begin(wanted: Wanted) {
    spawn_local(async {
        // Wait until the button is in the page.
        seam::pause(0).await;
        offer_on(wanted);
    });
}

fn offer_on(wanted: Wanted) {
    let Wanted { form, remember, owner, life } = wanted;
    // By now the page may be gone, and another sign-in page in its place.
    let Some(owner) = owner.filter(|_| remember.try_get_untracked().flatten().is_some()) else { return };
    let Some(button) = seam::passkeys::sign_in_button() else { return };
    owner.with(|| {
        let (options, turn, used) = (StoredValue::new(None), StoredValue::new(0), StoredValue::new(false));
        let state =
            State { form, remember, button: StoredValue::new_local(button), options, turn, used, life: life / 4 * 3 };
        state.look_after();
        state.button.update_value(|button| button.does(move || spawn_local(state.ask())));
        on_cleanup(move || {
            // Nothing is tracked while a page is disposed of.
            if form.session.0.try_with_untracked(|state| state.view().is_none()) == Some(true) {
                seam::passkeys::stop_waiting();
            }
        });
        Effect::new(move |_| {
            if form.open_instead.has_begun()
                && form.session.user().is_some()
                && state.used.try_get_value() == Some(false)
            {
                spawn_local(offer());
            }
        });
    });
}

/// Lets the browser create a passkey after a sign-in by password. If it creates none, the page says nothing.
async fn offer() {
    // End the pending autofill request here. After a sign-in the page's cleanup does not, because it would abort the
    // new request.
    seam::passkeys::stop_waiting();
    if !seam::passkeys::first_offer().await {
        return;
    }
    let Ok(options) = passkey_creation_options(None).await else { return };
    if let Ok(credential) = seam::passkeys::create_quietly(options.json()).await {
        let _ = add_passkey(Some(credential), None, None, None).await;
    }
}

/// The state of this part.
#[derive(Clone, Copy)]
struct State {
    form: AccountForm,
    remember: NodeRef<html::Input>,
    button: StoredValue<Button, LocalStorage>,
    /// The options of the next request. They are loaded before the press, because a browser only allows the request
    /// right after it.
    options: StoredValue<Option<String>>,
    /// The number of the newest loop; older loops end.
    turn: StoredValue<u32>,
    /// Whether a passkey has signed the user in.
    used: StoredValue<bool>,
    /// How long options are used before new ones are loaded, in milliseconds.
    life: u32,
}

impl State {
    /// Keeps a valid challenge loaded, and passkeys offered in the field's autofill.
    fn look_after(self) {
        let Some(turn) = self.turn.try_update_value(|turn| {
            *turn += 1;
            *turn
        }) else {
            return;
        };
        spawn_local(async move {
            let mut autofill = seam::passkeys::are_autofilled().await;
            while self.is_turn(turn) {
                let options = login_passkey_options().await.ok().map(|options| options.json());
                self.options.try_set_value(options.clone());
                let Some(options) = options else {
                    seam::pause(self.life).await;
                    continue;
                };
                self.button.try_with_value(Button::works);
                if autofill {
                    match seam::passkeys::wait(options.clone(), self.life).await {
                        Ok(credential) if self.is_turn(turn) => {
                            if self.sign_in(&options, credential).await {
                                return;
                            }
                        }
                        Err(NotGiven::Late) => {}
                        Err(NotGiven::Refused | NotGiven::Unable) => autofill = false,
                        // The button was pressed, or the page is gone.
                        _ => return,
                    }
                }
                if !autofill {
                    seam::pause(self.life).await;
                }
            }
        });
    }

    fn is_turn(self, turn: u32) -> bool {
        self.turn.try_get_value() == Some(turn)
    }

    /// Handles a press of the button. After a successful sign-in it does not wait for another passkey, which would
    /// end the session that has just begun.
    async fn ask(self) {
        self.form.error.set(None);
        // The last options are used up, and new ones may not have arrived yet.
        let options = match self.options.try_update_value(Option::take).flatten() {
            Some(options) => Ok(options),
            None => login_passkey_options().await.map(|options| options.json()),
        };
        let asked = match options {
            Ok(options) => match seam::passkeys::request(options.clone()).await {
                Ok(credential) => Ok(self.sign_in(&options, credential).await),
                Err(why) => Err(why.error()),
            },
            Err(error) => Err(Some(error)),
        };
        match asked {
            Ok(true) => return,
            // The form already shows the error.
            Ok(false) => {}
            Err(error) => drop(self.form.error.try_set(error)),
        }
        self.button.try_with_value(Button::rests);
        self.look_after();
    }

    /// Signs in; returns whether that succeeded.
    async fn sign_in(self, options: &str, credential: PasskeyCredential) -> bool {
        let given = credential.clone();
        let remember = ticked(self.remember);
        match login_passkey(Some(credential), Some(remember)).await {
            Ok(SignInAnswer::Session(answer)) => {
                self.used.try_set_value(true);
                self.form.done(Ok(*answer));
            }
            Ok(SignInAnswer::Step(step)) => self.form.goes_on(step.status.page().unwrap_or(paths::LOGIN)),
            Err(error) => {
                if error.reason.as_deref() == Some("unknown") {
                    seam::passkeys::is_unknown(options, &given);
                }
                let _ = self.form.error.try_set(Some(error));
                return false;
            }
        }
        true
    }
}
