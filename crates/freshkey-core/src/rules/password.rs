//! The rules for a new password (NIST SP 800-63B-4): long enough, no composition rules, not made from the user's
//! address or name or the site's name, and none of the first guesses of an attacker.

mod guesses;

use super::email::{fold, spellings};
use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use freshkey_types::Strength;
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;
use url::Url;
use zeroize::Zeroizing;

/// The longest password, in characters after NFC.
pub const MAX_CHARS: usize = 1024;

/// Up to this many characters around a word still make it the same word.
const DECORATION: usize = 5;
/// A password that is the only factor should have this many characters (NIST SP 800-63B-4, section 3.1.1.2).
const STRONG_CHARS: usize = 15;
/// Different characters in a strong password: a few repeated ones are long and still easy to guess.
const STRONG_DIFFERENT: usize = 8;

/// Whom and where a password is for: it must not be made from these.
#[derive(Clone, Copy, Debug, Default)]
pub struct PasswordContext<'a> {
    /// The address, as it was typed.
    pub email: Option<&'a str>,
    /// The name.
    pub name: Option<&'a str>,
    /// The public origin.
    pub origin: &'a str,
    /// The site's name.
    pub site: &'a str,
}

/// Returns the bytes of a password to hash. They are normalized to NFC, so that an accent is the same however the
/// keyboard makes it. Otherwise they stay exactly as received (OWASP ASVS 6.2.8), unless the password is much too
/// long. NFC makes one character of at most four, so a password that is cut here is still too long, equals no
/// password that was ever accepted, and costs no more to hash than another.
pub fn normalize(password: &str) -> String {
    password.chars().take(4 * MAX_CHARS + 1).nfc().collect()
}

/// Checks a new password.
///
/// # Errors
/// It is refused, with a sentence for the user who chose it.
pub fn check_new(password: &str, about: &PasswordContext<'_>, min_chars: usize) -> Result<Strength, String> {
    let normalized = normalize(password);
    let chars = normalized.chars().count();
    if chars == 0 {
        return Err("Choose a password.".to_owned());
    }
    if chars < min_chars {
        return Err(format!("Use at least {min_chars} characters. {} more to go.", min_chars - chars));
    }
    if chars > MAX_CHARS {
        return Err(format!("Use at most {MAX_CHARS} characters."));
    }
    let folded = fold(password);
    if let Some(what) = about.finds_in(&folded) {
        return Err(format!("Choose one that isn't made of {what}."));
    }
    if guesses::is_first(&folded) {
        return Err("This password is too common. Try a few unrelated words.".to_owned());
    }
    let different = normalized.chars().collect::<BTreeSet<_>>().len();
    let strong = chars >= STRONG_CHARS && different >= STRONG_DIFFERENT;
    Ok(if strong { Strength::Strong } else { Strength::Good })
}

impl PasswordContext<'_> {
    /// Returns what a password is made of: some of the words, and few other characters.
    fn finds_in(&self, folded: &str) -> Option<&'static str> {
        let words = [
            ("your email address", self.email.map_or_else(Vec::new, address_words)),
            ("your name", self.name.map_or_else(Vec::new, |name| words(&fold(name)))),
            ("the name of this site", self.site_words()),
        ];
        words.into_iter().find(|(_, words)| is_made_of(folded, words)).map(|(what, _)| what)
    }

    fn site_words(&self) -> Vec<String> {
        let host = Url::parse(self.origin).ok().and_then(|origin| origin.host_str().map(str::to_owned));
        let mut words = host.map_or_else(Vec::new, |host| host_words(&host));
        let site = fold(self.site);
        words.extend(self::words(&site));
        words.extend(Some(site).filter(|site| !site.is_empty()));
        words
    }
}

/// Whether little is left of a password without the words. Longer words are removed first, since they may contain
/// shorter ones.
fn is_made_of(folded: &str, words: &[String]) -> bool {
    let mut words: Vec<&String> = words.iter().filter(|word| folded.contains(word.as_str())).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let left = words.iter().fold(folded.to_owned(), |left, word| left.replace(word.as_str(), ""));
    !words.is_empty() && left.chars().count() <= DECORATION
}

/// The address, its two halves and the words in them, for each spelling of its domain.
fn address_words(email: &str) -> Vec<String> {
    let in_one = |key: String| {
        let (local, domain) = key.rsplit_once('@').unwrap_or((&key, ""));
        let whole = [&key, local].into_iter().filter(|part| part.chars().count() >= 3).map(str::to_owned);
        whole.chain(words(local)).chain(host_words(domain)).collect::<Vec<_>>()
    };
    spellings(email.trim()).into_iter().flat_map(in_one).collect()
}

/// The host and its labels, without the last one (such as `com`), which belongs to nobody.
fn host_words(host: &str) -> Vec<String> {
    let labels = host.rsplit_once('.').map_or(host, |(labels, _)| labels);
    let whole = [host, labels].into_iter().filter(|part| part.chars().count() >= 4).map(str::to_owned);
    whole.chain(words(labels)).collect()
}

/// The words of at least four characters, and all words joined.
fn words(text: &str) -> Vec<String> {
    let parts = || text.split(|c: char| !c.is_alphanumeric());
    parts().map(str::to_owned).chain([parts().collect()]).filter(|word: &String| word.chars().count() >= 4).collect()
}

/// The bytes of a random password: 144 bits can't be guessed.
const MADE_UP_BYTES: usize = 18;

/// Returns a random password that nobody knows, or `None` if the system has no randomness.
pub fn made_up() -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new([0; MADE_UP_BYTES]);
    rand::fill(bytes.as_mut()).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes.as_ref()).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SITE: &str = "Freshkey";

    fn check(password: &str) -> Result<(), String> {
        let email = "ada.lovelace@analytical.example.com";
        let about = PasswordContext {
            email: Some(email),
            name: Some("Augusta King"),
            origin: "https://login.babbage.example:8443",
            site: SITE,
        };
        check_new(password, &about, 8).map(drop)
    }

    #[test]
    fn a_long_one_of_many_characters_is_strong() {
        let strength = |password: &str| check_new(password, &PasswordContext::default(), 8);
        for strong in ["a quiet brown horse", "correct horse battery", "kT7#vq!Lw2@xR9z", "plumdriftwagons"] {
            assert_eq!(strength(strong), Ok(Strength::Strong), "{strong}");
        }
        for good in ["xkqzvbnw", "correct horse", "kT7#vq!Lw2@xR9", &"x".repeat(64), &"abcdefg".repeat(9)] {
            assert_eq!(strength(good), Ok(Strength::Good), "{good}");
        }
    }

    #[test]
    fn any_characters_will_do_from_the_minimum_to_the_maximum() {
        for good in ["xkwqzvbn", "correct horse", "ääbäöcöü", "        x", &"ab".repeat(512), &"x".repeat(1024)] {
            assert_eq!(check(good), Ok(()), "{good:?}");
        }
        assert!(check("xkwqzvb").is_err());
        assert!(check(&"ab".repeat(513)).is_err());
    }

    #[test]
    fn length_is_counted_after_nfc() {
        assert!(check(&"e\u{301}".repeat(7)).is_err(), "seven characters, fourteen code points");
        assert_eq!(check(&"e\u{301}x".repeat(512)), Ok(()));
        assert!(check(&"e\u{301}x".repeat(513)).is_err());
        let composed = "\u{1f82}".repeat(MAX_CHARS);
        let decomposed: String = composed.nfd().collect();
        assert_eq!(decomposed.chars().count(), 4 * MAX_CHARS);
        assert_eq!(check(&decomposed), Ok(()));
        assert_eq!(normalize(&decomposed), composed);
    }

    #[test]
    fn the_first_guesses_are_refused() {
        for bad in ["password", "PassWord", "Password123!", "ｐａｓｓｗｏｒｄ", "12345678", "aaaaaaaaaa", "QWERTYUIOP"]
        {
            let sentence = check(bad).expect_err(bad);
            assert!(sentence.contains("too common"), "{sentence}");
        }
    }

    #[test]
    fn what_is_made_of_a_name_is_refused_with_the_reason() {
        for (bad, reason) in [
            ("Ada.Lovelace", "email"),
            ("ada.lovelace1!", "email"),
            ("adalovelace", "email"),
            ("LOVELACE99", "email"),
            ("analytical1", "email"),
            ("ada.lovelace@analytical.example.com", "email"),
            ("augustaking", "your name"),
            ("1Augusta!", "your name"),
            (SITE, "site"),
            (&format!("{}2025!", SITE.to_lowercase()), "site"),
            ("babbage!!", "site"),
            ("login.babbage.example", "site"),
        ] {
            let sentence = check(bad).expect_err(bad);
            assert!(sentence.contains(reason), "{bad}: {sentence}");
        }
        for good in ["lovelace wrote notes", "freshkeys on a ring", "king of the hill"] {
            assert_eq!(check(good), Ok(()));
        }
    }

    #[test]
    fn what_is_made_of_several_words_of_an_address_or_of_another_spelling_is_refused() {
        for (email, bad) in [
            ("lena@münchen.de", "xn--mnchen-3ya"),
            ("lena@münchen.de", "lena@xn--mnchen-3ya.de"),
            ("lena@xn--mnchen-3ya.de", "Lena@München.de"),
            ("lena@xn--mnchen-3ya.de", "münchen12"),
            ("marguerite@gardenia.org", "marguerite gardenia"),
            ("marguerite@gardenia.org", "GardeniaMarguerite1!"),
            ("marguerite@gardenia.org", "margueritemarguerite"),
            ("jo@ex.de", "jo@ex.dejo@ex.de"),
        ] {
            let about = PasswordContext { email: Some(email), ..PasswordContext::default() };
            let sentence = check_new(bad, &about, 8).expect_err(bad);
            assert!(sentence.contains("your email address"), "{bad}: {sentence}");
        }
    }

    proptest! {
        /// A password that is cut is still too long, and is never taken for a shorter one.
        #[test]
        fn what_is_cut_is_too_long_still(unit in "\\PC{1,4}") {
            let long: String = unit.chars().cycle().take(4 * MAX_CHARS + 2).collect();
            prop_assert!(normalize(&long).chars().count() > MAX_CHARS);
            prop_assert!(check(&long).is_err());
        }

        /// There are no composition rules: a generated password of one character class is accepted.
        #[test]
        fn fifteen_lower_case_letters_will_do(seed in prop::array::uniform15(0..26_u8)) {
            let password: String = seed.iter().map(|letter| char::from(b'a' + letter)).collect();
            // A random row or word of this length is too unlikely for any run to see.
            prop_assert_eq!(check(&password), Ok(()));
        }

        /// The decision does not depend on the Unicode form, and nothing panics.
        #[test]
        fn writing_makes_no_difference(text in "\\PC{0,40}") {
            let nfd: String = text.nfd().collect();
            prop_assert_eq!(check(&text), check(&nfd));
        }

        #[test]
        fn a_common_one_is_refused_with_a_few_digits_and_signs(
            word in prop::sample::select(vec!["password", "iloveyou", "football", "princess", "qwertyuiop"]),
            before in "[0-9!?.]{0,2}",
            after in "[0-9!?.]{0,3}",
            upper in any::<bool>(),
        ) {
            let word = if upper { word.to_uppercase() } else { word.to_owned() };
            let decorated = format!("{before}{word}{after}");
            prop_assert!(check(&decorated).is_err(), "{}", decorated);
        }
    }
}
