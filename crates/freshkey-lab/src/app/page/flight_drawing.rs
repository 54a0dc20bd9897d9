//! Two runs on one time axis, as drawings and as a table. The SVG and the HTML only contain numbers and fixed words.

use super::parts::whole;
use crate::app::types::{Lane, Run, Span};
use freshkey::app::error::Code;
use std::fmt::Write;

/// The names of the two ways, in the order of the runs.
pub(super) const NAMES: [&str; 2] = ["One refresh for all", "Each call refreshes for itself"];
/// The view box of a drawing, which is stretched to fit its place.
pub(super) const BOX: &str = "0 0 6400 1200";
const WIDTH: f64 = 6400.0;
const HEIGHT: f64 = 1200.0;

/// The number of connections that a browser opens to a server.
const CONNECTIONS: usize = 6;

/// Returns the expected runs of `count` calls; the unit is one round trip.
pub(super) fn example(count: usize) -> [Run; 2] {
    #[expect(clippy::cast_precision_loss, reason = "a few calls")]
    let at = |trips: usize, call: usize| trips as f64 + 0.02 * call as f64;
    let turns = count.div_ceil(CONNECTIONS);
    let lane = |call: usize, refresh: Option<usize>, renewed: usize| {
        let turn = call / CONNECTIONS + 1;
        let first = Span { from: at(0, call), to: at(turn, call) };
        let again = Span { from: at(renewed, call), to: at(renewed + turn, call) };
        Lane {
            first,
            refused: Code::TokenExpired,
            wait: Span { from: first.to, to: again.from },
            refresh: refresh.map(|end| Span { from: first.to, to: at(end, call) }),
            again,
            failed: None,
        }
    };
    let one = (0..count).map(|call| lane(call, (call == 0).then_some(2), 2.max(call / CONNECTIONS + 1)));
    let each = (0..count).map(|call| {
        let end = turns + call / CONNECTIONS + 1;
        let lane = lane(call, Some(end), end);
        Lane { again: Span { to: at(end + turns, call), ..lane.again }, ..lane }
    });
    [Run { lanes: one.collect() }, Run { lanes: each.collect() }]
}

/// Draws one of the runs on the time axis of both.
pub(super) fn drawing(runs: &[Run; 2], which: usize) -> String {
    let (mut svg, run, end) = (String::new(), &runs[which], runs[0].end().max(runs[1].end()));
    let x = |time: f64| time / end * WIDTH;
    #[expect(clippy::cast_precision_loss, reason = "a few calls")]
    let height = HEIGHT / run.lanes.len().max(1) as f64;
    let mut y = 0.1 * height;
    for lane in &run.lanes {
        let last = if lane.failed.is_some() { "span-failed" } else { "span-again" };
        let bars = [
            ("span-first", Some(lane.first)),
            ("span-wait", Some(lane.wait)),
            ("span-refresh", lane.refresh),
            (last, Some(lane.again)),
        ];
        for (class, span) in bars.into_iter().filter_map(|(class, span)| Some((class, span?))) {
            // A span of no length stays visible.
            let (from, width) = (x(span.from), (x(span.to) - x(span.from)).max(15.0));
            let (from, width, y, height) = (whole(from), whole(width), whole(y), whole(0.8 * height));
            let _ = write!(svg, r#"<rect class="{class}" x="{from}" y="{y}" width="{width}" height="{height}"/>"#);
        }
        y += height;
    }
    let _ = write!(svg, r#"<path class="lanes-end" d="M{} -60V{}"/>"#, whole(x(run.end())), whole(HEIGHT + 60.0));
    svg
}

/// Returns both runs as a table, in milliseconds.
pub(super) fn table(runs: &[Run; 2]) -> String {
    let mut html = String::new();
    for (run, name) in runs.iter().zip(NAMES) {
        let _ = write!(
            html,
            "<table><caption>{name}: {} ms</caption><thead><tr><th scope=col>Call<th scope=col>Sent<th scope=col>Refused\
             <th scope=col>Refresh<th scope=col>Sent again<th scope=col>Done</thead><tbody>",
            whole(run.end())
        );
        for (at, lane) in run.lanes.iter().enumerate() {
            let refresh =
                lane.refresh.map_or("–".to_owned(), |span| format!("{} to {}", whole(span.from), whole(span.to)));
            let answer = lane.failed.map_or("200", |code| code.text());
            let _ = write!(
                html,
                "<tr><th scope=row>Call {}<td>{}<td>{}: {}<td>{refresh}<td>{}<td>{}: {answer}",
                at + 1,
                whole(lane.first.from),
                whole(lane.first.to),
                lane.refused.status(),
                whole(lane.again.from),
                whole(lane.again.to)
            );
        }
        html.push_str("</tbody></table>");
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_what_the_page_says() {
        let [one, each] = example(12);
        assert_eq!((one.refreshes(), one.requests()), (1, 25));
        assert_eq!((each.refreshes(), each.requests()), (12, 36));
        assert!(one.end() < each.end());
    }

    #[test]
    fn both_runs_share_one_axis() {
        let quick = Span { from: 0.0, to: 1.0 };
        let lane = Lane {
            first: quick,
            refused: Code::TokenExpired,
            wait: quick,
            refresh: None,
            again: Span { from: 1.0, to: 50.0 },
            failed: None,
        };
        let slow = Lane { again: Span { from: 1.0, to: 100.0 }, ..lane };
        let runs = [Run { lanes: vec![lane] }, Run { lanes: vec![slow] }];
        for (which, end) in ["M3200 ", "M6400 "].into_iter().enumerate() {
            let svg = drawing(&runs, which);
            assert!(svg.contains(&format!(r#""lanes-end" d="{end}"#)), "{svg}");
        }
    }
}
