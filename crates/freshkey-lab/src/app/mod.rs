//! What the server and the browser share; it is compiled for both.

pub mod api;
pub mod page;
mod seam;
pub mod types;
