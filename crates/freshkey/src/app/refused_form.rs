//! A form that a browser without WASM sent and the server refused, for its page to show again.

use super::{address::use_query_value, error::Code, session::FormEcho};
use leptos::prelude::*;

/// The refusal of one form, identified by the call that it makes, and by its item where a page has many such forms. The
/// code is in the page's address; the fields' errors and values came in a cookie.
#[derive(Clone, Copy)]
pub struct RefusedForm {
    /// Whether it is this form that was refused.
    is_it: bool,
    /// The code's text in the page's address.
    code: Memo<Option<String>>,
    echo: Echo,
}

impl RefusedForm {
    /// Returns the refusal of the form that calls `call`.
    pub fn of(call: &str) -> Self {
        Self::about(call, None)
    }

    /// Returns the refusal of the form that calls `call` about this item: the name and the value of a hidden field.
    pub fn about(call: &str, item: Option<&(&str, String)>) -> Self {
        let echo: Echo = expect_context();
        let is_item = |echo: &FormEcho| item.is_none_or(|(name, value)| echo.value(name).as_ref() == Some(value));
        let is_it = |echo: &FormEcho| echo.call == call && is_item(echo);
        let is_it = echo.try_with_value(|echo| echo.as_ref().is_some_and(is_it)) == Some(true);
        Self { is_it, code: in_address(), echo }
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

    /// Forgets the refusal, because the form has been accepted since.
    pub fn end(self) {
        if self.is_it {
            drop(self.echo.try_set_value(None));
        }
    }

    fn read<T>(self, read: impl FnOnce(&FormEcho) -> Option<T>) -> Option<T> {
        self.echo.try_with_value(|echo| read(echo.as_ref().filter(|_| self.is_it)?)).flatten()
    }
}

/// What became of the last form, from `use_context`.
type Echo = StoredValue<Option<FormEcho>>;

/// Returns a function that tells the next page that `call` succeeded. Without WASM, the server does.
pub fn use_done(call: &'static str) -> impl Fn() + Copy + Send + Sync {
    let echo: Echo = expect_context();
    move || drop(echo.try_set_value(Some(FormEcho::done(call))))
}

/// Whether a form that calls `call` succeeded and led to this page. Only the first look sees it.
pub fn was_just_done(call: &str) -> bool {
    let echo: Echo = expect_context();
    echo.try_update_value(|echo| echo.take_if(|echo| echo.done && echo.call == call)).flatten().is_some()
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
