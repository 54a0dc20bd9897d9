//! A form that a browser without WASM sent and the server refused, for its page to show again.

use super::{address::use_query_value, error::Code, session::FormEcho};
use leptos::prelude::*;

/// The refusal of one form, identified by the call that it makes, and by its item where a page has many such forms. The
/// code is in the page's address; the fields' errors and values came in a cookie.
#[derive(Clone, Copy)]
pub struct RefusedForm {
    call: &'static str,
    item: StoredValue<Option<(&'static str, String)>>,
    /// The code's text in the page's address.
    code: Memo<Option<String>>,
    echo: Echo,
}

impl RefusedForm {
    /// Returns the refusal of the form that calls `call`.
    pub fn of(call: &'static str) -> Self {
        Self::about(call, None)
    }

    /// Returns the refusal of the form that calls `call` about this item: the name and the value of a hidden field.
    pub fn about(call: &'static str, item: Option<(&'static str, String)>) -> Self {
        Self { call, item: StoredValue::new(item), code: in_address(), echo: expect_context() }
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

    /// Returns the id of the field `name`: where the forms of other items have such a field, with the call and the item.
    pub fn id_of(self, name: &str) -> String {
        let Some((_, item)) = self.item.try_get_value().flatten() else { return name.to_owned() };
        let call = self.call.rsplit('/').next().unwrap_or_default();
        // No id may have a space in it, since other attributes list ids.
        format!("{call}.{name}.{}", item.replace(char::is_whitespace, "_"))
    }

    /// Forgets the refusal, because the form has been accepted since.
    pub fn end(self) {
        self.echo.try_update_value(|echo| echo.take_if(|echo| self.is_it(echo)));
    }

    fn read<T>(self, read: impl FnOnce(&FormEcho) -> Option<T>) -> Option<T> {
        self.echo.try_with_value(|echo| read(echo.as_ref().filter(|echo| self.is_it(echo))?)).flatten()
    }

    fn is_it(self, echo: &FormEcho) -> bool {
        let item = self.item.try_get_value().flatten();
        echo.call == self.call && item.is_none_or(|(name, value)| echo.value(name) == Some(value))
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
