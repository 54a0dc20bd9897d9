//! Colours for emails: mail programs don't know `oklch`, in which the pages' style sheet is written.

/// The colours of an email, each for light and dark mode, as in `style/tokens.css`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Palette {
    /// The page background.
    pub paper: [String; 2],
    /// The background of the text.
    pub surface: [String; 2],
    /// The text.
    pub ink: [String; 2],
    /// Small print.
    pub ink_soft: [String; 2],
    /// Lines and borders.
    pub line: [String; 2],
    /// Buttons and the logo.
    pub accent: [String; 2],
    /// Text on buttons.
    pub on_accent: [String; 2],
    /// The background of a code.
    pub notice: [String; 2],
}

/// The chroma of the background and the text.
const TINT: f64 = 0.004;

impl Palette {
    /// Returns the palette for a hue in degrees and the accent's chroma.
    pub fn of(hue: f64, vivid: f64) -> Self {
        let pair = |light: (f64, f64), dark: (f64, f64)| [light, dark].map(|(l, c)| hex(l, c, hue));
        Self {
            paper: pair((0.985, TINT), (0.19, TINT)),
            surface: pair((1.0, 0.0), (0.23, TINT)),
            ink: pair((0.24, TINT), (0.95, TINT)),
            ink_soft: pair((0.46, TINT), (0.75, TINT)),
            line: pair((0.9, TINT), (0.32, TINT)),
            accent: pair((0.46, vivid), (0.82, vivid)),
            on_accent: pair((1.0, 0.0), (0.2, 0.02)),
            notice: pair((0.955, 0.2 * vivid), (0.27, 0.25 * vivid)),
        }
    }
}

/// Converts `oklch(lightness chroma hue)` to `#rrggbb`. If sRGB has no such colour, takes the most vivid one with
/// this lightness and hue (CSS Color 4, section 13.2, reducing only the chroma).
fn hex(lightness: f64, chroma: f64, hue: f64) -> String {
    const STEPS: u32 = 64;
    let lighter = |step: u32| linear(lightness, chroma * f64::from(STEPS - step) / f64::from(STEPS), hue);
    let fits = |rgb: &[f64; 3]| rgb.iter().all(|part| (-0.0005..=1.0005).contains(part));
    let rgb = (0..=STEPS).map(lighter).find(fits).unwrap_or([lightness; 3]);
    let [red, green, blue] = rgb.map(byte);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Converts Oklch to linear sRGB (<https://bottosson.github.io/posts/oklab/>).
fn linear(lightness: f64, chroma: f64, hue: f64) -> [f64; 3] {
    let (sin, cos) = hue.to_radians().sin_cos();
    let (green_red, blue_yellow) = (chroma * cos, chroma * sin);
    let cone = |of_red: f64, of_yellow: f64| (lightness + of_red * green_red + of_yellow * blue_yellow).powi(3);
    let long = cone(0.396_337_777_4, 0.215_803_757_3);
    let medium = cone(-0.105_561_345_8, -0.063_854_172_8);
    let short = cone(-0.089_484_177_5, -1.291_485_548_0);
    [
        4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short,
        -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short,
        -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701_0 * short,
    ]
}

/// Applies the sRGB transfer function and converts to a byte.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped to a byte")]
fn byte(linear: f64) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let encoded = if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
    (encoded * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_what_a_browser_makes_of_it() {
        // Computed by Chromium.
        for ((l, c, h), expected) in [
            ((1.0, 0.0, 165.0), "#ffffff"),
            ((0.0, 0.0, 0.0), "#000000"),
            ((0.627_955, 0.257_683, 29.233_88), "#ff0000"),
            ((0.866_440, 0.294_827, 142.495_34), "#00ff00"),
            ((0.452_014, 0.313_214, 264.052_02), "#0000ff"),
        ] {
            assert_eq!(hex(l, c, h), expected);
        }
        assert_ne!(hex(0.46, 0.4, 165.0), hex(0.46, 0.4, 28.0), "out of gamut, but still a hue");
    }

    /// WCAG 2.2, 1.4.3 holds for every hue.
    #[test]
    fn text_can_be_read_in_every_hue() {
        let luminance = |hex: &str| {
            let part = |at: usize| {
                let byte = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")) / 255.0;
                if byte <= 0.040_45 { byte / 12.92 } else { ((byte + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
        };
        let contrast = |one: &str, other: &str| {
            let (one, other) = (luminance(one), luminance(other));
            (one.max(other) + 0.05) / (one.min(other) + 0.05)
        };
        for hue in (0..360).step_by(15) {
            let palette = Palette::of(f64::from(hue), 0.15);
            for mode in [0, 1] {
                for (text, behind) in [
                    (&palette.ink, &palette.surface),
                    (&palette.ink_soft, &palette.paper),
                    (&palette.on_accent, &palette.accent),
                    (&palette.ink, &palette.notice),
                ] {
                    let contrast = contrast(&text[mode], &behind[mode]);
                    assert!(contrast >= 4.5, "{hue}: {} on {}: {contrast}", text[mode], behind[mode]);
                }
            }
        }
    }
}
