//! Single flight: however many ask while it is under way, it happens once, and all get the same.

use futures::{
    FutureExt,
    future::{LocalBoxFuture, Shared},
};
use std::{cell::RefCell, future::Future, rc::Rc};
use wasm_bindgen_futures::spawn_local;

/// A share in what is under way.
pub type Joined<T> = Shared<LocalBoxFuture<'static, T>>;

/// Something that is under way once at the most.
pub struct Flight<T: Clone + 'static>(Rc<RefCell<Option<Joined<T>>>>);

impl<T: Clone + 'static> Flight<T> {
    /// Nothing is under way.
    pub fn new() -> Self {
        Self(Rc::default())
    }

    /// What is under way.
    pub fn under_way(&self) -> Option<Joined<T>> {
        self.0.borrow().clone()
    }

    /// Joins what is under way, or begins it.
    ///
    /// A task of its own drives it: a caller that goes away, with its page, cancels nothing for
    /// the others. (The last clone of a `Shared` takes the future down with it; a refresh that is
    /// aborted there loses its answer.)
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
