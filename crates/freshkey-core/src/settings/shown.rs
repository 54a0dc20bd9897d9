//! The part of a value that an error may repeat: nothing that may be a secret, and no more than a line.

const LONGEST: usize = 100;

/// Returns the value without user and password, without query and fragment, and shortened if it is long.
pub(super) fn shown(text: &str) -> String {
    let (scheme, rest) = scheme(text);
    let (hidden, rest) = rest.rsplit_once('@').map_or(("", rest), |(_, host)| ("…@", host));
    let (rest, cut) = rest.split_once(['?', '#']).map_or((rest, ""), |(before, _)| (before, "…"));
    let mut shown: String = [scheme, hidden, rest, cut].concat();
    if let Some((end, _)) = shown.char_indices().nth(LONGEST) {
        shown.truncate(end);
        shown.push('…');
    }
    shown
}

/// Returns the scheme of a URL whose rest may be secret, or `None` if the scheme is not in `known`.
pub(super) fn scheme_of(text: &str, known: &[&str]) -> Option<String> {
    let (scheme, _) = scheme(text);
    let name = if scheme.is_empty() { text } else { scheme.trim_end_matches("://") };
    known.contains(&name).then(|| if scheme.is_empty() { text.to_owned() } else { format!("{scheme}…") })
}

/// Returns the scheme that a URL begins with, if it looks like one: letters and no digits.
pub(super) fn any_scheme(text: &str) -> Option<&str> {
    const LONGEST: usize = 16;
    let (scheme, _) = text.split_once("://")?;
    let is_one = scheme.bytes().all(|byte| byte.is_ascii_alphabetic() || b"+-.".contains(&byte));
    (is_one && (1..=LONGEST).contains(&scheme.len())).then_some(scheme)
}

fn scheme(text: &str) -> (&str, &str) {
    let end = text.find("://").filter(|end| text[..*end].chars().all(|c| c.is_ascii_alphanumeric()));
    end.map_or(("", text), |end| text.split_at(end + 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_may_be_a_secret_is_shown() {
        for (text, expected) in [
            ("soon", "soon"),
            ("http://example.com", "http://example.com"),
            ("https://ada:hunter2@example.com/path", "https://…@example.com/path"),
            ("https://ada:hunt@er/2?#@example.com", "https://…@example.com"),
            ("ada:hunter2@example.com", "…@example.com"),
            ("https://example.com/?password=hunter2", "https://example.com/…"),
            ("https://example.com#hunter2", "https://example.com…"),
            ("a:hunter2@b://c", "…@b://c"),
        ] {
            assert_eq!(shown(text), expected);
        }
        assert_eq!(shown(&"ä".repeat(10_000)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn of_a_url_that_is_a_secret_the_scheme_is_shown() {
        let scheme = |text| scheme_of(text, &["dev", "smtp"]);
        assert_eq!(scheme("smtp://ada:hunter2@example.com").as_deref(), Some("smtp://…"));
        assert_eq!(scheme("dev").as_deref(), Some("dev"));
        for other in ["hunter2", "smtp:ada:hunter2@example.com", "hunter2://x", "ada:hunter2@smtp://x", ""] {
            assert_eq!(scheme(other), None, "{other}");
        }
    }
}
