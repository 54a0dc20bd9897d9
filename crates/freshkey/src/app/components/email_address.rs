//! An email address in a text.

use leptos::prelude::*;

/// The address, or what somebody is called who may have no other name. On a narrow page it goes on in the next line behind
/// its "@" or a dot, and not in the middle of a word.
#[component]
pub fn EmailAddress(
    /// The address.
    #[prop(into)]
    email: String,
) -> impl IntoView {
    view! { <bdi>{breakable(email)}</bdi> }
}

/// A text in which there may be an address. What can be broken is not said at its end: a full stop may follow.
pub(super) fn breakable(mut text: String) -> impl IntoView {
    let mut parts = Vec::new();
    while let Some(at) = text.find(['@', '.']).filter(|at| at + 1 < text.len()) {
        let rest = text.split_off(at + 1);
        parts.push(view! { {text} <wbr /> }.into_any());
        text = rest;
    }
    parts.push(text.into_any());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_breaks_behind_its_signs_and_its_text_stays() {
        for (email, html) in [
            ("ada.king@example.co.uk", "ada.<wbr>king@<wbr>example.<wbr>co.<wbr>uk"),
            ("Ada King", "Ada King"),
            ("<b>@x.example", "&lt;b&gt;@<wbr>x.<wbr>example"),
        ] {
            let rendered = Owner::new().with(|| view! { <EmailAddress email /> }.to_html());
            let text: String = rendered.split("<!>").collect();
            assert_eq!(text, format!("<bdi>{html}</bdi>"));
        }
    }
}
