//! Something that is done again and again while a component is on the page.

use leptos::{leptos_dom::helpers::set_interval_with_handle, prelude::*};
use std::{rc::Rc, time::Duration};

/// Calls `act` once per `interval`, in the browser, for as long as the component is on the page.
pub fn every(interval: Duration, act: impl Fn() + 'static) {
    start(interval, Rc::new(act));
}

/// Compiled once, whatever is done.
fn start(interval: Duration, act: Rc<dyn Fn()>) {
    Effect::new(move |_| {
        let act = Rc::clone(&act);
        let timer = set_interval_with_handle(move || act(), interval).ok();
        on_cleanup(move || timer.into_iter().for_each(|timer| timer.clear()));
    });
}
