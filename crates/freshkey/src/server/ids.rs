//! Ids that clients may choose.

use uuid::Uuid;

/// Returns a new id: a UUID of version 7 (RFC 9562, section 5.7), so that ids sort by age.
pub fn fresh_id() -> String {
    Uuid::now_v7().to_string()
}

/// Returns the id if a client may choose it: a UUID as RFC 9562 writes it, of a version that any client can generate
/// (4 or 7).
pub fn chosen_id(id: &str) -> Option<String> {
    let uuid = Uuid::parse_str(id).ok().filter(|uuid| matches!(uuid.get_version_num(), 4 | 7))?;
    Some(uuid.hyphenated().to_string()).filter(|canonical| canonical == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::ids::id_of;
    use proptest::prelude::*;

    #[test]
    fn an_id_is_a_uuid_as_it_is_written() {
        let (seven, four) = (fresh_id(), id_of([7; 16]));
        for good in [&seven, &four] {
            assert_eq!(chosen_id(good).as_ref(), Some(good));
        }
        let one = "c232ab00-9414-11ec-b3c8-9f6bdeced846";
        for bad in ["", "x", one, &seven.to_uppercase(), &seven.replace('-', ""), &format!("{{{seven}}}")] {
            assert_eq!(chosen_id(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_random_bytes_make_an_id(random: [u8; 16]) {
            let id = id_of(random);
            prop_assert_eq!(chosen_id(&id), Some(id.clone()));
        }
    }
}
