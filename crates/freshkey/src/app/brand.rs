//! The name and the mark of the app that is built on Freshkey, defined in one place.

use super::seam;
use leptos::prelude::*;

/// An app's name and mark. They are used in headers, titles, the document's head and the OpenAPI description, and by
/// the rule against passwords made of the site's name.
#[derive(Clone, Copy, Debug)]
pub struct Brand {
    /// The name, shown in the header, in titles and in the server's output.
    pub name: &'static str,
    /// What the app is, in a few words, for the footer.
    pub what: &'static str,
    /// What the app is, in one sentence, for search engines.
    pub description: &'static str,
    /// The mark beside the name, in the colour of the surrounding text.
    pub mark: fn() -> AnyView,
    /// The colour of emails, taken from the style sheet.
    pub accent: Accent,
    /// The page that shows how the tokens work, if there is one. The sign-in page links to it.
    pub how_it_works: Option<&'static str>,
}

/// A colour as `style/tokens.css` defines it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accent {
    /// The hue in degrees, as in oklch.
    pub hue: f64,
    /// The chroma.
    pub vivid: f64,
}

impl Accent {
    /// Freshkey's own colour.
    pub const DEFAULT: Self = Self { hue: 165.0, vivid: 0.1 };

    /// Reads the colour from `--hue` and `--vivid` in this style sheet at compile time, so that a rebrand changes it
    /// in one place.
    ///
    /// # Panics
    /// The style sheet does not define them.
    pub const fn of(css: &str) -> Self {
        Self { hue: dial(css.as_bytes(), b"--hue:"), vivid: dial(css.as_bytes(), b"--vivid:") }
    }
}

/// Returns the number after the first occurrence of `name`.
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
    /// Returns the app's brand from the context.
    pub fn get_context() -> Self {
        expect_context()
    }
}

/// The prefix of a page's title while one of its forms is refused, so that screen-reader users hear it first.
pub(crate) const REFUSED: &str = "Error: ";

/// Sets the window's title, in the HTML and in the browser. Each page calls it first.
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
