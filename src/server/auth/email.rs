//! An email address, checked no further than is useful: the mail that arrives is the proof.

use unicode_normalization::UnicodeNormalization;

/// RFC 5321, section 4.5.3.1: a path is at most 256 octets with its brackets.
const MAX_BYTES: usize = 254;

/// An address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    typed: String,
    key: String,
}

impl Email {
    /// The address in `text`, trimmed.
    ///
    /// # Errors
    /// The sentence for the person who typed it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let typed = text.trim();
        if typed.is_empty() {
            return Err("Enter your email address.");
        }
        // What is compared has to be an address itself: folding makes a space of `¨`, and `@` of `＠`.
        let key = fold(typed);
        let well_formed = key.rsplit_once('@').is_some_and(|(local, domain)| {
            let clean = |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control());
            clean(local)
                && clean(domain)
                && !domain.starts_with('.')
                && !domain.ends_with('.')
                && !domain.contains("..")
        });
        if !well_formed || key.contains(['<', '>', ',', ';', '"', '\\']) || key.matches('@').count() != 1 {
            return Err("This is not an email address.");
        }
        if typed.len() > MAX_BYTES {
            return Err("This address is too long.");
        }
        Ok(Self { typed: typed.to_owned(), key })
    }

    /// As it was typed: what people are shown.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// What is compared: the same for every way to write the address.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// Case folding by way of upper case, so that `ß` and `SS`, or the two small sigmas, are one, and of
/// lower case before it, for `ẞ`; normalised, so that an accent is one however it was typed.
pub(crate) fn fold(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase().to_uppercase().to_lowercase().nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_is_compared_trimmed_and_folded_and_shown_as_typed() {
        let email = Email::parse("  Ada.Lovelace@Example.COM ").expect("an address");
        assert_eq!(email.as_typed(), "Ada.Lovelace@Example.COM");
        assert_eq!(email.key(), "ada.lovelace@example.com");
        for other in ["STRASSE@x.de", "STRAẞE@x.de", "ſtraſse@x.de"] {
            assert_eq!(Email::parse(other).map(|e| e.key), Email::parse("straße@x.de").map(|e| e.key), "{other}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in [
            "",
            " ",
            "a",
            "@",
            "a@",
            "@b",
            "a@b@c",
            "a b@c.d",
            "a@b..c",
            "a@.b",
            "a@b\r\nBcc: x",
            "<a@b.c>",
            "¨@b.c",
            "a＠x@b.c",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Email::parse(&format!("{}@example.com", "a".repeat(250))).is_err());
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(text in "\\PC{1,20}@\\PC{1,20}") {
            if let Ok(email) = Email::parse(&text) {
                let again = Email::parse(email.key()).map(|again| again.key);
                prop_assert!(again.is_err() || again.as_deref() == Ok(email.key()));
            }
        }
    }
}
