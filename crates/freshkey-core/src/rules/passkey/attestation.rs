//! The attestation object. An attestation names the maker of an authenticator. We ask for none, because every maker
//! is accepted. If a browser sends one anyway, we ignore it.

use super::{CredentialError, cbor};
use ciborium::Value;

const EMPTY_MAP: [u8; 1] = [0xA0];

/// Returns the authenticator data in an attestation object.
pub(super) fn authenticator_data(bytes: &[u8]) -> Result<Vec<u8>, CredentialError> {
    let Some(Value::Map(entries)) = cbor::read(bytes) else { return Err(CredentialError::Encoding) };
    let Ok([(_, format), _, (_, data)]) = <[_; 3]>::try_from(entries) else { return Err(CredentialError::Encoding) };
    let (Value::Text(format), Value::Bytes(data)) = (format, data) else { return Err(CredentialError::Encoding) };
    // Everything but the statement must be in its canonical form: these three members, in this order.
    let text = |text: &str| cbor::write(&Value::Text(text.to_owned())).unwrap_or_default();
    let before = [&[0xA3], text("fmt").as_slice(), &text(&format), &text("attStmt")].concat();
    let written = cbor::write(&Value::Bytes(data.clone())).unwrap_or_default();
    let after = [text("authData"), written].concat();
    let statement = bytes.strip_prefix(before.as_slice()).and_then(|rest| rest.strip_suffix(after.as_slice()));
    match statement {
        None => Err(CredentialError::Encoding),
        Some(statement) if format == "none" && statement != EMPTY_MAP => Err(CredentialError::Attestation),
        Some(_) => Ok(data),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns an attestation object with this format, this statement, and the authenticator data `[7]`.
    fn object(format: &str, statement: &[u8]) -> Vec<u8> {
        let format = cbor::write(&Value::Text(format.to_owned())).expect("written");
        [b"\xA3cfmt", format.as_slice(), b"gattStmt", statement, b"hauthData\x41\x07"].concat()
    }

    #[test]
    fn none_has_an_empty_statement_and_another_is_not_looked_at() {
        assert_eq!(authenticator_data(&object("none", &[0xA0])), Ok(vec![7]));
        assert_eq!(authenticator_data(&object("none", &[0xA1, 1, 2])), Err(CredentialError::Attestation));
        assert_eq!(authenticator_data(&object("none", &[0xBF, 0xFF])), Err(CredentialError::Attestation));
        for statement in [&[0xA0][..], &[0xA1, 1, 2], &[0xBF, 0xFF], &[0xF6]] {
            assert_eq!(authenticator_data(&object("packed", statement)), Ok(vec![7]));
        }
        assert_eq!(authenticator_data(&object("packed", &[])), Err(CredentialError::Encoding));
    }

    #[test]
    fn there_is_one_way_to_write_it() {
        let good = object("none", &[0xA0]);
        let [mut longer, mut more, mut fewer] = [0; 3].map(|_| good.clone());
        longer.splice(good.len() - 2..good.len() - 1, [0x58, 1]);
        more[0] = 0xA4;
        fewer[0] = 0xA2;
        let twice = [b"\xA3cfmtdnonecfmtdnone".as_slice(), b"hauthData\x41\x07"].concat();
        let order = [b"\xA3gattStmt\xA0cfmtdnone".as_slice(), b"hauthData\x41\x07"].concat();
        let (cut, doubled) = (good[..good.len() - 1].to_vec(), [good.clone(), good].concat());
        for bad in [longer, more, fewer, twice, order, cut, doubled, Vec::new(), vec![0xA3]] {
            assert_eq!(authenticator_data(&bad), Err(CredentialError::Encoding), "{bad:02X?}");
        }
    }
}
