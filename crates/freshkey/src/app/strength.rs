//! How hard a new password is to guess, said in words while it is typed. Advice, and nothing
//! depends on it: what is accepted is the server's decision, by a list that is too long for a page.
//!
//! An estimate errs on the careful side. A run of up to eight letters counts as one word, since
//! whether it is one only a dictionary knows.

use std::fmt;

/// What a guesser tries before anything else, besides what is on the server's list.
const FIRST_WORDS: [&str; 18] = [
    "password", "passwort", "letmein", "welcome", "iloveyou", "admin", "login", "dragon", "monkey", "football",
    "baseball", "princess", "sunshine", "master", "shadow", "superman", "secret", "freshkey",
];
/// Keys that lie side by side.
const KEY_ROWS: [&str; 6] = ["1234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm"];

// Tenths of a bit: how many guesses a part of a password is worth.
const GOOD: u32 = 280;
const STRONG: u32 = 450;
const A_KNOWN_WORD: u32 = 60;
const A_PATTERN: u32 = 50;
const A_LETTER: u32 = 47;
const A_WORD: u32 = 140;
const A_LETTER_MORE: u32 = 25;
const A_DIGIT: u32 = 33;
const A_DATE: u32 = 200;
const A_YEAR: u32 = 60;
const A_SIGN: u32 = 50;
const A_SPACE: u32 = 10;

/// What is said of a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// So many characters more are needed.
    TooShort(usize),
    /// Made of what is tried first.
    Easy,
    /// Takes a guesser long.
    Good,
    /// Takes a guesser longer than it is worth.
    Strong,
}

impl Strength {
    /// The name that style sheets know it by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooShort(_) => "short",
            Self::Easy => "easy",
            Self::Good => "good",
            Self::Strong => "strong",
        }
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort(1) => f.write_str("Too short: 1 character more"),
            Self::TooShort(missing) => write!(f, "Too short: {missing} characters more"),
            Self::Easy => f.write_str("Easy to guess"),
            Self::Good => f.write_str("Good"),
            Self::Strong => f.write_str("Strong"),
        }
    }
}

/// Judges a new password that must have `min` characters, by somebody of whom `about` is known:
/// an address, a name.
pub fn judge(password: &str, min: usize, about: &[String]) -> Strength {
    let chars = fold(password);
    if chars.len() < min {
        return Strength::TooShort(min - chars.len());
    }
    match Guesser::new(about).tenths_of_bits(&chars) {
        ..GOOD => Strength::Easy,
        GOOD..STRONG => Strength::Good,
        STRONG.. => Strength::Strong,
    }
}

/// In lower case, and an accent that is written apart counts with its letter.
fn fold(text: &str) -> Vec<char> {
    text.chars()
        .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
        .map(|c| c.to_lowercase().next().unwrap_or(c))
        .collect()
}

/// The letter that a digit or a sign is written for.
const fn letter(c: char) -> char {
    match c {
        '0' => 'o',
        '1' => 'l',
        '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        _ => c,
    }
}

struct Guesser {
    /// As they read with every digit taken for its letter.
    words: Vec<Vec<char>>,
}

impl Guesser {
    fn new(about: &[String]) -> Self {
        let parts = about.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
        let words = FIRST_WORDS.into_iter().chain(parts);
        let words = words.map(|word| fold(word).into_iter().map(letter).collect::<Vec<_>>());
        Self { words: words.filter(|word| word.len() >= 4).collect() }
    }

    /// From the start to the end, always the longest part that a guesser would try as one.
    fn tenths_of_bits(&self, chars: &[char]) -> u32 {
        let (mut at, mut bits) = (0, 0_u32);
        while at < chars.len() {
            let (before, rest) = chars.split_at(at);
            let word = self.words.iter().filter(|word| reads(rest, word)).map(Vec::len).max().unwrap_or(0);
            let pattern = row(rest).max(weave(rest)).max(repetition(before, rest));
            let (length, worth) = if word > 0 && word >= pattern {
                (word, A_KNOWN_WORD)
            } else if pattern > 0 {
                (pattern, A_PATTERN)
            } else {
                unknown(before.last().copied(), rest)
            };
            at += length;
            bits = bits.saturating_add(worth);
        }
        bits
    }
}

fn reads(rest: &[char], word: &[char]) -> bool {
    rest.len() >= word.len() && rest.iter().zip(word).all(|(c, expected)| letter(*c) == *expected)
}

/// What nothing is known of: a run of letters, a number, or a sign. Its length and its worth.
fn unknown(before: Option<char>, rest: &[char]) -> (usize, u32) {
    let run = |of: fn(char) -> bool| rest.iter().take_while(|c| of(**c)).count();
    let times = |count: usize, worth: u32| u32::try_from(count).unwrap_or(u32::MAX).saturating_mul(worth);
    match (run(char::is_alphabetic), run(|c| c.is_ascii_digit())) {
        (letters @ 1.., _) => {
            let word = A_WORD.saturating_add(times(letters.saturating_sub(8), A_LETTER_MORE));
            (letters, times(letters, A_LETTER).min(word))
        }
        (_, 4) if matches!(rest[..2], ['1', '9'] | ['2', '0']) => (4, A_YEAR),
        (_, digits @ 1..=8) => (digits, times(digits, A_DIGIT).min(A_DATE)),
        (_, digits @ 9..) => (digits, times(digits, A_DIGIT)),
        _ if rest[0].is_whitespace() || before == Some(rest[0]) => (1, A_SPACE),
        _ => (1, A_SIGN),
    }
}

/// How one character follows from another: the same, the next of the alphabet, the next key.
fn step(from: char, to: char) -> Option<i32> {
    if from == to {
        return Some(0);
    }
    let apart = i64::from(u32::from(to)) - i64::from(u32::from(from));
    match apart {
        1 if from.is_alphanumeric() && to.is_alphanumeric() => Some(1),
        -1 if from.is_alphanumeric() && to.is_alphanumeric() => Some(-1),
        _ => KEY_ROWS.iter().find_map(|keys| {
            let place = |c| keys.chars().position(|key| key == c);
            let (from, to) = (place(from)?, place(to)?);
            if from + 1 == to {
                Some(2)
            } else if to + 1 == from {
                Some(-2)
            } else {
                None
            }
        }),
    }
}

/// The length of the row at the start, `aaaa`, `4321` or `qwer`; 0 if it is none.
fn row(chars: &[char]) -> usize {
    let length = along(chars, 1);
    if length >= 3 { length } else { 0 }
}

/// The same of two rows that take turns: `1q2w3e`.
fn weave(chars: &[char]) -> usize {
    let length = along(chars, 2);
    if length >= 6 { length } else { 0 }
}

/// How many characters go on as they began, each compared with the one that is `apart` before it.
fn along(chars: &[char], apart: usize) -> usize {
    let steps: Vec<_> = chars.iter().zip(chars.iter().skip(apart)).map(|(from, to)| step(*from, *to)).collect();
    let goes_on = |(index, step): &(usize, &Option<i32>)| step.is_some() && **step == steps[index % apart];
    apart + steps.iter().enumerate().take_while(goes_on).count()
}

/// How much of the start has been there before; 0 if that is little.
fn repetition(before: &[char], rest: &[char]) -> usize {
    let same = |from: usize| before[from..].iter().zip(rest).take_while(|(old, new)| old == new).count();
    let longest = (0..before.len()).map(same).max().unwrap_or(0);
    if longest >= 3 { longest } else { 0 }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
