//! Attributes that share one type. Each attribute that a view names itself has its own type, and adds a third of a
//! kilobyte to the code that every user downloads. That is fine on a page whose code has a file of its own, but too
//! much for what is on every page.

use leptos::{
    attr::{
        AttributeValue,
        any_attribute::{AnyAttribute, IntoAnyAttribute},
        custom::custom_attribute,
    },
    tachys::reactive_graph::SharedReactiveFunction,
};
use std::sync::{Arc, Mutex};

/// Attributes with fixed values, to spread over an element: `<input {..fixed([("name", "email")])} />`.
pub(in crate::app) fn fixed<V: AttributeValue>(
    attributes: impl IntoIterator<Item = (&'static str, V)>,
) -> Vec<AnyAttribute> {
    attributes.into_iter().map(|(name, value)| custom_attribute(name, value).into_any_attr()).collect()
}

/// An attribute whose value changes, to spread over an element. It is absent while it has no value.
pub(in crate::app) fn changing(
    name: &'static str,
    value: impl Fn() -> Option<&'static str> + Send + 'static,
) -> AnyAttribute {
    let value: SharedReactiveFunction<Option<&'static str>> = Arc::new(Mutex::new(value));
    custom_attribute(name, value).into_any_attr()
}
