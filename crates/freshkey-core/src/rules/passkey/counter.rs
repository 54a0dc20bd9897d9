//! The signature counter: it shows that there is a copy of a key that was made to have none.

/// Whether the counter says nothing: of a passkey that other devices may have, too, and could before.
///
/// Both times: a thief who has copied a key can sign that it is a synced one.
pub const fn counter_is_ignored(eligible_before: bool, eligible_now: bool) -> bool {
    eligible_before && eligible_now
}
