//! The settings that are not the library's.

use std::{any::Any, sync::Arc};

/// The settings of the app: one value of each type.
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
