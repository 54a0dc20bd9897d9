//! The fields of a span in the log for people.

use std::fmt;
use tracing::span::Record;
use tracing_subscriber::{
    field::RecordFields,
    fmt::{
        FormatFields, FormattedFields,
        format::{DefaultFields, Writer},
    },
};

/// Formats fields as the log does by default, but a field that is recorded again with the same value only once: a
/// request may authenticate its caller several times.
pub struct EachOnce;

impl<'w> FormatFields<'w> for EachOnce {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        DefaultFields::new().format_fields(writer, fields)
    }

    fn add_fields(&self, current: &'w mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        let before = current.fields.len();
        if before > 0 {
            current.fields.push(' ');
        }
        let begin = current.fields.len();
        DefaultFields::new().format_fields(current.as_writer(), fields)?;
        let (old, new) = current.fields.split_at(begin);
        if old.contains(new) {
            current.fields.truncate(before);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };
    use tracing::{Span, error_span, field::Empty};
    use tracing_subscriber::fmt::Subscriber;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_field_that_is_recorded_twice_is_there_once() {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = Subscriber::builder().compact().fmt_fields(EachOnce).with_ansi(false);
        let subscriber = subscriber.with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            error_span!("request", id = "r1", user = Empty).in_scope(|| {
                tracing::error!("one");
                for user in ["u1", "u1", "u2"] {
                    Span::current().record("user", user);
                }
                tracing::error!("two");
            });
        });
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let fields: Vec<_> = text.lines().map(|line| line.split_once("id=").unwrap().1).collect();
        assert_eq!(fields, [r#""r1""#, r#""r1" user="u1" user="u2""#]);
    }
}
