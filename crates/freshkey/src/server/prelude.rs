//! Everything that the bodies of calls need, in one line: `use freshkey::server::prelude::*;`.

pub use super::{
    after::HookError,
    limits::LimitedAction,
    mail::{Content, Language, NewEmail, OutboxEmail},
    openapi::{Operation, call},
    registration::{Registration, Wrong},
    request::{caller, caller_as, is_form, now, send_email, set_status, settings, store},
    store::{Store, StoreError, activity::Event},
};
pub use crate::app::types::{Millis, Seconds};
