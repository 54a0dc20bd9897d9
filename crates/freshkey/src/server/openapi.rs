//! `GET /api/openapi.json`: the HTTP interface for programs (OpenAPI 3.1). Schemas are generated from the types that
//! are sent and from the code that reads them, so they match it; the refusals come from the table of codes.

use super::{
    call_info::Caller,
    freshkey::Freshkey,
    operations::{Answer, reference},
};
use crate::app::error::{ApiError, Code};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub use super::operations::{Operation, call};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const ERROR: &str = "ApiError";

/// Returns the description of a server of this app. `cookie` is the name of its refresh cookie, `password_min` the
/// fewest characters of a password.
pub fn document(app: &Freshkey, cookie: &str, password_min: usize) -> Value {
    let (mut paths, mut schemas) = (Map::new(), schemas());
    for operation in app.operations() {
        schemas.extend(operation.answer.named.iter().cloned());
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method.to_ascii_lowercase()] = describe(&operation, password_min);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": app.brand().name,
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Sign-in: rotated refresh tokens in an HttpOnly cookie, short-lived access tokens.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"}
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "headers": headers(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "refresh": {"type": "apiKey", "in": "cookie", "name": cookie},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"}
            }
        }
    })
}

/// Returns the schemas that every call may need, and those that have no type of ours.
fn schemas() -> Map<String, Value> {
    let error = Answer::of::<ApiError>();
    let mut schemas: Map<String, Value> = error.named.into_iter().collect();
    let by_hand = json!({
        "KeySet": {
            "type": "object",
            "description": "Public keys (RFC 7517).",
            "required": ["keys"],
            "properties": {"keys": {"type": "array", "items": {
                "type": "object",
                "required": ["kty", "kid", "alg", "use"],
                "properties": {"kty": {"enum": ["OKP", "EC"]}, "kid": {"type": "string"}, "alg": {"enum": ["EdDSA", "ES256"]}, "use": {"const": "sig"}}
            }}}
        },
        "Health": {
            "type": "object",
            "required": ["status"],
            "properties": {"status": {"enum": ["alive", "ready", "down"]}, "part": {"type": "string", "description": "What is down."}}
        }
    });
    schemas.extend(by_hand.as_object().cloned().unwrap_or_default());
    schemas
}

fn headers() -> Value {
    let text = |description: &str| json!({"description": description, "schema": {"type": "string"}});
    json!({
        "X-Request-Id": text("The request's name in the server's log."),
        "Set-Cookie": text("The refresh cookie, where it is set or cleared."),
        "WWW-Authenticate": text("RFC 6750, section 3."),
        "Clear-Site-Data": text("What the browser forgets."),
        "RateLimit": text("draft-ietf-httpapi-ratelimit-headers."),
        "RateLimit-Policy": text("draft-ietf-httpapi-ratelimit-headers."),
        "Location": text("Where a form leads."),
        "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
    })
}

fn describe(operation: &Operation, password_min: usize) -> Value {
    let mut description = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "security": security(operation),
        "responses": responses(operation),
    });
    if operation.step_up {
        description["description"] = "Needs a recent sign-in, or `POST /api/step-up` (RFC 9470).".into();
    }
    let parameters = operation.parameters();
    if !parameters.is_empty() {
        description["parameters"] = parameters.into();
    }
    if operation.reads_a_body() {
        let mut content = json!({JSON: {"schema": operation.body(false, password_min)}});
        if !operation.json_only {
            content[FORM] = json!({"schema": operation.body(true, password_min)});
        }
        description["requestBody"] = json!({"required": !operation.required().is_empty(), "content": content});
    }
    description
}

fn security(operation: &Operation) -> Value {
    match operation.caller {
        Caller::Anybody => json!([]),
        Caller::Cookie => json!([{"refresh": []}]),
        Caller::CookieOrBearer => json!([{"refresh": []}, {"bearer": []}, {}]),
        Caller::Bearer => json!([{"bearer": []}]),
        Caller::BearerOrStep => json!([{"bearer": [], "csrf": []}, {"refresh": [], "csrf": []}, {}]),
        Caller::BearerAndCsrf => json!([{"bearer": [], "csrf": []}, {"refresh": [], "csrf": []}]),
    }
}

fn responses(operation: &Operation) -> Value {
    let mut responses = Map::new();
    let (status, answer) = (operation.status.to_string(), answer(operation));
    responses.insert(status, answer.clone());
    for status in operation.also {
        let nothing = json!({"description": "Nothing.", "headers": named(operation.headers)});
        responses.insert(status.to_string(), if *status == 204 { nothing } else { answer.clone() });
    }
    if operation.reads_a_body() {
        let leads = json!({"description": "A form that prefers HTML is led to a page.", "headers": named(&["X-Request-Id", "Location", "Set-Cookie"])});
        responses.insert("303".to_owned(), leads);
    }
    let mut refusals: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in operation.codes() {
        refusals.entry(code.status()).or_default().push(code);
    }
    for (status, codes) in refusals {
        responses.insert(status.to_string(), refusal(status, &codes));
    }
    if operation.path == "/readyz" {
        let down = json!({"description": "The part that is named is down.", "headers": named(&["X-Request-Id"]), "content": {JSON: {"schema": reference("Health")}}});
        responses.insert("503".to_owned(), down);
    }
    Value::Object(responses)
}

fn answer(operation: &Operation) -> Value {
    let mut answer = json!({"description": "Done.", "headers": named(operation.headers)});
    if let Some(schema) = &operation.answer.schema {
        answer["content"] = json!({JSON: {"schema": schema}});
    }
    answer
}

fn refusal(status: u16, codes: &[Code]) -> Value {
    let texts: Vec<String> = codes.iter().map(|code| format!("`{}`: {}", code.text(), code.message())).collect();
    let names = match status {
        401 => &["X-Request-Id", "WWW-Authenticate", "Set-Cookie"][..],
        403 => &["X-Request-Id", "Set-Cookie"],
        429 => &["X-Request-Id", "Retry-After", "RateLimit", "RateLimit-Policy"],
        503 => &["X-Request-Id", "Retry-After"],
        _ => &["X-Request-Id"],
    };
    json!({
        "description": texts.join(" "),
        "headers": named(names),
        "content": {JSON: {"schema": {"allOf": [reference(ERROR), {"properties": {"code": {"enum": codes}}}]}}}
    })
}

fn named(headers: &[&str]) -> Value {
    let of = |name: &&str| ((*name).to_owned(), json!({"$ref": format!("#/components/headers/{name}")}));
    Value::Object(headers.iter().map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::brand::{Accent, Brand};
    use leptos::prelude::IntoAny;

    const BRAND: Brand = Brand {
        name: "Shop",
        what: "",
        description: "",
        mark: || ().into_any(),
        accent: Accent::DEFAULT,
        how_it_works: None,
    };

    #[test]
    fn every_server_function_is_described_and_every_reference_leads_somewhere() {
        let document = document(&Freshkey::new(BRAND, || ()), "refresh", 8);
        for (path, method) in leptos::server_fn::axum::server_fn_paths() {
            let described = &document["paths"][path][method.as_str().to_ascii_lowercase()];
            assert!(described.is_object(), "{method} {path}: describe it in server/operations.rs");
        }
        for reference in document.to_string().split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(document.pointer(reference).is_some(), "{reference}");
        }
    }
}
