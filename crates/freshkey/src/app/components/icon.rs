//! Icons in the colour of the text. The text beside an icon says the same in words.

use crate::app::{device::Kind, types::AuditEvent};
use leptos::{prelude::*, tachys::html::InertElement};

/// The icons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A laptop.
    Computer,
    /// A phone.
    Phone,
    /// A tablet.
    Tablet,
    /// A terminal.
    Program,
    /// An arrow into a room.
    Enter,
    /// An arrow out of a room.
    Leave,
    /// A bar across a circle.
    Refused,
    /// A sheet and its copy.
    Copied,
    /// A turn that comes round again.
    Again,
    /// A key.
    Key,
    /// An eye.
    Eye,
    /// A shield.
    Shield,
    /// A head and shoulders.
    Person,
    /// Four panes.
    Panes,
    /// Two people.
    People,
    /// A sheet of paper.
    Sheet,
    /// The sun.
    Sun,
    /// The moon.
    Moon,
    /// An envelope.
    Letter,
}

impl Shape {
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Computer => "M5 5.5h14v10H5zM2.5 18.5h19",
            Self::Phone => "M7.5 3h9v18h-9zM11 18h2",
            Self::Tablet => "M5.5 3.5h13v17h-13zM11 17.5h2",
            Self::Program => "M3.5 5h17v14h-17zM7 9l3 3-3 3M12.5 15h4",
            Self::Enter => "M13 4h6.5v16H13M4 12h11M11 8l4 4-4 4",
            Self::Leave => "M11 4H4.5v16H11M9 12h11M16 8l4 4-4 4",
            Self::Refused => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM6 6l12 12",
            Self::Copied => "M8.5 8.5h11.5v11.5h-11.5zM15.5 8.5v-4.5h-11.5v11.5h4.5",
            Self::Again => "M19.5 12a7.5 7.5 0 1 1-2.2-5.3M19.5 3.5v4h-4",
            Self::Key => "M8 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM11.5 12H21M17.5 12v3.5",
            Self::Eye => "M2.5 12c4.5-8 14.5-8 19 0-4.5 8-14.5 8-19 0zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
            Self::Shield => "M12 3l7 2.5v6c0 4.5-3 7.5-7 9.5-4-2-7-5-7-9.5v-6z",
            Self::Person => "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20.5c0-3 3.3-5 7.5-5s7.5 2 7.5 5",
            Self::Panes => "M4 4h7v7H4zM13.5 4h6.5v4h-6.5zM13.5 11h6.5v9h-6.5zM4 14h7v6H4z",
            Self::Sheet => "M6 3h8.5l4 4v14H6zM14.5 3v4h4M9 12h6.5M9 16h6.5",
            Self::Sun => {
                "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4"
            }
            Self::Moon => "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
            Self::Letter => "M3 5.5h18v13H3zM3.5 6.5L12 13l8.5-6.5",
            Self::People => {
                "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 19.5c0-5 13-5 13 0M15.5 5.3a3.5 3.5 0 0 1 0 6.4M18 14.5c2 .8 3.5 2.3 3.5 5"
            }
        }
    }

    /// Returns the icon as HTML.
    pub(super) fn svg(self) -> String {
        let class = if self.points() { "icon icon-points" } else { "icon" };
        format!(
            r#"<svg class="{class}" viewBox="0 0 24 24" aria-hidden="true"><path d="{}"></path></svg>"#,
            self.path()
        )
    }

    /// Whether it points in a direction, and is mirrored in right-to-left text.
    const fn points(self) -> bool {
        matches!(self, Self::Enter | Self::Leave)
    }
}

impl From<Kind> for Shape {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Computer => Self::Computer,
            Kind::Phone => Self::Phone,
            Kind::Tablet => Self::Tablet,
            Kind::Program => Self::Program,
        }
    }
}

impl From<AuditEvent> for Shape {
    fn from(event: AuditEvent) -> Self {
        match event {
            AuditEvent::Registered
            | AuditEvent::SignedIn
            | AuditEvent::AccountEnabledByAdmin
            | AuditEvent::DeletionUndone => Self::Enter,
            AuditEvent::SessionEndedByAdmin | AuditEvent::SessionsEndedByAdmin => Self::Leave,
            AuditEvent::PasswordChanged
            | AuditEvent::PasswordReset
            | AuditEvent::SteppedUp
            | AuditEvent::EmailProven
            | AuditEvent::EmailChanged
            | AuditEvent::EmailChangeUndone
            | AuditEvent::PasswordResetAsked
            | AuditEvent::ResetStartedByAdmin
            | AuditEvent::SignInCodeSent
            | AuditEvent::PasskeyAdded
            | AuditEvent::PasskeyRemoved
            | AuditEvent::TotpAdded
            | AuditEvent::TotpRemoved
            | AuditEvent::RecoveryCodesMade
            | AuditEvent::RecoveryCodeUsed
            | AuditEvent::DataExported => Self::Key,
            AuditEvent::SignInRefused
            | AuditEvent::PasswordChangeRefused
            | AuditEvent::StepUpRefused
            | AuditEvent::SecondFactorRefused
            | AuditEvent::PasskeyRefused
            | AuditEvent::AccountDisabledByAdmin
            | AuditEvent::DeletionAsked => Self::Refused,
            AuditEvent::LostAnswerRecovered | AuditEvent::Other => Self::Again,
            AuditEvent::RefreshTokenReplayed => Self::Copied,
            AuditEvent::TwoStepOn
            | AuditEvent::TwoStepOff
            | AuditEvent::DeviceTrusted
            | AuditEvent::DevicesForgotten
            | AuditEvent::FactorsRemovedByAdmin
            | AuditEvent::TwoStepRequiredByAdmin
            | AuditEvent::AlarmAnswered
            | AuditEvent::AccountSecured => Self::Shield,
        }
    }
}

/// The icon.
#[component]
pub fn Icon(
    /// Which icon.
    #[prop(into)]
    shape: Shape,
) -> impl IntoView {
    InertElement::new(shape.svg())
}
