//! A page with a list: a form to add an item, and one for each item to change it.

use super::{Pages, operations};
use crate::support::{HtmlForm, TestApp, cookie, location};
use freshkey::{
    Freshkey,
    app::{
        api::protocol::{Bearer, Get, Post},
        components::{CallForm, FormField, Load, Protected, Typed},
        error::ApiError,
        wire::load,
    },
    server::request::caller,
};
use leptos::prelude::*;
use starter::brand::BRAND;

/// The words that there are.
#[server(prefix = "/api", endpoint = "test/words", protocol = Get<Bearer>)]
pub async fn words() -> Result<Vec<String>, ApiError> {
    caller()?;
    Ok(vec!["able".to_owned(), "baker".to_owned()])
}

/// Takes a word, if it is a short one.
#[server(prefix = "/api", endpoint = "test/words", protocol = Post<Bearer>)]
pub async fn say(#[server(default)] word: String) -> Result<(), ApiError> {
    caller()?;
    if word.len() > 5 { Err(ApiError::field("word", "Say a shorter word.")) } else { Ok(()) }
}

/// Takes another word for the one of this id.
#[server(prefix = "/api", endpoint = "test/words/change", protocol = Post<Bearer>)]
pub async fn change(#[server(default)] id: String, #[server(default)] word: String) -> Result<(), ApiError> {
    let _ = id;
    say(word).await
}

#[component]
pub fn WordsPage() -> impl IntoView {
    let list = load(|| (), |()| words());
    let item = move |word: String| {
        let id = word.clone();
        let input = move |form: Typed| Change { id: id.clone(), word: form.text("word") };
        view! {
            <li>
                <CallForm page="/app/words" button="Change" item=("id", word.clone()) input done=move |()| list.refetch()>
                    <FormField name="word" label="Word" value=word />
                </CallForm>
            </li>
        }
    };
    view! {
        <Protected>
            <CallForm page="/app/words" button="Say" input=|form| Say { word: form.text("word") }
                done=move |()| list.refetch()>
                <FormField name="word" label="Word" />
            </CallForm>
            <Load data=list let:words>
                <ul>{words.into_iter().map(item).collect_view()}</ul>
            </Load>
        </Protected>
    }
}

/// The inputs of the fields for a word, in their order: the one to say, and one for each item.
fn inputs(page: &str) -> Vec<&str> {
    page.split("<input").skip(1).filter(|input| input.contains(r#"name="word""#)).collect()
}

#[tokio::test]
async fn a_list_and_its_form_work_without_wasm() {
    let app = TestApp::of(Freshkey::new(BRAND, Pages).describe(operations), &[]).await;
    let session = app.register("ada@example.com").await;
    let cookies = format!("refresh={}", session.cookie);
    let page = app.page("/app/words", &cookies).await.text().await.unwrap();
    let form = HtmlForm::find(&page, "/api/test/words");
    assert_eq!(location(&app.submit(&form.clone().with("word", "short"), &cookies).await), "/app/words");
    let refused = app.submit(&form.with("word", "circuitous"), &cookies).await;
    assert_eq!(location(&refused), "/app/words?error=VALIDATION");
    let echo = format!("{cookies}; form={}", cookie(&refused, "form").unwrap());
    let page = app.page(&location(&refused), &echo).await.text().await.unwrap();
    assert!(page.contains("Say a shorter word."), "{page}");
    let values = [r#"value="circuitous""#, r#"value="able""#, r#"value="baker""#];
    let inputs = inputs(&page);
    assert_eq!(inputs.len(), values.len());
    assert!(inputs.iter().zip(values).all(|(input, value)| input.contains(value)), "{page}");
    app.stop().await;
}

#[tokio::test]
async fn of_the_forms_of_a_list_the_one_that_was_refused_shows_it_without_wasm() {
    let app = TestApp::of(Freshkey::new(BRAND, Pages).describe(operations), &[]).await;
    let session = app.register("ada@example.com").await;
    let cookies = format!("refresh={}", session.cookie);
    let page = app.page("/app/words", &cookies).await.text().await.unwrap();
    let forms: Vec<_> =
        HtmlForm::all(&page).into_iter().filter(|form| form.action == "/api/test/words/change").collect();
    assert_eq!(forms.len(), 2);
    let refused = app.submit(&forms[1].clone().with("word", "breakfast"), &cookies).await;
    let echo = format!("{cookies}; form={}", cookie(&refused, "form").unwrap());
    let page = app.page(&location(&refused), &echo).await.text().await.unwrap();
    let inputs = inputs(&page);
    assert_eq!(inputs.len(), 3);
    assert!(!inputs[0].contains("value=\"b") && inputs[1].contains(r#"value="able""#), "{page}");
    assert!(inputs[2].contains(r#"value="breakfast""#) && inputs[2].contains(r#"aria-invalid="true""#), "{page}");
    assert_eq!(page.matches(r#"aria-invalid="true""#).count(), 1);
    for id in [r#"id="word""#, r#"id="word.change.able""#, r#"id="word.change.baker""#] {
        assert_eq!(page.matches(id).count(), 1, "{id}");
    }
    app.stop().await;
}
