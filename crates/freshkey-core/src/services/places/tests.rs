use super::*;

/// See the README beside it.
const CITIES: &[u8] = include_bytes!("cities.mmdb");

fn open(bytes: &[u8]) -> (tempfile::TempDir, Result<Places, PlacesError>) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cities.mmdb");
    fs::write(&file, bytes).expect("written");
    let places = Places::open(Some(&file));
    (folder, places)
}

/// The database with another text of the same length.
fn with(from: &[u8], to: &[u8]) -> Vec<u8> {
    let (mut bytes, mut at) = (CITIES.to_vec(), 0);
    while at + from.len() <= bytes.len() {
        if bytes[at..].starts_with(from) {
            bytes[at..at + to.len()].copy_from_slice(to);
        }
        at += 1;
    }
    assert_ne!(bytes, CITIES);
    bytes
}

#[test]
fn an_address_has_a_city_a_country_or_no_place() {
    let (_folder, places) = open(CITIES);
    let places = places.expect("it is read");
    for (address, place) in [
        ("203.0.113.7", Some("Berlin, Germany")),
        ("2001:db8::1", Some("Austria")),
        ("198.51.100.7", Some("Singapore")),
        ("192.0.2.7", None),
        ("127.0.0.1", None),
        ("10.0.0.7", None),
        ("fd00::7", None),
        ("8.8.8.8", None),
        ("2001:4860::1", None),
        ("not an address", None),
    ] {
        assert_eq!(places.of(Some(address), Language::En).as_deref(), place, "{address}");
    }
    assert_eq!(places.of(None, Language::En), None);
    assert_eq!(Places::default().of(Some("203.0.113.7"), Language::En), None);
}

#[test]
fn a_place_is_named_in_the_readers_language_or_in_english() {
    let (_folder, places) = open(CITIES);
    let places = places.expect("it is read");
    assert_eq!(places.of(Some("203.0.113.7"), Language::De).as_deref(), Some("Berlin, Deutschland"));
    assert_eq!(places.of(Some("203.0.113.7"), Language::Es).as_deref(), Some("Berlin, Germany"));
}

#[test]
fn a_file_without_places_is_refused_and_says_why() {
    for (bytes, why) in [
        (&b"no database"[..], "it is not a database in MaxMind's format"),
        (&CITIES[..CITIES.len() / 2], "it is not a database in MaxMind's format"),
        (&with(b"names", b"nomen"), "it has neither cities nor countries: its type is \"Test-City\""),
    ] {
        let (_folder, places) = open(bytes);
        let error = with_causes(&places.expect_err("it is refused")).to_string();
        assert!(error.contains("cities.mmdb (FRESHKEY_PLACES_FILE)") && error.contains(why), "{error}");
    }
    let missing = Places::open(Some(Path::new("/no/such/file"))).expect_err("it is refused");
    assert!(with_causes(&missing).to_string().contains("No such file"));
}

#[test]
fn a_replaced_file_counts_from_the_next_check_and_a_broken_one_does_not() {
    let (folder, places) = open(CITIES);
    let (places, file) = (places.expect("it is read"), folder.path().join("cities.mmdb"));
    let place = || places.of(Some("203.0.113.7"), Language::En);
    let replace = |bytes: &[u8]| {
        fs::write(folder.path().join("new"), bytes).expect("written");
        fs::rename(folder.path().join("new"), &file).expect("renamed");
    };
    replace(&with(b"Berlin", b"Munich"));
    assert_eq!(place().as_deref(), Some("Berlin, Germany"));
    places.reread().expect("it is read");
    assert_eq!(place().as_deref(), Some("Munich, Germany"));
    replace(b"broken");
    places.reread().expect_err("it is refused");
    assert_eq!(place().as_deref(), Some("Munich, Germany"));
    fs::remove_file(&file).expect("removed");
    places.reread().expect_err("it is gone");
    assert_eq!(place().as_deref(), Some("Munich, Germany"));
}
