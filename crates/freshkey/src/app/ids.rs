//! Ids that a page gives to new items, so that sending an item twice adds it once.

/// Makes a UUID of version 4 (RFC 9562, section 5.4) from these random bytes.
pub fn id_of(mut random: [u8; 16]) -> String {
    random[6] = random[6] & 0x0f | 0x40;
    random[8] = random[8] & 0x3f | 0x80;
    let mut id = format!("{:032x}", u128::from_be_bytes(random));
    for place in [20, 16, 12, 8] {
        id.insert(place, '-');
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_its_version() {
        assert_eq!(id_of([0; 16]), "00000000-0000-4000-8000-000000000000");
        assert_eq!(id_of([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
