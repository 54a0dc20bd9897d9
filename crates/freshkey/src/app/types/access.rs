//! Who may call.

/// Who may call, as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// See [`Public`](crate::app::api::protocol::Public).
    Public,
    /// See [`SignIn`](crate::app::api::protocol::SignIn).
    SignIn,
    /// See [`SignOut`](crate::app::api::protocol::SignOut).
    SignOut,
    /// See [`Refresh`](crate::app::api::protocol::Refresh).
    Refresh,
    /// See [`Bearer`](crate::app::api::protocol::Bearer).
    Bearer,
    /// See [`StepUp`](crate::app::api::protocol::StepUp).
    StepUp,
    /// See [`Enrol`](crate::app::api::protocol::Enrol).
    Enrol,
}
