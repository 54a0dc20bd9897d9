//! Time-based one-time passwords (RFC 6238) with HMAC-SHA-1, six digits and thirty seconds, like every authenticator
//! app.
//!
//! The threat: somebody reads a code over the user's shoulder, or tricks the user into telling it, and uses it too.
//! The choice: a code is accepted once, and no earlier code after it. The window is 60 seconds and not 30, because
//! phone clocks are seconds off and people type slowly.

use aws_lc_rs::{constant_time, error::Unspecified, hmac, rand};
use freshkey_types::{Millis, Seconds};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

/// How long a code is shown.
const STEP: Millis = Millis::from_secs(30);
/// How long before that it is accepted: the phone's clock may be fast.
const EARLY: Millis = Millis::from_secs(10);
/// How long after that it is accepted: the phone's clock may be slow, and the user may type slowly.
const LATE: Millis = Millis::from_secs(20);
/// How far from now to search for a code, to report that a phone's clock is wrong.
const CLOCK_OFF: Millis = Millis::from_mins(10);
const SEED: usize = 20;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The secret shared by an authenticator app and the server: 160 bits (RFC 4226, section 4).
pub struct Seed(Zeroizing<[u8; SEED]>);

impl Seed {
    /// Generates a new seed.
    ///
    /// # Errors
    /// The operating system gave no randomness.
    pub fn generate() -> Result<Self, Unspecified> {
        let mut seed = Zeroizing::new([0; SEED]);
        rand::fill(seed.as_mut_slice())?;
        Ok(Self(seed))
    }

    /// Makes a seed from its bytes.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// The seed's bytes.
    pub fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// The seed in base32 (RFC 4648, section 6), to type into an app that can't scan the QR code.
    pub fn base32(&self) -> String {
        let bits = self.0.iter().fold(String::new(), |bits, byte| bits + &format!("{byte:08b}"));
        let letter = |five: &[u8]| {
            let index = five.iter().fold(0, |index, bit| index * 2 + usize::from(*bit == b'1'));
            char::from(BASE32[index])
        };
        bits.as_bytes().chunks(5).map(letter).collect()
    }

    /// The URI that an app reads from the QR code.
    pub fn uri(&self, issuer: &str, account: &str) -> String {
        let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
        let (issuer, account, secret) = (encode(issuer), encode(account), self.base32());
        format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30")
    }

    /// Returns the step whose code this is at `now`, if it is later than `last`, the last accepted step.
    pub fn accepts(&self, code: &str, now: Millis, last: i64) -> Option<i64> {
        let steps = (now - STEP - LATE).div_euclid(STEP) + 1..=(now + EARLY).div_euclid(STEP);
        // Compares all codes, whichever one matches.
        let right = steps.filter(|step| self.is_code(*step, code)).fold(None, |_, step| Some(step));
        right.filter(|step| *step > last)
    }

    /// Returns by how much the clock is wrong that made this code, if the code is within ten minutes of
    /// `now`. Negative for a clock that is slow.
    pub fn clock_off(&self, code: &str, now: Millis) -> Option<Seconds> {
        let (step, far) = (now.div_euclid(STEP), CLOCK_OFF.div_euclid(STEP));
        let off = (1..=far).flat_map(|away| [-away, away]).find(|off| self.is_code(step + off, code));
        off.map(|off| (STEP * off).whole_seconds())
    }

    fn is_code(&self, step: i64, code: &str) -> bool {
        constant_time::verify_slices_are_equal(self.code(step).as_bytes(), code.as_bytes()).is_ok()
    }

    /// Returns the code of a step (RFC 4226, section 5.3).
    fn code(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.bytes());
        let mac = hmac::sign(&key, &step.to_be_bytes());
        let mac = mac.as_ref();
        let offset = usize::from(mac[mac.len() - 1] & 0x0f);
        let truncated = mac[offset..offset + 4].iter().fold(0, |number: u32, byte| number << 8 | u32::from(*byte));
        format!("{:06}", (truncated & 0x7fff_ffff) % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seed() -> Seed {
        Seed::of(b"12345678901234567890").expect("20 bytes")
    }

    #[test]
    fn the_codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six of the eight digits.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(seed().code(seconds / 30), code, "{seconds}");
        }
        assert_eq!(seed().base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_code_is_good_from_ten_seconds_before_its_time_until_twenty_after_it() {
        let (seed, begin) = (seed(), STEP * 1000);
        let code = seed.code(1000);
        for (at, good) in [
            (-11_000, false),
            (-10_001, false),
            (-10_000, true),
            (0, true),
            (29_999, true),
            (49_999, true),
            (50_000, false),
        ] {
            assert_eq!(seed.accepts(&code, begin + Millis(at), 0), good.then_some(1000), "{at}");
        }
        assert_eq!(seed.accepts(&code, begin, 999), Some(1000));
        assert_eq!(seed.accepts(&code, begin, 1000), None, "it was used");
        assert_eq!(seed.accepts("12345", begin, 0), None);
    }

    #[test]
    fn a_clock_that_is_wrong_is_measured() {
        let (seed, now) = (seed(), STEP * 1000 + Millis(12_345));
        assert_eq!(seed.clock_off(&seed.code(996), now), Some(Seconds(-120)), "the phone is slow");
        assert_eq!(seed.clock_off(&seed.code(1020), now), Some(Seconds(600)));
        assert_eq!(seed.clock_off(&seed.code(1021), now), None);
        assert_eq!(seed.clock_off("x", now), None);
    }

    #[test]
    fn an_app_reads_who_and_where() {
        let uri = seed().uri("Shop & Co", "ada@example.com");
        assert_eq!(
            uri,
            "otpauth://totp/Shop%20%26%20Co:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Shop%20%26%20Co&algorithm=SHA1&digits=6&period=30"
        );
    }

    proptest! {
        #[test]
        fn what_the_phone_shows_is_accepted_and_once(now in 0..4_000_000_000_000_i64, off in -10_000..=20_000_i64) {
            let (seed, now) = (seed(), Millis(now));
            let shown = (now - Millis(off)).div_euclid(STEP).max(1);
            let code = seed.code(shown);
            let step = seed.accepts(&code, now.max(STEP), 0);
            prop_assert!(now < STEP * 2 || step.is_some());
            if let Some(step) = step {
                prop_assert_eq!(seed.accepts(&seed.code(step), now, step), None);
            }
        }
    }
}
