//! Single flight: any number of callers ask for the same work, it runs once, and all get its result.

use futures::{
    FutureExt,
    future::{LocalBoxFuture, Shared},
};
use std::{cell::RefCell, future::Future, rc::Rc};
use wasm_bindgen_futures::spawn_local;

/// One caller's share of the running work.
pub type Joined<T> = Shared<LocalBoxFuture<'static, T>>;

/// Work that runs at most once at a time.
pub struct Flight<T: Clone + 'static>(Rc<RefCell<Option<Joined<T>>>>);

impl<T: Clone + 'static> Flight<T> {
    /// Creates one with no work running.
    pub fn new() -> Self {
        Self(Rc::default())
    }

    /// Returns the running work, if any.
    pub fn under_way(&self) -> Option<Joined<T>> {
        self.0.borrow().clone()
    }

    /// Joins the running work, or starts it.
    ///
    /// A separate task drives it, so a caller that goes away with its page cancels nothing for the others. (Dropping
    /// the last clone of a `Shared` drops the future; a refresh aborted like that would lose its answer.)
    pub fn join<F: Future<Output = T> + 'static>(&self, begin: impl FnOnce() -> F) -> Joined<T> {
        if let Some(under_way) = self.under_way() {
            return under_way;
        }
        let (slot, work) = (Rc::clone(&self.0), begin());
        let landing = async move {
            let result = work.await;
            slot.take();
            result
        };
        let flight = landing.boxed_local().shared();
        self.0.replace(Some(flight.clone()));
        spawn_local(flight.clone().map(drop));
        flight
    }
}

impl<T: Clone + 'static> Default for Flight<T> {
    fn default() -> Self {
        Self::new()
    }
}
