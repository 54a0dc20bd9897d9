use super::*;
use proptest::prelude::*;

fn plainly(password: &str) -> Strength {
    judge(password, 8, &["ada.lovelace@analytical.example".to_owned(), "Augusta King".to_owned()])
}

#[test]
fn it_is_said_in_words() {
    for (password, words) in [
        ("", "Too short: 8 characters more"),
        ("xkqzv", "Too short: 3 characters more"),
        ("xkqzvwj", "Too short: 1 character more"),
        ("elephant", "Easy to guess"),
        ("P@ssw0rd1!", "Easy to guess"),
        ("Summer2024!!", "Easy to guess"),
        ("1q2w3e4r5t6y", "Easy to guess"),
        ("abcabcabcabcabc", "Easy to guess"),
        ("1234567890123456", "Easy to guess"),
        ("19871224", "Easy to guess"),
        ("lovelace123", "Easy to guess"),
        ("Augusta.King!", "Easy to guess"),
        ("xK9v-Qm2", "Good"),
        ("correct horse battery", "Good"),
        ("a quiet brown horse", "Strong"),
        ("kT7#vq!Lw2@xR9z", "Strong"),
    ] {
        assert_eq!(plainly(password).to_string(), words, "{password}");
    }
}

#[test]
fn an_accent_counts_with_its_letter() {
    assert_eq!(plainly(&"e\u{301}".repeat(7)), Strength::TooShort(1));
}

/// The page and the server may differ, but hardly ever does the page praise what the server refuses.
#[test]
fn what_the_server_refuses_is_rarely_called_good() {
    let list = include_str!("../../../../freshkey-core/src/rules/password/common.txt");
    let judged: Vec<_> =
        list.lines().map(plainly).filter(|strength| !matches!(strength, Strength::TooShort(_))).collect();
    let share = |of: &[Strength]| judged.iter().filter(|strength| of.contains(strength)).count() * 1000 / judged.len();
    assert!(judged.len() > 20_000);
    assert!(share(&[Strength::Good, Strength::Strong]) < 50, "less than one in twenty");
    assert!(share(&[Strength::Strong]) < 2, "less than one in five hundred");
}

proptest! {
    #[test]
    fn any_text_is_judged_and_too_short_is_exact(text in "\\PC{0,40}", min in 8..16_usize) {
        let chars = fold(&text).len();
        match judge(&text, min, &[]) {
            Strength::TooShort(missing) => prop_assert_eq!(chars + missing, min),
            _ => prop_assert!(chars >= min),
        }
    }

    #[test]
    fn upper_case_changes_nothing(text in "[a-zA-Z0-9 !@-]{8,30}") {
        prop_assert_eq!(plainly(&text), plainly(&text.to_lowercase()));
    }

    #[test]
    fn one_character_is_easy_however_often(c in "[a-z0-9!?]", count in 8..200_usize) {
        prop_assert_eq!(plainly(&c.repeat(count)), Strength::Easy);
    }

    #[test]
    fn a_first_word_is_easy_with_a_few_signs_around_it(
        word in prop::sample::select(FIRST_WORDS.to_vec()),
        before in "[0-9]{0,2}",
        after in "[0-9]{2,3}!?",
    ) {
        let decorated = format!("{before}{word}{after}");
        prop_assert!(matches!(plainly(&decorated), Strength::Easy | Strength::TooShort(_)), "{}", decorated);
    }

    #[test]
    fn a_piece_of_what_is_known_is_easy(digits in "[0-9]{0,3}") {
        prop_assert_eq!(plainly(&format!("Lovelace{digits}")), Strength::Easy);
        prop_assert_eq!(plainly(&format!("analytical{digits}")), Strength::Easy);
    }

    #[test]
    fn five_words_are_strong(words in prop::array::uniform5("[bdfgk][aou][lmnr][eio][tsk]")) {
        prop_assume!(words.iter().collect::<std::collections::HashSet<_>>().len() == 5);
        prop_assert_eq!(plainly(&words.join(" ")), Strength::Strong);
    }
}
