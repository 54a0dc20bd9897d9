//! The languages of emails.

/// A language of the emails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// English
    En,
    /// German
    De,
    /// French
    Fr,
    /// Spanish
    Es,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 4] = [Self::En, Self::De, Self::Fr, Self::Es];

    /// The language's tag (RFC 5646).
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
        }
    }

    /// Returns the language of this tag, ignoring the region: `de-AT` is German.
    pub fn parse(tag: &str) -> Option<Self> {
        let language = tag.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|known| known.tag().eq_ignore_ascii_case(language))
    }

    /// Returns the language of `offered` that an `Accept-Language` header prefers, by lookup (RFC 4647, section 3.4),
    /// or the first of `offered` if the header names none of them.
    pub fn best(accept: &str, offered: &[Self]) -> Self {
        let mut best: Option<(u16, Self)> = None;
        for range in accept.split(',') {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let weight = weight(parameters);
            let Some(language) = Self::parse(tag).filter(|language| offered.contains(language)) else { continue };
            // Of equal weights, the first wins.
            if weight > 0 && best.is_none_or(|(heaviest, _)| weight > heaviest) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language).or(offered.first().copied()).unwrap_or(Self::En)
    }
}

/// Parses a quality value, in thousandths (RFC 9110, section 12.4.2).
fn weight(parameters: &str) -> u16 {
    let q = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("q="));
    let thousandths = |q: &str| {
        let (whole, part) = q.split_once('.').unwrap_or((q, ""));
        let part: u16 = format!("{part:0<3}").get(..3)?.parse().ok()?;
        Some(whole.parse::<u16>().ok()?.min(1).saturating_mul(1000).saturating_add(part).min(1000))
    };
    q.map_or(1000, |q| thousandths(q.trim()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_preference_counts_and_then_the_operators() {
        for (accept, expected) in [
            ("", Language::De),
            ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", Language::Fr),
            ("it-IT,it;q=0.9,en;q=0.2", Language::En),
            ("en;q=0.5, es;q=0.501", Language::Es),
            ("ES-mx", Language::Es),
            ("en;q=0, fr;q=0.1", Language::Fr),
            ("en;q=x", Language::De),
            ("*", Language::De),
            ("zh", Language::De),
        ] {
            assert_eq!(
                Language::best(accept, &[Language::De, Language::En, Language::Fr, Language::Es]),
                expected,
                "{accept}"
            );
        }
        assert_eq!(Language::best("fr", &[Language::En, Language::De]), Language::En, "what is not offered");
    }
}
