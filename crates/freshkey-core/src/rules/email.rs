//! An email address, checked no further than is useful: the mail that arrives is the proof.

use crate::rules::visible;
use icu_casemap::CaseMapper;
use idna::{
    AsciiDenyList,
    uts46::{DnsLength, Hyphens, Uts46},
};
use unicode_normalization::UnicodeNormalization;

/// RFC 5321, section 4.5.3.1: a path is at most 256 octets with its brackets.
const MAX_BYTES: usize = 254;
/// Signs that separate or quote addresses in a list: part of none here.
const SEPARATORS: [char; 6] = ['<', '>', ',', ';', '"', '\\'];
/// The version of the rules by which keys are made; with other rules, it is the next number.
pub const KEY_VERSION: i64 = 1;
/// Begins the key of an account from before whose address is none by today's rules, or is another's.
/// No address does.
const KEPT: &str = "\u{1}";

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
        // What looks like a space or an `@` is none that people type: `¨`, `＠`.
        if !is_part(&fold(local)) || !is_part(&domain) {
            return Err(NONE);
        }
        if typed.len() > MAX_BYTES {
            return Err("This address is too long.");
        }
        Ok(Self { typed: typed.to_owned(), key: format!("{}@{domain}", local_key(local)) })
    }

    /// As it was typed: what people are shown.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// What is compared: the same for every way to write the address. Its domain is in ASCII.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// The keys by which the account with the address in `text` may be found, the first before the
/// second: the one that an account from before was left with, and today's.
pub fn keys(text: &str) -> [String; 2] {
    // No account has a NUL in its address, and Postgres takes none in a text.
    let kept = kept_key(&fold_before(text.trim()).replace('\0', "\u{fffd}"));
    let key = Email::parse(text).map_or_else(|_| kept.clone(), |email| email.key);
    [kept, key]
}

/// A key without the tag of its local part: `ada+shop@…` is in the mailbox of `ada@…`.
pub fn without_tag(key: &str) -> String {
    let Some((local, domain)) = key.rsplit_once('@') else { return key.to_owned() };
    let mailbox = local.split_once('+').map_or(local, |(mailbox, _)| mailbox);
    if mailbox.is_empty() { key.to_owned() } else { format!("{mailbox}@{domain}") }
}

/// The key of an account that can't have today's: made of the one that it had.
pub fn kept_key(before: &str) -> String {
    if before.starts_with(KEPT) { before.to_owned() } else { format!("{KEPT}{before}") }
}

/// The domain, by UTS 46 without the transitional mappings, in ASCII: `münchen.de` and its punycode
/// are one.
fn domain_key(domain: &str) -> Option<String> {
    // Not more than a domain has in practice: what else is wrong, the mail server will say.
    let ascii =
        Uts46::new().to_ascii(domain.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Verify).ok()?;
    Some(ascii.into_owned())
}

/// The local part by full case folding (`ß` is `ss`, the two small sigmas are one, `ı` is no `i`). An accent
/// is one however it was typed (Unicode, D145); characters that only look alike are not: `²` is no `2`.
fn local_key(local: &str) -> String {
    CaseMapper::new().fold_string(&local.nfd().collect::<String>()).nfc().collect()
}

/// The address as it was typed and with its domain in ASCII and in Unicode, folded as passwords are.
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

/// What may be part of a key, if `text` is part of an address.
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

/// Full case folding in which also characters that look alike are one (NFKC): for judging what somebody
/// typed, not for telling accounts apart. Twice: normalising can make letters that fold once more.
pub(crate) fn fold(text: &str) -> String {
    let once = |text: &str| CaseMapper::new().fold_string(&text.nfkc().collect::<String>()).nfkc().collect::<String>();
    once(&once(text))
}

/// How addresses were folded by the rules before version 1.
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
