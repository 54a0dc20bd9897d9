//! What was typed into a form that was refused, on its way back to the form: in cookies that last a minute.
//!
//! Why not in the database: strangers send forms, too, and each would leave a row. So the browser keeps it, and
//! any instance can show it. It is compressed, since all cookies of a request are one line of its head, and
//! proxies refuse a line of more than 8 KiB: in base64 alone, the longest note would not fit.

use crate::{
    app::{address, error::Code, paths, session::FormEcho},
    server::{
        cookies,
        guard::body_limit,
        settings::{CookieName, Http},
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, Uri};
use miniz_oxide::{deflate::compress_to_vec_zlib, inflate::decompress_to_vec_zlib_with_limit};

/// Seconds that what was typed waits for the form to show it.
const SECONDS: i64 = 60;
/// The same, where a person first has to confirm that it is them.
const STEP_UP_SECONDS: i64 = 600;
/// The most characters of one cookie, a multiple of four as base64 is: with its name and attributes a browser
/// takes 4096 bytes.
const COOKIE_CHARS: usize = 3900;
/// The most characters of both cookies, which leaves 800 bytes of the line to the other cookies.
const ECHO_CHARS: usize = 7400;
/// The most bytes that are unpacked: in JSON, a byte of the body may be six.
const UNPACKED_BYTES: usize = 6 * body_limit::MAX_BYTES;
/// How hard the compression tries, of ten.
const LEVEL: u8 = 6;

/// The cookies that keep it after a refusal with this code; none of an earlier form is left.
pub fn keep(echo: FormEcho, code: Code, http: &Http) -> impl Iterator<Item = HeaderValue> {
    let seconds = if code == Code::StepUpRequired { STEP_UP_SECONDS } else { SECONDS };
    let text = pack(echo).unwrap_or_default();
    let (first, rest) = text.split_at(text.len().min(COOKIE_CHARS));
    [(CookieName::Form, first), (CookieName::FormRest, rest)]
        .map(|(name, value)| set(http, name, value, seconds))
        .into_iter()
}

/// Clears the cookies that keep it.
pub fn clear(http: &Http) -> impl Iterator<Item = HeaderValue> {
    [CookieName::Form, CookieName::FormRest].into_iter().map(|name| set(http, name, "", 0))
}

/// What the form had to say that led back to this page, if it was refused a moment ago. While the password is asked for,
/// it waits for the page after that.
pub fn find(uri: &Uri, headers: &HeaderMap, http: &Http) -> Option<FormEcho> {
    if uri.path() == paths::STEP_UP {
        return None;
    }
    address::in_query(uri.query()?, "error")?;
    let part = |name| cookies::value(http, headers, name);
    let text = [part(CookieName::Form)?, part(CookieName::FormRest).unwrap_or_default()].concat();
    let packed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let json = decompress_to_vec_zlib_with_limit(&packed, UNPACKED_BYTES).ok()?;
    serde_json::from_slice(&json).ok()
}

/// What is wrong matters more than what was typed, and of that many fields more than a long one.
fn pack(mut echo: FormEcho) -> Option<String> {
    loop {
        let json = serde_json::to_vec(&echo).ok()?;
        let text = URL_SAFE_NO_PAD.encode(compress_to_vec_zlib(&json, LEVEL));
        if text.len() <= ECHO_CHARS {
            return Some(text);
        }
        let longest = (0..echo.values.len()).max_by_key(|index| echo.values[*index].1.len())?;
        echo.values.remove(longest);
    }
}

fn set(http: &Http, name: CookieName, value: &str, seconds: i64) -> HeaderValue {
    cookies::set_short(http, name, value, if value.is_empty() { 0 } else { seconds })
}
