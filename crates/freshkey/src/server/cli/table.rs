//! Rows for people to read: aligned, and plain text only. The name that a browser gives itself must not steer the
//! operator's terminal.

use crate::app::types::Millis;
use crate::server::visible;
use std::time::UNIX_EPOCH;

/// Formats an aligned table under its headings.
pub(super) fn table<const N: usize>(headings: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let rows: Vec<[String; N]> =
        [headings.map(str::to_owned)].into_iter().chain(rows).map(|row| row.map(|cell| harmless(&cell))).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

/// Formats a time in UTC, to the second.
pub(super) fn time(at: Millis) -> String {
    humantime::format_rfc3339_seconds(UNIX_EPOCH + at.to_duration()).to_string()
}

/// Replaces characters that move the cursor, change colours, or reverse the direction of writing.
pub(super) fn harmless(text: &str) -> String {
    text.chars().map(|c| if visible::steers(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let rows = [["ä".to_owned(), "1".to_owned()], ["long".to_owned(), String::new()]];
        assert_eq!(table(["A", "B"], rows), "A     B\nä     1\nlong\n");
    }

    #[test]
    fn nothing_in_a_table_steers_the_terminal() {
        let row = ["\u{1b}[2J\r\n\u{9b}1m\u{202e}\u{61c}\u{2028}x".to_owned()];
        let steering = ['\u{1b}', '\r', '\u{9b}', '\u{202e}', '\u{61c}', '\u{2028}'];
        let table = table(["A"], [row]);
        assert!(!table.contains(steering) && table.lines().count() == 2, "{table:?}");
    }

    #[test]
    fn a_time_is_read_by_people_and_sorts() {
        assert_eq!(time(Millis(1_795_474_112_345)), "2026-11-23T22:48:32Z");
    }
}
