//! The server as a client sees it: the real router, a real database file, real HTTP. One binary, a
//! file per feature; [`support::TestApp`] has the verbs.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod access_token;
mod activity;
mod addresses;
mod admin;
mod architecture;
mod bodies;
mod clocks;
mod command_line;
mod connections;
mod cookies;
mod crash;
mod credentials;
mod cross_site;
mod crowds;
mod data_folder;
mod database_away;
mod documents;
mod faults;
mod forgeries;
mod forms;
mod forms_of_pages;
mod hardening;
mod headers;
mod instances;
mod keys;
mod lab;
mod login_limit;
mod logs;
mod metrics;
mod next_page;
mod notes;
mod pages;
mod passwords;
mod process;
mod profile;
mod races;
mod rate_limit;
mod redis_server;
mod refusals;
mod repeats;
mod rotation;
mod secret;
mod sessions;
mod shared_limits;
mod sign_in;
mod simulation;
mod standards;
mod start;
mod stored_html;
mod support;
mod verifiers;
mod web_files;
