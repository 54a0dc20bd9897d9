//! The avatar of a user: two letters.

use super::fixed;
use crate::app::types::UserView;
use leptos::prelude::*;

/// The initials of the user's name, or the first letter of the address. The style sheet makes them upper case, so
/// that the client needs no table of letters. The text beside it says who the user is.
#[component]
pub fn Avatar(
    /// The user.
    user: UserView,
) -> impl IntoView {
    let UserView { name, email, .. } = user;
    view! { <span class="avatar" {..fixed([("aria-hidden", "true")])}>{initials(name.as_deref(), &email)}</span> }
}

fn initials(name: Option<&str>, email: &str) -> String {
    let mut words = name.unwrap_or(email).split_whitespace();
    let letters = [words.next(), words.next_back()].into_iter().flatten().filter_map(|word| word.chars().next());
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_two_letters_and_an_address_one() {
        for (name, letters) in [(Some("Ada King Lovelace"), "AL"), (Some("ada"), "a"), (None, "z")] {
            assert_eq!(initials(name, "zoe@example.com"), letters);
        }
    }
}
