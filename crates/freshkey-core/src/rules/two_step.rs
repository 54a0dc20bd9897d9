//! Whether an account needs two-step sign-in, and whether it has it.

/// Which users must have two-step sign-in: the setting `FRESHKEY_REQUIRE_MFA`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequireMfa {
    /// Nobody.
    #[default]
    None,
    /// Administrators.
    Admins,
    /// Everybody.
    All,
}

impl RequireMfa {
    /// Returns the setting with this name.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "none" => Some(Self::None),
            "admins" => Some(Self::Admins),
            "all" => Some(Self::All),
            _ => None,
        }
    }
}

/// An account's two-step sign-in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TwoStep {
    /// Whether it is on.
    pub on: bool,
    /// Whether an administrator requires it for this account. This overrides the setting.
    pub required: Option<bool>,
}

impl TwoStep {
    /// Decodes the number that the session queries return: 3 if it is on, plus 1 if an administrator does not require
    /// it or 2 if one does.
    pub const fn of_number(number: i64) -> Self {
        let required = match number % 3 {
            1 => Some(false),
            2 => Some(true),
            _ => None,
        };
        Self { on: number >= 3, required }
    }

    /// Whether the account must have two-step sign-in.
    pub fn is_required(self, setting: RequireMfa, is_admin: bool) -> bool {
        self.required.unwrap_or(match setting {
            RequireMfa::None => false,
            RequireMfa::Admins => is_admin,
            RequireMfa::All => true,
        })
    }

    /// Whether the account must have two-step sign-in and does not.
    pub fn is_lacking(self, setting: RequireMfa, is_admin: bool) -> bool {
        !self.on && self.is_required(setting, is_admin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_administrators_word_counts_more_than_the_setting() {
        for setting in [RequireMfa::None, RequireMfa::Admins, RequireMfa::All] {
            for is_admin in [false, true] {
                let required = |required| TwoStep { on: false, required }.is_required(setting, is_admin);
                assert!(required(Some(true)) && !required(Some(false)));
                let expected = setting == RequireMfa::All || (setting == RequireMfa::Admins && is_admin);
                assert_eq!(required(None), expected, "{setting:?} {is_admin}");
            }
        }
        assert!(!TwoStep { on: true, required: Some(true) }.is_lacking(RequireMfa::All, true));
        let all =
            [(0, false, None), (1, false, Some(false)), (2, false, Some(true)), (3, true, None), (5, true, Some(true))];
        for (number, on, required) in all {
            assert_eq!(TwoStep::of_number(number), TwoStep { on, required });
        }
    }
}
