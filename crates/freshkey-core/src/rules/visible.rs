//! Which characters of a text people can see. `char::is_control` knows few of the invisible characters, and none of
//! those that change the writing direction of the text around them.

use icu_properties::{
    CodePointSetData,
    props::{BidiControl, BinaryProperty, DefaultIgnorableCodePoint, EnumeratedProperty, GeneralCategory},
};

/// A braille pattern without dots. Its category is symbol, but it shows nothing.
const BLANK_BRAILLE: char = '\u{2800}';

/// Whether the character is invisible: it is ignored in display (zero-width characters, joiners, variation selectors,
/// fillers), or it is a control character.
pub fn is_hidden(c: char) -> bool {
    c.is_control() || c == BLANK_BRAILLE || has::<DefaultIgnorableCodePoint>(c) || has::<BidiControl>(c)
}

/// Whether the character changes how the text around it is shown: it controls a terminal or the writing direction, or
/// starts a new line.
pub fn steers(c: char) -> bool {
    c.is_control()
        || has::<BidiControl>(c)
        || matches!(GeneralCategory::for_char(c), GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator)
}

/// Whether the text has a visible character: a letter, a digit or a sign.
pub fn shows(text: &str) -> bool {
    use GeneralCategory as G;
    let blank = |c: char| {
        is_hidden(c)
            || c.is_whitespace()
            || matches!(
                G::for_char(c),
                G::Unassigned
                    | G::Control
                    | G::Format
                    | G::Surrogate
                    | G::SpaceSeparator
                    | G::LineSeparator
                    | G::ParagraphSeparator
                    | G::NonspacingMark
                    | G::EnclosingMark
            )
    };
    !text.chars().all(blank)
}

fn has<P: BinaryProperty>(c: char) -> bool {
    CodePointSetData::new::<P>().contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_hidden() {
        for hidden in [
            '\0',
            '\u{7f}',
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{17b4}',
            '\u{180e}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2800}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{1d173}',
            '\u{e0001}',
            '\u{e0100}',
        ] {
            assert!(is_hidden(hidden), "{hidden:?}");
            assert!(!shows(&hidden.to_string()), "{hidden:?}");
        }
        for seen in ['a', 'ä', '-', '中', 'ا', '😀', '7'] {
            assert!(!is_hidden(seen) && !steers(seen) && shows(&seen.to_string()), "{seen:?}");
        }
    }

    #[test]
    fn what_steers_is_found() {
        for steers_it in
            ['\u{1b}', '\n', '\u{9b}', '\u{61c}', '\u{200f}', '\u{202e}', '\u{2028}', '\u{2029}', '\u{2067}']
        {
            assert!(steers(steers_it), "{steers_it:?}");
        }
        for joiner in ['\u{200c}', '\u{200d}', '\u{fe0f}'] {
            assert!(!steers(joiner), "{joiner:?}");
        }
    }

    #[test]
    fn a_text_of_blanks_shows_nothing() {
        for nothing in ["", " ", "\u{200b}\u{feff}", "\u{a0}\u{3000}", "\u{301}", "\u{200d}\u{fe0f}", "\u{378}"] {
            assert!(!shows(nothing), "{nothing:?}");
        }
        for something in ["👩\u{200d}💻", "می\u{200c}خواهم", "\u{200b}a", "❤\u{fe0f}"] {
            assert!(shows(something), "{something:?}");
        }
    }
}
