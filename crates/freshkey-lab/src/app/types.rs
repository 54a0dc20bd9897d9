//! The types of the calls, and the page's own measurements.

use freshkey::app::{
    error::Code,
    types::{Seconds, Secret},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The terms on which the lab runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabTerms {
    /// Whether its live parts are on.
    pub live: bool,
    /// The lab's grace period, in which a spent refresh token still gets its successor, in milliseconds.
    pub grace_ms: u32,
    /// How many knocks its bucket holds.
    pub bucket: u32,
    /// How many milliseconds a full bucket takes to empty.
    pub bucket_ms: u32,
}

/// A throw-away session that was begun or refreshed. The page holds both of its tokens, since they are valid only in
/// the lab; no script ever sees the refresh token of a real session.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LabAnswer {
    /// The access token, whose audience is the lab.
    #[schema(value_type = String)]
    pub access_token: Secret,
    /// The refresh token, if a browser would get a new cookie.
    #[schema(value_type = Option<String>)]
    pub refresh_token: Option<Secret>,
    /// The value of `X-CSRF-Token` in its unsafe calls.
    #[schema(value_type = String)]
    pub csrf_token: Secret,
    /// The access token's lifetime in seconds.
    #[schema(value_type = u64)]
    pub expires_in: Seconds,
    /// The generation of the current refresh token.
    pub generation: u32,
}

/// A header, as the server saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeenHeader {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// The verdict of the cross-site guard on a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabBounce {
    /// The headers that the guard decided by.
    pub headers: Vec<SeenHeader>,
    /// The code of the refusal; none if the request passed.
    #[schema(value_type = Option<String>)]
    pub refused: Option<Code>,
}

/// The result of checking an access token as a protected call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabCheck {
    /// The code that the call would be refused with; none if it would be accepted.
    #[schema(value_type = Option<String>)]
    pub refused: Option<Code>,
}

/// A request that no page of ours would make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgery {
    /// A form on another site.
    AnotherSite,
    /// A page on a sibling subdomain.
    Neighbour,
    /// A browser without Fetch Metadata.
    OldBrowser,
    /// A frame that hides its origin.
    Frame,
}

impl Forgery {
    /// All of them, with their names.
    pub const ALL: [(Self, &str); 4] = [
        (Self::AnotherSite, "another_site"),
        (Self::Neighbour, "neighbour"),
        (Self::OldBrowser, "old_browser"),
        (Self::Frame, "frame"),
    ];

    /// Returns the forgery with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(forgery, _)| *forgery)
    }
}

/// A period, in milliseconds since the first call of its run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Its start.
    pub from: f64,
    /// Its end.
    pub to: f64,
}

/// A call with an expired token: sent, refused, waiting, sent again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lane {
    /// From sending to the first answer.
    pub first: Span,
    /// The code of the first answer.
    pub refused: Code,
    /// Waiting for a new token.
    pub wait: Span,
    /// The refresh that this call sent; `None` if it waited for another call's.
    pub refresh: Option<Span>,
    /// From sending again to the second answer.
    pub again: Span,
    /// The code of its failure; `None` if it succeeded.
    pub failed: Option<Code>,
}

/// Many calls at once, and the refreshes that they made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// The calls.
    pub lanes: Vec<Lane>,
}

impl Run {
    /// Returns the time of the last answer.
    pub fn end(&self) -> f64 {
        self.lanes.iter().map(|lane| lane.again.to).fold(1.0, f64::max)
    }

    /// Returns the number of refreshes.
    pub fn refreshes(&self) -> usize {
        self.lanes.iter().filter(|lane| lane.refresh.is_some()).count()
    }

    /// Returns the number of requests.
    pub fn requests(&self) -> usize {
        self.lanes.len() * 2 + self.refreshes()
    }

    /// Returns the number of calls that succeeded in the end.
    pub fn succeeded(&self) -> usize {
        self.lanes.iter().filter(|lane| lane.failed.is_none()).count()
    }
}

/// The result of checking a signature in the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// The signature is valid.
    Good,
    /// The signature is invalid.
    Bad,
    /// No public key has the token's `kid`; with HS256 there is none.
    NoKey,
    /// The browser can't check such signatures.
    Unable,
}

/// The bucket of a rate limit, as the page computes it from the answers: the time at which it is empty again, in
/// milliseconds. The server stores the same single number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bucket {
    empty_at: f64,
}

impl Bucket {
    /// Adds a request that was allowed at `now`; each leaks out in `interval`.
    #[must_use]
    pub fn filled(self, interval: f64, now: f64) -> Self {
        Self { empty_at: self.empty_at.max(now) + interval }
    }

    /// Returns how many requests are in it at `now`.
    pub fn level(self, interval: f64, now: f64) -> f64 {
        (self.empty_at - now).max(0.0) / interval
    }
}
