//! The signature counter: it reveals a copy of a key that was made not to be copied.

/// Whether to ignore the counter: the passkey may be on other devices, now and before.
///
/// Both are needed: a thief who has copied a key can sign that it is a synced one.
pub const fn counter_is_ignored(eligible_before: bool, eligible_now: bool) -> bool {
    eligible_before && eligible_now
}
