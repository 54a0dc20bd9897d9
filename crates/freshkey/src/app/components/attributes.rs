//! Attributes of one type. Each attribute that a view itself names is of another, and adds a third of a kilobyte to
//! what everybody loads: right in a page whose code has a file of its own, too much in what is on every page.

use leptos::{
    attr::{
        AttributeValue,
        any_attribute::{AnyAttribute, IntoAnyAttribute},
        custom::custom_attribute,
    },
    tachys::reactive_graph::SharedReactiveFunction,
};
use std::sync::{Arc, Mutex};

/// Attributes whose values stay, to spread over an element: `<input {..fixed([("name", "email")])} />`.
pub(in crate::app) fn fixed<V: AttributeValue>(
    attributes: impl IntoIterator<Item = (&'static str, V)>,
) -> Vec<AnyAttribute> {
    attributes.into_iter().map(|(name, value)| custom_attribute(name, value).into_any_attr()).collect()
}

/// One attribute whose value changes, to spread over an element. Without a value it is not there.
pub(in crate::app) fn changing(
    name: &'static str,
    value: impl Fn() -> Option<&'static str> + Send + 'static,
) -> AnyAttribute {
    let value: SharedReactiveFunction<Option<&'static str>> = Arc::new(Mutex::new(value));
    custom_attribute(name, value).into_any_attr()
}
