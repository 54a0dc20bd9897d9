//! One step: an event in, effects out.

use super::{
    event::{Effect, Event, Timer, Waiting},
    moment::Moment,
    state::{Client, Step},
};

impl Client {
    /// Takes an event, and returns what is to be done about it, in this order. It depends on nothing else, and does
    /// nothing by itself.
    #[must_use]
    pub fn step(&mut self, event: Event, now: Moment) -> Vec<Effect> {
        let mut step = Step { client: self, now, effects: Vec::new() };
        step.take(event);
        step.effects
    }
}

impl Step<'_> {
    fn take(&mut self, event: Event) {
        match event {
            Event::Loaded(rendered_at) => self.loaded(rendered_at),
            Event::Restored => self.restored(),
            Event::Touched => self.touched(),
            Event::Visibility => self.visibility_changed(),
            Event::Connection => self.connection_changed(),
            Event::Reached(reach) => self.reached(reach),
            Event::Dated(date_ms) => self.client.ahead_ms = date_ms.map(|date| date - self.now.wall_ms),
            Event::Due(Timer::Refresh) => self.refresh_waited(),
            Event::Due(Timer::Renewal) => self.renew_if_due(),
            Event::Due(Timer::Retry) => self.retry(),
            Event::TokenWanted => self.begin_refresh(),
            Event::LockSettled => self.lock_settled(),
            Event::Refreshed(answered) => self.refresh_answered(answered),
            Event::SignedIn(answer) => self.signed_in(answer),
            Event::SteppedUp(answer) => self.stepped_up(answer),
            Event::NotConfirmed => self.push(Effect::GiveUp(Waiting::StepUp)),
            Event::SignOutBegun => self.client.sign_outs += 1,
            Event::SignOutEnded => self.sign_out_ended(),
            Event::SignedOut(reason) => self.signed_out(reason),
            Event::Left(reason) => self.signed_out_here(reason),
            Event::SessionOver(reason) => self.session_over(reason),
            Event::TokenSpoiled => self.spoil_token(),
            Event::Heard(message) => self.heard(message),
        }
    }
}
