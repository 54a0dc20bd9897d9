//! In place of reqwest: the names that cargo-leptos uses to download its tools, without a network.

use std::fmt;

/// Why there is no answer.
#[derive(Debug)]
pub struct Error;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this cargo-leptos is built without downloads: see scripts/cargo-leptos/Cargo.toml")
    }
}

impl std::error::Error for Error {}

/// Refuses.
pub async fn get(_: &str) -> Result<Response, Error> {
    Err(Error)
}

/// The answer that never comes.
pub enum Response {}

impl Response {
    /// Its status.
    pub fn status(&self) -> Status {
        match *self {}
    }

    /// Its body.
    pub async fn bytes(self) -> Result<bytes::Bytes, Error> {
        match self {}
    }

    /// Its body, parsed.
    pub async fn json<T>(self) -> Result<T, Error> {
        match self {}
    }
}

/// The status of the answer that never comes.
pub enum Status {}

impl Status {
    /// Whether it is 2xx.
    pub fn is_success(&self) -> bool {
        match *self {}
    }
}

impl fmt::Display for Status {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

/// Makes a [`Client`].
#[derive(Default)]
pub struct ClientBuilder;

impl ClientBuilder {
    /// Sets nothing.
    pub fn user_agent(self, _: &str) -> Self {
        self
    }

    /// Makes the client.
    pub fn build(self) -> Result<Client, Error> {
        Ok(Client)
    }
}

/// Makes a [`Request`].
#[derive(Default)]
pub struct Client;

impl Client {
    /// Makes a request.
    pub fn get(&self, _: String) -> Request {
        Request
    }
}

/// A request that is not sent.
pub struct Request;

impl Request {
    /// Refuses.
    pub async fn send(self) -> Result<Response, Error> {
        Err(Error)
    }
}
