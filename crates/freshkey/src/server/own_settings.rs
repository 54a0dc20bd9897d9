//! The app's own settings, read like ours: environment variables, each of them also a flag.

use super::settings::AppSettings;
use clap::{ArgMatches, Args, Command};

/// How to read settings of one type.
#[derive(Clone, Copy)]
pub(super) struct OwnSettings {
    augment: fn(Command) -> Command,
    read: fn(&ArgMatches, &mut AppSettings) -> Result<(), clap::Error>,
}

impl OwnSettings {
    /// Creates settings of the type `S`.
    pub(super) fn new<S: Args + Send + Sync + 'static>() -> Self {
        let read = |matches: &ArgMatches, into: &mut AppSettings| {
            into.insert(S::from_arg_matches(matches)?);
            Ok(())
        };
        Self { augment: S::augment_args, read }
    }

    /// Returns the command with a flag for each setting.
    pub(super) fn augment(&self, command: Command) -> Command {
        (self.augment)(command)
    }

    /// Reads the settings from the command line.
    pub(super) fn read(&self, matches: &ArgMatches, into: &mut AppSettings) -> Result<(), clap::Error> {
        (self.read)(matches, into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::error::ErrorKind;

    #[derive(Args)]
    struct Shop {
        /// The most items in a cart.
        #[arg(long, default_value_t = 50)]
        cart_max: u32,
    }

    fn cart_max(words: &[&str]) -> Result<u32, ErrorKind> {
        let own = OwnSettings::new::<Shop>();
        let command = own.augment(Command::new("serve"));
        let matches = command.try_get_matches_from(words).map_err(|error| error.kind())?;
        let mut read = AppSettings::default();
        own.read(&matches, &mut read).map_err(|error| error.kind())?;
        Ok(read.get::<Shop>().expect("they were read").cart_max)
    }

    #[test]
    fn a_setting_of_the_apps_is_read_like_ours_and_refused_like_ours() {
        assert_eq!(cart_max(&["serve"]), Ok(50));
        assert_eq!(cart_max(&["serve", "--cart-max", "7"]), Ok(7));
        assert_eq!(cart_max(&["serve", "--cart-max", "many"]), Err(ErrorKind::ValueValidation));
    }

    #[test]
    fn settings_of_another_type_are_not_there() {
        let own = OwnSettings::new::<Shop>();
        let mut read = AppSettings::default();
        assert!(read.get::<Shop>().is_none(), "nothing was read yet");
        let matches = own.augment(Command::new("serve")).get_matches_from(["serve"]);
        own.read(&matches, &mut read).expect("acceptable");
        assert!(read.get::<Shop>().is_some() && read.get::<String>().is_none());
    }
}
