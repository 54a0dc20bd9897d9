//! A form that a browser without WASM sent and the server refused, for its page to show again.

use super::{address::use_query_value, error::Code, session::FormEcho};
use leptos::prelude::*;

/// The refusal of one form, identified by the call that it makes. The code is in the page's address; the fields'
/// errors and values came in a cookie.
#[derive(Clone, Copy)]
pub struct RefusedForm {
    call: &'static str,
    /// The code's text in the page's address.
    code: Memo<Option<String>>,
    echo: StoredValue<Option<FormEcho>>,
}

impl RefusedForm {
    /// Returns the refusal of the form that calls `call`.
    pub fn of(call: &'static str) -> Self {
        Self { call, code: in_address(), echo: expect_context() }
    }

    /// Returns the code, if the form was refused; tracked.
    pub fn code(self) -> Option<Code> {
        self.code.with(|code| parse(code.as_deref()))
    }

    /// Returns the error of the field `name`; tracked.
    pub fn sentence(self, name: &str) -> Option<String> {
        self.code()?;
        self.read(|echo| echo.sentence(name))
    }

    /// Returns the value that was typed into the field `name`.
    pub fn typed(self, name: &str) -> Option<String> {
        untrack(|| self.code())?;
        self.read(|echo| echo.value(name))
    }

    /// Whether the checkbox `name` is ticked: as the user left it; initially it is.
    pub fn ticked(self, name: &str) -> bool {
        let left = untrack(|| self.code()).and_then(|_| self.read(|echo| Some(echo.value(name).is_some())));
        left.unwrap_or(true)
    }

    fn read<T>(self, read: impl FnOnce(&FormEcho) -> Option<T>) -> Option<T> {
        self.echo.try_with_value(|echo| read(echo.as_ref().filter(|echo| echo.call == self.call)?)).flatten()
    }
}

/// Returns the code of the refused form that led back to this page, if any; tracked.
pub fn use_refusal() -> impl Fn() -> Option<Code> + Copy + Send + Sync {
    let code = in_address();
    move || code.with(|code| parse(code.as_deref()))
}

fn in_address() -> Memo<Option<String>> {
    use_query_value("error")
}

fn parse(code: Option<&str>) -> Option<Code> {
    code.and_then(Code::parse)
}
