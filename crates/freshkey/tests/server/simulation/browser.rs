//! The browser, as events in time.

use super::{
    Dice, GRACE, MINUTE, SECOND,
    server::{Answer, Server},
};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// A client gives a refresh up after half the grace period.
pub const PATIENCE: i64 = GRACE / 2;

/// How bad the network is. Once in so many; 0 is never.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// A refresh is answered while the browser is cut off, for minutes.
    pub cut: u64,
    /// A refresh is late, by up to 30 s, and so is its answer, by up to the client's patience.
    pub late: u64,
    /// The server crashes right after a refresh, and its last commit is gone.
    pub crash: u64,
}

/// What the browser does about it.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    pub tabs: usize,
    /// Whether the tabs send one refresh at a time.
    pub one_at_a_time: bool,
    /// What its clock is ahead of the server's.
    pub clock: i64,
    /// How long an access token is good for.
    pub access: i64,
}

#[derive(Clone, Copy, Debug)]
enum Event {
    /// A tab needs an access token.
    Needed {
        tab: usize,
    },
    Arrives {
        request: u64,
    },
    Answered {
        request: u64,
    },
    GivenUp {
        request: u64,
    },
    /// A protected call with the access token that came with this request's answer.
    Calls {
        request: u64,
    },
}

struct Request<S: Server> {
    tab: usize,
    cookie: S::Cookie,
    sent_at: i64,
    /// How long its answer is on the way.
    back: i64,
    answer_is_lost: bool,
    answer: Option<Answer<S>>,
    /// The server's clock when it answered.
    server_time: i64,
}

pub struct Browser<S: Server> {
    pub server: S,
    pub jar: S::Cookie,
    pub now: i64,
    /// Told so by the server.
    pub signed_out: bool,
    pub refreshes: u64,
    crash: fn(&mut S),
    network: Network,
    habits: Habits,
    dice: Dice,
    events: BTreeMap<(i64, u64), Event>,
    requests: HashMap<u64, Request<S>>,
    /// Each tab's refresh that is on its way.
    flights: Vec<Option<u64>>,
    waiting: VecDeque<usize>,
    /// What the server's clock is ahead of ours, as each tab has learned it.
    clocks: Vec<i64>,
    cut_off_until: i64,
    count: u64,
}

impl<S: Server> Browser<S> {
    /// Signed in just now, with a cookie in its jar.
    pub fn new(server: S, jar: S::Cookie, crash: fn(&mut S), network: Network, habits: Habits, seed: u64) -> Self {
        let mut browser = Self {
            server,
            jar,
            crash,
            network,
            habits,
            now: 0,
            signed_out: false,
            refreshes: 0,
            dice: Dice::new(seed),
            events: BTreeMap::new(),
            requests: HashMap::new(),
            flights: vec![None; habits.tabs],
            waiting: VecDeque::new(),
            clocks: vec![-habits.clock; habits.tabs],
            cut_off_until: 0,
            count: 0,
        };
        for tab in 0..habits.tabs {
            let first = browser.dice.between(0, habits.access);
            browser.at(first, Event::Needed { tab });
        }
        browser
    }

    /// Lives on until then, or until it is signed out.
    pub fn run_until(&mut self, end: i64) {
        while !self.signed_out
            && let Some(first) = self.events.first_entry()
            && first.key().0 < end
        {
            let ((time, _), event) = first.remove_entry();
            self.now = time;
            match event {
                Event::Needed { tab } => self.need(tab),
                Event::Arrives { request } => self.serve(request),
                Event::Answered { request } => self.receive(request),
                Event::GivenUp { request } => self.give_up(request),
                Event::Calls { request } => self.call(request),
            }
        }
        self.now = self.now.max(end);
    }

    fn at(&mut self, time: i64, event: Event) {
        self.count += 1;
        self.events.insert((time, self.count), event);
    }

    fn need(&mut self, tab: usize) {
        if self.habits.one_at_a_time && self.flights.iter().any(Option::is_some) {
            self.waiting.push_back(tab);
        } else {
            self.send(tab);
        }
    }

    fn send(&mut self, tab: usize) {
        self.refreshes += 1;
        self.count += 1;
        let id = self.count;
        self.flights[tab] = Some(id);
        self.at(self.now + PATIENCE, Event::GivenUp { request: id });
        if self.now < self.cut_off_until {
            return;
        }
        let cut = self.dice.once_in(self.network.cut);
        if cut {
            self.cut_off_until = self.now + self.dice.between(MINUTE, 10 * MINUTE);
        }
        let late = self.dice.once_in(self.network.late);
        let there = if late { self.dice.between(0, 30 * SECOND) } else { self.dice.between(10, 300) };
        let back = if late { self.dice.between(10, PATIENCE) } else { self.dice.between(10, 300) };
        let sent_at = self.now + self.habits.clock + self.clocks[tab];
        let request =
            Request { tab, cookie: self.jar.clone(), sent_at, back, answer_is_lost: cut, answer: None, server_time: 0 };
        self.requests.insert(id, request);
        self.at(self.now + there, Event::Arrives { request: id });
    }

    fn serve(&mut self, id: u64) {
        let Some(request) = self.requests.get_mut(&id) else { return };
        request.answer = Some(self.server.refresh(&request.cookie, Some(request.sent_at), self.now));
        request.server_time = self.now;
        let answered = self.now + request.back;
        if self.dice.once_in(self.network.crash) {
            (self.crash)(&mut self.server);
        }
        self.at(answered, Event::Answered { request: id });
    }

    fn receive(&mut self, id: u64) {
        let Some(request) = self.requests.get(&id) else { return };
        let (tab, given_up) = (request.tab, self.flights[request.tab] != Some(id));
        if given_up || request.answer_is_lost || self.now < self.cut_off_until {
            return;
        }
        self.flights[tab] = None;
        match &request.answer {
            Some(Answer::Granted { cookie, .. }) => {
                if let Some(cookie) = cookie {
                    self.jar = cookie.clone();
                }
                self.clocks[tab] = request.server_time - (self.now + self.habits.clock);
                let call = self.now + self.dice.between(10, 300);
                let next = self.now + self.habits.access + self.dice.between(0, self.habits.access / 15);
                self.at(call, Event::Calls { request: id });
                self.at(next, Event::Needed { tab });
            }
            Some(Answer::Stale) => {
                // This machine's clock may have been moved: it is set by the answer's `Date`.
                let date = request.server_time - request.server_time.rem_euclid(SECOND);
                self.clocks[tab] = date - (self.now + self.habits.clock);
                self.at(self.now + SECOND, Event::Needed { tab });
            }
            Some(Answer::Over) => self.signed_out = true,
            None => {}
        }
        self.next_in_line();
    }

    fn give_up(&mut self, id: u64) {
        for tab in 0..self.flights.len() {
            if self.flights[tab] == Some(id) {
                self.flights[tab] = None;
                let pause = self.dice.between(400, 5 * SECOND);
                self.at(self.now + pause, Event::Needed { tab });
                self.next_in_line();
            }
        }
    }

    fn next_in_line(&mut self) {
        if let Some(tab) = self.waiting.pop_front() {
            self.at(self.now, Event::Needed { tab });
        }
    }

    fn call(&mut self, id: u64) {
        if let Some(Request { answer: Some(Answer::Granted { access, .. }), .. }) = self.requests.remove(&id)
            && self.now >= self.cut_off_until
        {
            self.server.call(&access, self.now);
        }
    }
}
