//! Brings back what was typed into a refused form, or says that it is done: in cookies that last a minute.
//!
//! Why not in the database: strangers send forms, too, and each would leave a row. So the browser keeps the fields, and
//! any instance can show them. They are compressed, since all cookies of a request are one line of its head, and
//! proxies refuse a line of more than 8 KiB: in base64 alone, the longest note would not fit.

use crate::app::types::Seconds;
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

/// How long the cookies last.
const KEPT: Seconds = Seconds(60);
/// The same, where the user first has to confirm their identity.
const KEPT_FOR_STEP_UP: Seconds = Seconds(600);
/// The most characters in one cookie, a multiple of four as base64 needs. A browser takes 4096 bytes, name and
/// attributes included.
const COOKIE_CHARS: usize = 3900;
/// The most characters in both cookies, which leaves 800 bytes of the line to other cookies.
const ECHO_CHARS: usize = 7400;
/// The most bytes after decompression: one byte of the body can take six in JSON.
const UNPACKED_BYTES: usize = 6 * body_limit::MAX_BYTES;
/// The compression level, of ten.
const LEVEL: u8 = 6;

/// Returns the cookies that keep the fields after a refusal with this code, or that the form is done, and clears those
/// of an earlier form.
pub fn keep(echo: FormEcho, code: Option<Code>, http: &Http) -> impl Iterator<Item = HeaderValue> {
    let kept = if code == Some(Code::StepUpRequired) { KEPT_FOR_STEP_UP } else { KEPT };
    let text = pack(echo).unwrap_or_default();
    let (first, rest) = text.split_at(text.len().min(COOKIE_CHARS));
    [(CookieName::Form, first), (CookieName::FormRest, rest)]
        .map(|(name, value)| set(http, name, value, kept))
        .into_iter()
}

/// Clears the cookies.
pub fn clear(http: &Http) -> impl Iterator<Item = HeaderValue> {
    [CookieName::Form, CookieName::FormRest].into_iter().map(|name| set(http, name, "", Seconds::ZERO))
}

/// Returns the errors and the values of the form that led back to this page, if it was refused a moment ago; on the
/// sign-in page also a form that is done. The page that asks for the password leaves them to the page after it.
pub fn find(uri: &Uri, headers: &HeaderMap, http: &Http) -> Option<FormEcho> {
    if uri.path() == paths::STEP_UP {
        return None;
    }
    let refused = uri.query().and_then(|query| address::in_query(query, "error")).is_some();
    if !refused && uri.path() != paths::LOGIN {
        return None;
    }
    let part = |name| cookies::value(http, headers, name);
    let text = [part(CookieName::Form)?, part(CookieName::FormRest).unwrap_or_default()].concat();
    let packed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let json = decompress_to_vec_zlib_with_limit(&packed, UNPACKED_BYTES).ok()?;
    serde_json::from_slice(&json).ok().filter(|echo: &FormEcho| echo.done != refused)
}

/// Packs the echo, dropping the longest values until it fits: the errors matter more than the values, and many short
/// values more than a long one.
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

fn set(http: &Http, name: CookieName, value: &str, kept: Seconds) -> HeaderValue {
    cookies::set_short(http, name, value, if value.is_empty() { Seconds::ZERO } else { kept })
}
