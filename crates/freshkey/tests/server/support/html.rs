//! Pages, as a browser without WASM reads them.

use super::TestApp;
use reqwest::Response;

impl TestApp {
    /// A page, with these cookies.
    pub async fn page(&self, path: &str, cookies: &str) -> Response {
        self.get(path).header("accept", "text/html").header("cookie", cookies).send().await.unwrap()
    }

    /// Sends a form as a browser without WASM does that keeps to itself where it came from.
    pub async fn submit(&self, form: &HtmlForm, cookies: &str) -> Response {
        let request = self.post(&form.action).header("accept", "text/html").header("cookie", cookies);
        request.form(&form.fields).send().await.unwrap()
    }
}

/// Where a redirect leads.
pub fn location(answer: &Response) -> String {
    assert_eq!(answer.status(), 303);
    answer.headers()["location"].to_str().unwrap().to_owned()
}

/// A form: where it posts, and its hidden fields as they stand there.
#[derive(Clone, Debug, PartialEq)]
pub struct HtmlForm {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl HtmlForm {
    /// Every form of the page that posts.
    pub fn all(html: &str) -> Vec<Self> {
        let forms = html.split("<form").skip(1).filter_map(|rest| rest.split("</form>").next());
        forms.filter(|form| form.contains(r#"method="post""#)).map(Self::read).collect()
    }

    /// The form that posts to `action`.
    pub fn find(html: &str, action: &str) -> Self {
        Self::all(html).into_iter().find(|form| form.action == action).unwrap_or_else(|| panic!("no form for {action}"))
    }

    fn read(form: &str) -> Self {
        let hidden = form.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
        let fields = hidden
            .filter(|input| attribute(input, "type").as_deref() == Some("hidden"))
            .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default())))
            .collect();
        Self { action: attribute(form, "action").expect("an action"), fields }
    }

    /// The value of the hidden field `name`.
    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).expect(name)
    }

    /// The form with this in the field `name`.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(key, _)| key != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// The first value of the attribute `name`.
pub fn attribute(element: &str, name: &str) -> Option<String> {
    let value = element.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
    Some(unescape(value))
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#x27;", "'").replace("&amp;", "&")
}

/// The tags of the page's elements, with their attributes, as a browser finds them: what is in quotes, in a
/// script or in a `textarea` is text.
pub fn elements(html: &str) -> Vec<&str> {
    let (mut found, mut rest) = (Vec::new(), html);
    while let Some(begin) = rest.find('<') {
        rest = &rest[begin + 1..];
        let end = tag_end(rest);
        let tag = &rest[..end];
        rest = &rest[end..];
        if tag.starts_with(|c: char| c.is_ascii_alphabetic()) {
            found.push(tag);
        }
        for raw in ["script", "textarea", "title", "style"] {
            if tag.split_whitespace().next() == Some(raw) {
                rest = &rest[rest.find(&format!("</{raw}")).expect("an end")..];
            }
        }
    }
    found
}

fn tag_end(tag: &str) -> usize {
    if let Some(comment) = tag.strip_prefix("!--") {
        return comment.find("-->").map_or(tag.len(), |end| end + 5);
    }
    let mut quote = None;
    let end = tag.char_indices().find(|(_, c)| match quote {
        Some(open) => {
            if *c == open {
                quote = None;
            }
            false
        }
        None if matches!(c, '"' | '\'') => {
            quote = Some(*c);
            false
        }
        None => *c == '>',
    });
    end.map_or(tag.len(), |(index, _)| index)
}
