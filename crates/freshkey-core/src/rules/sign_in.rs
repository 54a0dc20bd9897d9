//! The steps of a sign-in: what is still missing between what the user has proven and a session. Every way to sign in
//! uses this.

use super::{
    session::{FirstFactor, SecondFactor, SignInMethod},
    two_step::{RequireMfa, TwoStep},
};
use serde::{Deserialize, Serialize};

/// What the user has proven so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInProgress {
    /// How they proved it.
    pub method: SignInMethod,
    /// Whether the cookie should outlive the browser session.
    pub remember: bool,
}

/// What an account demands of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInPolicy {
    /// The account's two-step sign-in.
    pub two_step: TwoStep,
    /// Which users must have two-step sign-in, by the operator's setting.
    pub setting: RequireMfa,
    /// Whether the account is an administrator's.
    pub is_admin: bool,
    /// Whether the account trusts the device.
    pub trusts_device: bool,
    /// Whether the account is about to be deleted.
    pub is_leaving: bool,
}

/// The next step of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// The second step.
    SecondFactor,
    /// The question whether to keep the account.
    Keep,
    /// The setup of a second step.
    Enrol,
    /// The session.
    Session,
}

/// Returns the next step, and what is proven by then. A trusted device replaces the second step.
pub fn next(so_far: SignInProgress, demands: SignInPolicy) -> (NextStep, SignInProgress) {
    let SignInMethod { first, second } = so_far.method;
    // A passkey is both steps at once.
    let asks = demands.two_step.on && first != FirstFactor::Passkey && second.is_none();
    if asks && !demands.trusts_device {
        return (NextStep::SecondFactor, so_far);
    }
    let second = if asks { Some(SecondFactor::TrustedDevice) } else { second };
    let so_far = SignInProgress { method: SignInMethod { first, second }, ..so_far };
    let lacks = demands.two_step.is_lacking(demands.setting, demands.is_admin) && first != FirstFactor::Passkey;
    let next = if demands.is_leaving {
        NextStep::Keep
    } else if lacks {
        NextStep::Enrol
    } else {
        NextStep::Session
    };
    (next, so_far)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{option, prelude::*, sample::select};

    proptest! {
        #[test]
        fn there_is_no_session_without_what_the_account_demands(
            first in select(vec![FirstFactor::Password, FirstFactor::MailCode, FirstFactor::Passkey]),
            second in option::of(select(vec![SecondFactor::Code, SecondFactor::RecoveryCode, SecondFactor::Passkey])),
            on: bool, required: Option<bool>, is_admin: bool, trusts_device: bool, is_leaving: bool,
            setting in select(vec![RequireMfa::None, RequireMfa::Admins, RequireMfa::All]),
        ) {
            let so_far = SignInProgress { method: SignInMethod { first, second }, remember: true };
            let two_step = TwoStep { on, required };
            let demands = SignInPolicy { two_step, setting, is_admin, trusts_device, is_leaving };
            let (step, proven) = next(so_far, demands);
            let by_passkey = first == FirstFactor::Passkey;
            let has_both = by_passkey || proven.method.second.is_some();
            prop_assert_eq!(proven.method.first, first, "nothing is forgotten");
            prop_assert!(second.is_none() || proven.method.second == second);
            if proven.method.second == Some(SecondFactor::TrustedDevice) {
                prop_assert!(trusts_device);
            }
            match step {
                NextStep::SecondFactor => prop_assert!(on && !has_both && !trusts_device),
                NextStep::Keep => prop_assert!(is_leaving && (!on || has_both)),
                NextStep::Enrol => prop_assert!(!on && !by_passkey && two_step.is_required(setting, is_admin)),
                NextStep::Session => {
                    prop_assert!(!is_leaving && (!on || has_both));
                    prop_assert!(by_passkey || on || !two_step.is_required(setting, is_admin));
                }
            }
        }
    }
}
