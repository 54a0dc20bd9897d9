//! An authenticator app (RFC 6238), made here once more: what the server says must fit what others make of it.

use aws_lc_rs::hmac;

/// The seed that this base32 text is.
pub fn seed(base32: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'2'..=b'7' => letter - b'2' + 26,
        _ => panic!("no base32: {base32}"),
    };
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for letter in base32.bytes() {
        bits = bits << 5 | u32::from(value(letter));
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).unwrap());
        }
    }
    bytes
}

/// What the app shows at a time in milliseconds since 1970.
pub fn code_at(seed: &[u8], now: i64) -> String {
    let step = u64::try_from(now / 30_000).unwrap();
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed), &step.to_be_bytes());
    let mac = mac.as_ref();
    let offset = usize::from(mac[19] & 15);
    let number = u32::from_be_bytes(mac[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}
