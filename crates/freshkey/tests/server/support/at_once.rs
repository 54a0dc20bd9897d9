//! Requests that are under way at the same time.

use reqwest::{RequestBuilder, Response};
use tokio::task::JoinSet;

/// Sends them all at once; the answers in the order that they came in.
pub async fn at_once(requests: Vec<RequestBuilder>) -> Vec<(usize, Response)> {
    let mut tasks = JoinSet::new();
    for (index, request) in requests.into_iter().enumerate() {
        tasks.spawn(async move { (index, request.send().await.unwrap()) });
    }
    let mut answers = Vec::new();
    while let Some(answer) = tasks.join_next().await {
        answers.push(answer.unwrap());
    }
    answers
}
