//! The name and the mark of the app that is built on Freshkey: the app says them once.

use super::seam;
use leptos::prelude::*;

/// An app's name and mark. Headers, titles, the document's head, the OpenAPI description and the rule that no
/// password is made of the site's name use it.
#[derive(Clone, Copy, Debug)]
pub struct Brand {
    /// The name, in the header, in titles and in what the server prints.
    pub name: &'static str,
    /// What the app is, in a few words: the footer has them.
    pub what: &'static str,
    /// What the app is, in a sentence, for search engines.
    pub description: &'static str,
    /// The mark beside the name, in the colour of the text that it stands in.
    pub mark: fn() -> AnyView,
    /// The colour of its emails: the style sheet's.
    pub accent: Accent,
}

/// A colour, as `style/tokens.css` has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accent {
    /// In degrees, as oklch counts them.
    pub hue: f64,
    /// The chroma.
    pub vivid: f64,
}

impl Accent {
    /// Freshkey's own.
    pub const DEFAULT: Self = Self { hue: 165.0, vivid: 0.1 };

    /// The colour that this style sheet says in `--hue` and `--vivid`, read while the app is compiled: a rebrand
    /// changes it in one place.
    ///
    /// # Panics
    /// It does not say them.
    pub const fn of(css: &str) -> Self {
        Self { hue: dial(css.as_bytes(), b"--hue:"), vivid: dial(css.as_bytes(), b"--vivid:") }
    }
}

/// The number behind a name, the first time that it stands there.
const fn dial(css: &[u8], name: &[u8]) -> f64 {
    let mut at = 0;
    while at + name.len() < css.len() {
        let mut same = 0;
        while same < name.len() && css[at + same] == name[same] {
            same += 1;
        }
        if same == name.len() {
            return number(css, at + same);
        }
        at += 1;
    }
    panic!("the style sheet has no --hue or no --vivid")
}

const fn number(css: &[u8], mut at: usize) -> f64 {
    let (mut number, mut place) = (0.0, 0.0);
    while at < css.len() && css[at] != b';' {
        match css[at] {
            digit @ b'0'..=b'9' if place > 0.0 => {
                number += (digit - b'0') as f64 * place;
                place /= 10.0;
            }
            digit @ b'0'..=b'9' => number = number * 10.0 + (digit - b'0') as f64,
            b'.' => place = 0.1,
            _ => {}
        }
        at += 1;
    }
    number
}

impl Brand {
    /// The app's, from the context.
    pub fn get_context() -> Self {
        expect_context()
    }
}

/// What a page's title begins with while one of its forms was refused: whoever listens hears it first.
pub(crate) const REFUSED: &str = "Error: ";

/// Names the window after a page, in the HTML and in the browser. A page does it first of all.
pub fn set_title(page: &str) {
    let name = Brand::get_context().name;
    seam::set_title(&format!("{page} · {name}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colour_is_read_off_the_style_sheet() {
        const OF_A_SHEET: Accent = Accent::of(":root {\n    --hue: 28.5; /* red */\n    --vivid: 0.12;\n}");
        assert!((OF_A_SHEET.hue - 28.5).abs() < 1e-9 && (OF_A_SHEET.vivid - 0.12).abs() < 1e-9);
    }
}
