//! Reading the settings: the library's, the app's, and those of mounted parts.

use super::Freshkey;
use crate::server::{
    own_settings::OwnSettings,
    settings::{AppSettings, ServeArgs, SettingError, Settings},
};
use clap::{ArgMatches, Args, Command, FromArgMatches};

impl Freshkey {
    /// Adds settings of the app's own, environment variables and flags of `freshkey serve` beside the library's: `S`
    /// derives `clap::Args`. [`request::settings`](crate::server::request::settings) returns them. There may be several
    /// such types, if the names of the types, fields and flags differ.
    #[must_use]
    pub fn settings<S: Args + Send + Sync + 'static>(mut self) -> Self {
        self.settings.push(OwnSettings::new::<S>());
        self
    }

    /// Returns the command that serves, with every setting: the library's, the app's and those of mounted parts.
    pub fn serve_command(&self) -> Command {
        self.with_own_settings(ServeArgs::augment_args(Command::new("freshkey")))
    }

    /// Reads settings as `freshkey serve` does, from the environment and these words: for tests that start a server.
    ///
    /// # Errors
    /// A line for each unacceptable setting.
    pub fn settings_from(&self, words: &[&str]) -> Result<Settings, Vec<String>> {
        let wrong = |error: clap::Error| vec![error.to_string()];
        let matches = self.serve_command().no_binary_name(true).try_get_matches_from(words).map_err(wrong)?;
        let (args, own) = self.read(&matches).map_err(wrong)?;
        self.check(args, own).map_err(|errors| errors.iter().map(ToString::to_string).collect())
    }

    /// Reads the settings that are not the library's from the environment, for commands that have no flags for them.
    pub(in crate::server) fn own_settings(&self) -> Result<AppSettings, clap::Error> {
        let command = self.with_own_settings(Command::new("freshkey").no_binary_name(true));
        let matches = command.try_get_matches_from([""; 0])?;
        let mut read = AppSettings::default();
        self.settings.iter().try_for_each(|own| own.read(&matches, &mut read))?;
        Ok(read)
    }

    /// Adds the flags of settings that are not the library's.
    pub(in crate::server) fn with_own_settings(&self, command: Command) -> Command {
        self.settings.iter().fold(command, |command, own| own.augment(command))
    }

    /// Reads the settings from the command line.
    pub(in crate::server) fn read(&self, matches: &ArgMatches) -> Result<(ServeArgs, AppSettings), clap::Error> {
        let mut read = AppSettings::default();
        for own in &self.settings {
            own.read(matches, &mut read)?;
        }
        Ok((ServeArgs::from_arg_matches(matches)?, read))
    }

    /// Checks the settings.
    pub(in crate::server) fn check(&self, args: ServeArgs, own: AppSettings) -> Result<Settings, Vec<SettingError>> {
        let mut refused: Vec<_> = self.realms.iter().filter_map(|realm| (realm.switch)(&own).err()).collect();
        match Settings::parse(args, &self.realm_names()) {
            Ok(mut settings) if refused.is_empty() => {
                settings.app = own;
                Ok(settings)
            }
            Ok(_) => Err(refused),
            Err(mut errors) => {
                errors.append(&mut refused);
                Err(errors)
            }
        }
    }
}
