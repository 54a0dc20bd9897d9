//! An email address, checked no more than is useful: the proof is that mail arrives.

use crate::rules::visible;
use icu_casemap::CaseMapper;
use idna::{
    AsciiDenyList,
    uts46::{DnsLength, Hyphens, Uts46},
};
use unicode_normalization::UnicodeNormalization;

/// RFC 5321, section 4.5.3.1: a path is at most 256 octets with its brackets.
const MAX_BYTES: usize = 254;
/// Characters that separate or quote addresses in a list. No address here may contain them.
const SEPARATORS: [char; 6] = ['<', '>', ',', ';', '"', '\\'];
/// The version of the rules that make keys. Increase it when the rules change.
pub const KEY_VERSION: i64 = 1;
/// The prefix of the key of an old account whose address is invalid by today's rules or belongs to another account.
/// No address begins with it.
const KEPT: &str = "\u{1}";

/// An address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    typed: String,
    key: String,
}

impl Email {
    /// Parses an address, ignoring spaces around it.
    ///
    /// # Errors
    /// A sentence for the person who typed it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const NONE: &str = "This is not an email address.";
        let typed = text.trim();
        if typed.is_empty() {
            return Err("Enter your email address.");
        }
        if typed.contains(visible::is_hidden) {
            return Err("This address has an invisible character in it. Type it again.");
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(NONE)?;
        let domain = domain_key(domain).ok_or(NONE)?;
        let is_part = |part: &str| {
            let strange = |c: char| c.is_whitespace() || c == '@' || visible::is_hidden(c) || SEPARATORS.contains(&c);
            !part.is_empty() && !part.contains(strange)
        };
        // Folding turns a look-alike such as `¨` or `＠` into a space or an `@`. Nobody types those in an address.
        if !is_part(&fold(local)) || !is_part(&domain) {
            return Err(NONE);
        }
        if typed.len() > MAX_BYTES {
            return Err("This address is too long.");
        }
        Ok(Self { typed: typed.to_owned(), key: format!("{}@{domain}", local_key(local)) })
    }

    /// The address as it was typed, to be shown to people.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// The key to compare addresses by: the same for every way to write the address. Its domain is in ASCII.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// Returns the keys by which to find the account with the address in `text`, in this order: the key that an old
/// account was left with, and today's key.
pub fn keys(text: &str) -> [String; 2] {
    // No account has a NUL in its address, and Postgres does not accept one in a text.
    let kept = kept_key(&fold_before(text.trim()).replace('\0', "\u{fffd}"));
    let key = Email::parse(text).map_or_else(|_| kept.clone(), |email| email.key);
    [kept, key]
}

/// Removes the tag from a key's local part: `ada+shop@…` is the mailbox of `ada@…`.
pub fn without_tag(key: &str) -> String {
    let Some((local, domain)) = key.rsplit_once('@') else { return key.to_owned() };
    let mailbox = local.split_once('+').map_or(local, |(mailbox, _)| mailbox);
    if mailbox.is_empty() { key.to_owned() } else { format!("{mailbox}@{domain}") }
}

/// Makes the key of an account that can't have today's key from the key that it had.
pub fn kept_key(before: &str) -> String {
    if before.starts_with(KEPT) { before.to_owned() } else { format!("{KEPT}{before}") }
}

/// Returns the domain in ASCII, by UTS 46 without the transitional mappings: `münchen.de` and its punycode are the
/// same.
fn domain_key(domain: &str) -> Option<String> {
    // Limits the length to what domains have in practice. The mail server reports anything else that is wrong.
    let ascii =
        Uts46::new().to_ascii(domain.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Verify).ok()?;
    Some(ascii.into_owned())
}

/// Folds the local part by full case folding (`ß` is `ss`, the two small sigmas are the same, `ı` is not `i`). An
/// accent is the same however it was typed (Unicode, D145). Characters that only look alike stay different: `²` is
/// not `2`.
fn local_key(local: &str) -> String {
    CaseMapper::new().fold_string(&local.nfd().collect::<String>()).nfc().collect()
}

/// Returns the address as it was typed, with its domain in ASCII and with its domain in Unicode, folded like
/// passwords.
pub(crate) fn spellings(text: &str) -> Vec<String> {
    let mut spellings = vec![fold(text)];
    if let Some((local, domain)) = text.rsplit_once('@') {
        let (unicode, _) = Uts46::new().to_unicode(domain.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow);
        let domains = domain_key(domain).into_iter().chain([unicode.into_owned()]);
        spellings.extend(domains.map(|domain| fold(&format!("{local}@{domain}"))));
    }
    spellings.sort_unstable();
    spellings.dedup();
    spellings
}

/// Returns what a key may contain if `text` is part of an address.
pub fn search_keys(text: &str) -> [String; 2] {
    let in_ascii = |domain: &str| domain_key(domain).unwrap_or_else(|| fold(domain));
    match text.rsplit_once('@') {
        Some((local, domain)) => {
            let local = local_key(local);
            [format!("{local}@{}", fold(domain)), format!("{local}@{}", in_ascii(domain))]
        }
        None => [local_key(text), in_ascii(text)],
    }
}

/// Full case folding that also unifies characters that look alike (NFKC). It is for judging what somebody typed, not
/// for telling accounts apart. It folds twice, because normalising can produce letters that fold again.
pub(crate) fn fold(text: &str) -> String {
    let once = |text: &str| CaseMapper::new().fold_string(&text.nfkc().collect::<String>()).nfkc().collect::<String>();
    once(&once(text))
}

/// Folds an address by the rules before version 1.
fn fold_before(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase().to_uppercase().to_lowercase().nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(text: &str) -> String {
        Email::parse(text).unwrap_or_else(|sentence| panic!("{text:?}: {sentence}")).key
    }

    #[test]
    fn an_address_is_compared_trimmed_and_folded_and_shown_as_typed() {
        let email = Email::parse("  Ada.Lovelace@Example.COM ").expect("an address");
        assert_eq!(email.as_typed(), "Ada.Lovelace@Example.COM");
        assert_eq!(email.key(), "ada.lovelace@example.com");
        for other in ["STRASSE@x.de", "STRAẞE@x.de", "ſtraſse@x.de"] {
            assert_eq!(key(other), key("straße@x.de"), "{other}");
        }
        assert_eq!(key("ΟΔΟΣ@x.gr"), key("οδος@x.gr"), "the two small sigmas");
        assert_ne!(key("ıda@x.de"), key("ida@x.de"), "a letter of its own");
        assert_ne!(key("İda@x.de"), key("ida@x.de"));
        assert_eq!(key("jose\u{301}@x.de"), key("JOSÉ@x.de"), "an accent is one");
        assert_ne!(key("a²@x.de"), key("a2@x.de"), "looking alike is not enough");
        assert_ne!(key("ａb@x.de"), key("ab@x.de"));
    }

    #[test]
    fn a_domain_is_compared_in_ascii_whatever_it_was_written_in() {
        for other in ["lena@xn--mnchen-3ya.de", "lena@MÜNCHEN.de", "lena@mu\u{308}nchen。de", "lena@XN--MNCHEN-3YA.DE"]
        {
            assert_eq!(key(other), key("lena@münchen.de"), "{other}");
        }
        assert_ne!(key("lena@straße.de"), key("lena@strasse.de"), "not transitional");
        assert_eq!(key("lena@my_host"), "lena@my_host");
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
            "a@b.",
            "a@b c",
            "a@b\r\nBcc: x",
            "<a@b.c>",
            "¨@b.c",
            "a＠x@b.c",
            "a@xn--zzzzzzzz.de",
            &format!("a@{}.de", "x".repeat(64)),
            &format!("{}@example.com", "a".repeat(250)),
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_nobody_sees_is_refused_with_a_sentence() {
        for hidden in
            ['\u{202a}', '\u{200b}', '\u{feff}', '\u{ad}', '\u{2066}', '\u{61c}', '\u{3164}', '\u{fe0f}', '\0']
        {
            for bad in [
                format!("{hidden}ada@example.com"),
                format!("a{hidden}da@example.com"),
                format!("ada@exa{hidden}mple.com"),
            ] {
                let sentence = Email::parse(&bad).expect_err("it is refused");
                assert!(sentence.contains("invisible"), "{bad:?}: {sentence}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(text in "\\PC{1,20}@\\PC{1,20}") {
            if let Ok(email) = Email::parse(&text) {
                let again = Email::parse(email.key()).map(|again| again.key);
                prop_assert!(again.is_err() || again.as_deref() == Ok(email.key()));
            }
        }

        #[test]
        fn no_address_has_the_key_of_an_account_that_was_kept(text in "\\PC{0,20}(@\\PC{1,20})?") {
            let [kept, key] = keys(&text);
            prop_assert!(kept.starts_with(KEPT));
            prop_assert!(Email::parse(&text).is_err() || !key.starts_with(KEPT));
        }
    }
}
