//! CBOR in its canonical form (CTAP 2, section 8): the bytes must be exactly what our library writes for the value it
//! read, and the keys of each map must be sorted and unique.

use ciborium::Value;

/// The deepest nesting. Nothing that we read is deeper.
const DEPTH: usize = 16;

/// Reads the bytes as one item. Returns `None` if they are not exactly one.
pub(super) fn read(bytes: &[u8]) -> Option<Value> {
    let mut rest = bytes;
    let value = ciborium::de::from_reader_with_recursion_limit(&mut rest, DEPTH).ok()?;
    rest.is_empty().then_some(value)
}

/// Reads the bytes as one item in canonical form.
pub(super) fn read_canonical(bytes: &[u8]) -> Option<Value> {
    let value = read(bytes)?;
    (is_sorted(&value)? && write(&value)? == bytes).then_some(value)
}

/// Writes an item.
pub(super) fn write(value: &Value) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).ok()?;
    Some(bytes)
}

/// Returns whether the keys of every map are in byte order: by type, then by length, then by value.
fn is_sorted(value: &Value) -> Option<bool> {
    match value {
        Value::Array(items) => items.iter().map(is_sorted).try_fold(true, |all, one| Some(all && one?)),
        Value::Map(entries) => {
            let keys = entries.iter().map(|(key, _)| write(key)).collect::<Option<Vec<_>>>()?;
            let rise = keys.windows(2).all(|pair| pair[0] < pair[1]);
            entries.iter().map(|(_, value)| is_sorted(value)).try_fold(rise, |all, one| Some(all && one?))
        }
        Value::Tag(_, value) => is_sorted(value),
        _ => Some(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_way_to_write_an_item() {
        for good in [&[0xA0][..], &[0xA1, 0x01, 0x02], &[0xA2, 0x01, 0x02, 0x20, 0x03], &[0xA2, 0x18, 0x18, 0, 0x20, 0]]
        {
            assert!(read_canonical(good).is_some(), "{good:02X?}");
        }
        for (bad, why) in [
            (&[0xA1, 0x01][..], "truncated"),
            (&[0xA0, 0xA0], "more than one item"),
            (&[0xA2, 0x01, 0x02, 0x01, 0x02], "a key twice"),
            (&[0xA2, 0x20, 0x03, 0x01, 0x02], "keys that fall"),
            (&[0xA1, 0x18, 0x01, 0x02], "a number that is longer than it needs to be"),
            (&[0xBF, 0x01, 0x02, 0xFF], "a map without a length"),
            (&[0x81, 0xBF, 0xFF], "inside of another"),
            (&[], "nothing"),
        ] {
            assert!(read_canonical(bad).is_none(), "{why}");
        }
        assert!(read(&[[0x81; 5000].as_slice(), &[0]].concat()).is_none(), "nothing is nested as deep as that");
    }
}
