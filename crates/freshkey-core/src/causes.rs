//! Prints an error and all its causes on one line of the log. The text of an error of ours says only its own part, and
//! its `source` has the cause. So all code that prints an error calls [`with_causes`].

use std::{error::Error, fmt};

/// The cause of an error, where it may be of several types.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Returns the error and each of its sources. Skips a source whose text is already there, as in the errors of some
/// libraries.
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
    #[error("can't start")]
    struct Start(#[source] Unreadable);

    #[derive(Debug, thiserror::Error)]
    #[error("of a library: {0}")]
    struct Library(#[source] Unreadable);

    #[test]
    fn each_cause_is_said_once() {
        let unreadable = || Unreadable(io::Error::other("no such device"));
        let cause = "the key can't be read: no such device";
        assert_eq!(with_causes(&Start(unreadable())).to_string(), format!("can't start: {cause}"));
        assert_eq!(with_causes(&Library(unreadable())).to_string(), format!("of a library: {cause}"));
    }
}
