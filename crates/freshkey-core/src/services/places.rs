//! Where IP addresses probably are, by a city database of the operator's: an `.mmdb` file.
//!
//! The file is read into memory. Mapping it would take less, but overwriting a mapped file in place, as `cp` does, can
//! kill the server.

use crate::{causes::with_causes, rules::language::Language};
use freshkey_types::Millis;
use maxminddb::{LookupResult, MaxMindDbError, PathElement, Reader, WithinOptions};
use std::{
    fs::{self, File, Metadata},
    io::{self, Read},
    net::IpAddr,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

/// How often the file is checked. New versions are published weekly or monthly.
const EVERY: Duration = Duration::from_mins(10);
/// How many networks of a new file are searched for one with a place. In a city database nearly all have one.
const SEARCHED: usize = 1000;

/// Finds the places of IP addresses. Cheap to clone. Without a file it knows none.
#[derive(Clone, Debug, Default)]
pub struct Places(Option<Arc<Source>>);

#[derive(Debug)]
struct Source {
    file: PathBuf,
    database: RwLock<Arc<CityDatabase>>,
}

/// A city database in memory.
#[derive(Debug)]
pub struct CityDatabase {
    reader: Reader<Vec<u8>>,
    version: Version,
}

/// Differs between the versions of a file.
#[derive(Debug, PartialEq, Eq)]
struct Version {
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

/// A city database can't be used.
#[derive(Debug, thiserror::Error)]
#[error("can't use the city database {file} (FRESHKEY_PLACES_FILE)")]
pub struct PlacesError {
    file: PathBuf,
    #[source]
    cause: Unusable,
}

#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    #[error("it is not a database in MaxMind's format")]
    Format(#[from] MaxMindDbError),
    #[error("it has neither cities nor countries: its type is {0:?}")]
    NoPlaces(String),
}

impl Places {
    /// Reads the operator's file, if there is one.
    ///
    /// # Errors
    /// It can't be used.
    pub fn open(file: Option<&Path>) -> Result<Self, PlacesError> {
        let Some(file) = file else { return Ok(Self::default()) };
        let database = RwLock::new(Arc::new(CityDatabase::open(file)?));
        Ok(Self(Some(Arc::new(Source { file: file.to_owned(), database }))))
    }

    /// Whether there is a file.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Returns where the address probably is: `Berlin, Germany`, in this language if the database has it.
    pub fn of(&self, ip: Option<&str>, language: Language) -> Option<String> {
        let (source, address) = (self.0.as_ref()?, ip?.parse().ok()?);
        source.database().place(address, language)
    }

    /// Rereads the file whenever it was replaced.
    pub async fn follow(self) {
        loop {
            tokio::time::sleep(EVERY).await;
            let places = self.clone();
            let reread = tokio::task::spawn_blocking(move || places.reread()).await;
            if let Ok(Err(error)) = reread {
                tracing::warn!(event = "places_unreadable", error = %with_causes(&error), "the previous file counts");
            }
        }
    }

    /// Rereads the file if it was replaced. If the new one can't be used, the previous one stays.
    fn reread(&self) -> Result<(), PlacesError> {
        let Some(source) = &self.0 else { return Ok(()) };
        let now = fs::metadata(&source.file).map(|metadata| Version::of(&metadata));
        if now.is_ok_and(|now| now == source.database().version) {
            return Ok(());
        }
        let new = Arc::new(CityDatabase::open(&source.file)?);
        *source.database.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }
}

impl Source {
    fn database(&self) -> Arc<CityDatabase> {
        Arc::clone(&self.database.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl CityDatabase {
    /// Reads a file.
    ///
    /// # Errors
    /// It can't be used.
    pub fn open(file: &Path) -> Result<Self, PlacesError> {
        Self::read(file).map_err(|cause| PlacesError { file: file.to_owned(), cause })
    }

    /// When the database was built.
    pub fn built_at(&self) -> Millis {
        Millis::from_secs(i64::try_from(self.reader.metadata().build_epoch).unwrap_or(i64::MAX / 1000))
    }

    fn read(file: &Path) -> Result<Self, Unusable> {
        let mut file = File::open(file)?;
        let (version, mut bytes) = (Version::of(&file.metadata()?), Vec::new());
        file.read_to_end(&mut bytes)?;
        let database = Self { reader: Reader::from_source(bytes)?, version };
        // Names of types are the makers' own, so the content is checked.
        if database.has_places()? { Ok(database) } else { Err(database.no_places()) }
    }

    fn has_places(&self) -> Result<bool, MaxMindDbError> {
        let mut networks = self.reader.networks(WithinOptions::default())?.take(SEARCHED);
        Ok(networks.any(|network| network.is_ok_and(|network| described(&network, Language::En).is_some())))
    }

    fn no_places(&self) -> Unusable {
        Unusable::NoPlaces(self.reader.metadata().database_type.clone())
    }

    fn place(&self, address: IpAddr, language: Language) -> Option<String> {
        if is_local(address) {
            return None;
        }
        described(&self.reader.lookup(address).ok()?, language)
    }
}

impl Version {
    fn of(metadata: &Metadata) -> Self {
        let modified = (metadata.mtime(), metadata.mtime_nsec());
        Self { inode: metadata.ino(), size: metadata.size(), modified }
    }
}

/// Describes a network's place. A city that is a country is named once.
fn described(network: &LookupResult<'_, Vec<u8>>, language: Language) -> Option<String> {
    let name = |kind: &str| {
        let in_language = |tag: &str| {
            let path = [kind, "names", tag].map(PathElement::Key);
            network.decode_path::<String>(&path).ok().flatten().filter(|name| !name.is_empty())
        };
        in_language(language.tag()).or_else(|| in_language(Language::En.tag()))
    };
    match (name("city"), name("country")) {
        (Some(city), Some(country)) if city != country => Some(format!("{city}, {country}")),
        (city, country) => country.or(city),
    }
}

/// Whether the address belongs to this machine or its network. Some databases list such addresses too.
fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_loopback() || ip.is_unicast_link_local() || ip.is_unspecified(),
    }
}

#[cfg(test)]
mod tests;
