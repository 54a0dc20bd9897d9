//! The settings that are not the library's.

use super::{
    SettingError,
    check::{self, Check, not_empty},
};
use std::{any::Any, sync::Arc};

/// The settings of the app, and of the parts mounted in it: one value of each type.
#[derive(Clone, Default)]
pub struct AppSettings(Vec<Arc<dyn Any + Send + Sync>>);

impl AppSettings {
    /// Adds the settings of one type.
    pub fn insert<S: Send + Sync + 'static>(&mut self, settings: S) {
        self.0.push(Arc::new(settings));
    }

    /// Returns the settings of this type, if there are any.
    pub fn get<S: Send + Sync + 'static>(&self) -> Option<Arc<S>> {
        self.0.iter().find_map(|settings| Arc::clone(settings).downcast().ok())
    }
}

/// Parses a setting that turns something on or off; `None` if it is not set.
///
/// # Errors
/// It is neither `on` nor `off`.
pub fn parse_switch(variable: &'static str, text: Option<&str>) -> Result<Option<bool>, SettingError> {
    let Some(text) = not_empty(text.map(str::to_owned)) else { return Ok(None) };
    let mut check = Check::default();
    let switch = check.parse(variable, &text, "on or off", check::on_or_off);
    check.errors.pop().map_or(Ok(switch), Err)
}
