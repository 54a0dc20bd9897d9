//! What a page shows of a form that the server refused and that a browser without WASM had sent.

use super::{address::use_query_value, error::Code, session::FormEcho};
use leptos::prelude::*;

/// The refusal of one form, which is known by the call that it makes. The page's address has the code; what
/// is wrong beside the fields, and what had been typed, came in a cookie.
#[derive(Clone, Copy)]
pub struct RefusedForm {
    call: &'static str,
    /// Its name, as the address of the page has it.
    code: Memo<Option<String>>,
    echo: StoredValue<Option<FormEcho>>,
}

impl RefusedForm {
    /// That of the form that calls `call`.
    pub fn of(call: &'static str) -> Self {
        Self { call, code: in_address(), echo: expect_context() }
    }

    /// Why it was refused, if it was; tracked.
    pub fn code(self) -> Option<Code> {
        self.code.with(|code| parse(code.as_deref()))
    }

    /// What is wrong with the field `name`; tracked.
    pub fn sentence(self, name: &str) -> Option<String> {
        self.code()?;
        self.read(|echo| echo.sentence(name))
    }

    /// What had been typed into the field `name`.
    pub fn typed(self, name: &str) -> Option<String> {
        untrack(|| self.code())?;
        self.read(|echo| echo.value(name))
    }

    /// Whether the box `name` is ticked: as it was left, and at first it is.
    pub fn ticked(self, name: &str) -> bool {
        let left = untrack(|| self.code()).and_then(|_| self.read(|echo| Some(echo.value(name).is_some())));
        left.unwrap_or(true)
    }

    fn read<T>(self, read: impl FnOnce(&FormEcho) -> Option<T>) -> Option<T> {
        self.echo.try_with_value(|echo| read(echo.as_ref().filter(|echo| echo.call == self.call)?)).flatten()
    }
}

/// Why the form was refused that led back to this page, if one was; tracked.
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
