//! Prints an error and all its causes on one line of the log.

use std::{error::Error, fmt};

/// Returns the error and each of its sources. Skips a source whose text is already there.
pub fn with_causes(error: &dyn Error) -> impl fmt::Display {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[derive(Debug, thiserror::Error)]
    #[error("the key can't be read")]
    struct Unreadable(#[source] io::Error);

    #[derive(Debug, thiserror::Error)]
    #[error("can't start: {0}")]
    struct Start(#[source] Unreadable);

    #[test]
    fn each_cause_is_said_once() {
        let error = Start(Unreadable(io::Error::other("no such device")));
        assert_eq!(with_causes(&error).to_string(), "can't start: the key can't be read: no such device");
    }
}
