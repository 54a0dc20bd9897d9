//! An administrator's actions on an account, each a plain form with one button.

use crate::app::{
    api::admin::{
        disable_account, enable_account, end_session, remove_factors, require_two_step, sign_account_out, start_reset,
    },
    components::{FormFields, SubmitButton, once},
    error::ApiError,
    paths,
};
use leptos::prelude::*;

/// An action on the account or the session with this id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Disable(String),
    Enable(String),
    SignOut(String),
    StartReset(String),
    EndSession(String),
    RequireTwoStep(String, bool),
    RemoveFactors(String),
}

impl Act {
    /// The message after each action, by its name in the page's address.
    const DONE: [(&str, &str); 8] = [
        ("disabled", "Account disabled and signed out everywhere."),
        ("enabled", "Account enabled."),
        ("signed-out", "Signed out everywhere."),
        ("reset", "An email to choose a new password is on its way."),
        ("ended", "Signed out."),
        ("required", "Two-step sign-in is required for this account."),
        ("not-required", "Two-step sign-in is not required for this account any more."),
        ("factors-removed", "Apps, passkeys, recovery codes and trusted devices removed. Signed out everywhere."),
    ];

    /// Returns the message for the action named `name`.
    pub(super) fn done(name: &str) -> Option<&'static str> {
        Self::DONE.iter().find(|(key, _)| *key == name).map(|(_, sentence)| *sentence)
    }

    /// The name of the finished action in the page's address.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Disable(_) => "disabled",
            Self::Enable(_) => "enabled",
            Self::SignOut(_) => "signed-out",
            Self::StartReset(_) => "reset",
            Self::EndSession(_) => "ended",
            Self::RequireTwoStep(_, true) => "required",
            Self::RequireTwoStep(_, false) => "not-required",
            Self::RemoveFactors(_) => "factors-removed",
        }
    }

    fn path(&self) -> &'static str {
        match self {
            Self::Disable(_) => paths::API_DISABLE,
            Self::Enable(_) => paths::API_ENABLE,
            Self::SignOut(_) => paths::API_SIGN_OUT,
            Self::StartReset(_) => paths::API_START_RESET,
            Self::EndSession(_) => paths::API_END_SESSION,
            Self::RequireTwoStep(..) => paths::API_REQUIRE_TWO_STEP,
            Self::RemoveFactors(_) => paths::API_REMOVE_FACTORS,
        }
    }

    fn id(&self) -> String {
        match self {
            Self::Disable(id)
            | Self::Enable(id)
            | Self::SignOut(id)
            | Self::StartReset(id)
            | Self::EndSession(id)
            | Self::RequireTwoStep(id, _)
            | Self::RemoveFactors(id) => id.clone(),
        }
    }

    /// The value of the field `required`, if the action has one.
    fn required(&self) -> Option<bool> {
        match self {
            Self::RequireTwoStep(_, required) => Some(*required),
            _ => None,
        }
    }

    /// Performs the action.
    pub(super) async fn perform(self) -> Result<(), ApiError> {
        match self {
            Self::Disable(id) => disable_account(id).await,
            Self::Enable(id) => enable_account(id).await,
            Self::SignOut(id) => sign_account_out(id).await,
            Self::StartReset(id) => start_reset(id, None).await.map(drop),
            Self::EndSession(id) => end_session(id).await,
            Self::RequireTwoStep(id, required) => require_two_step(id, Some(required)).await.map(drop),
            Self::RemoveFactors(id) => remove_factors(id).await,
        }
    }
}

/// The button for an action.
#[component]
pub(super) fn ActButton(
    /// The action.
    act: Act,
    /// The page that the form is on and leads back to.
    page: String,
    /// The button's text.
    label: &'static str,
    /// The button's accessible name, if its text is not enough.
    #[prop(optional, into)]
    called: Option<String>,
    /// The button's class.
    #[prop(default = "button button-quiet button-small")]
    class: &'static str,
    /// Runs the action.
    run: Action<Act, ()>,
) -> impl IntoView {
    let next = format!("{page}?done={}", act.name());
    let (path, id, called) = (act.path(), act.id(), called.unwrap_or_else(|| label.to_owned()));
    let required = act.required().map(|required| required.to_string());
    let busy = {
        let (act, doing) = (act.clone(), run.input());
        Signal::derive(move || doing.with(|doing| doing.as_ref() == Some(&act)))
    };
    let submit = once(run.pending(), move || {
        run.dispatch(act.clone());
    });
    view! {
        <form method="post" action=path on:submit=submit>
            <FormFields next page />
            <input type="hidden" name="id" value=id />
            {required.map(|required| view! { <input type="hidden" name="required" value=required /> })}
            <SubmitButton busy label=called class>{label}</SubmitButton>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_done_is_said() {
        for act in [Act::Disable, Act::Enable, Act::SignOut, Act::StartReset, Act::EndSession, Act::RemoveFactors] {
            assert!(Act::done(act(String::new()).name()).is_some());
        }
        for required in [true, false] {
            assert!(Act::done(Act::RequireTwoStep(String::new(), required).name()).is_some());
        }
        assert_eq!(Act::done("<b>"), None);
    }
}
