//! Random interleavings of all that can happen to the flights of one key, beside a model that keeps no more than who waits
//! for what.

use core::future::Future;
use core::pin::Pin;
use core::task::Poll;
use std::sync::Arc;
use std::sync::mpsc::channel;

use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::{collection, proptest};
use xsync::{Driver, Outcome, Panicked, Role, SingleFlight};

use crate::common::panic_message;
use crate::common::task::Task;
use crate::steered::{Steer, steered};

/// A value that counts itself.
type Value = Arc<usize>;
type Group = SingleFlight<u8, Value>;
type Caller<'g> = Task<Pin<Box<dyn Future<Output = Result<Outcome<Value>, Panicked>> + 'g>>>;

#[derive(Debug, Clone, Copy)]
enum Step {
    Work,
    Start,
    Poll(usize),
    PollDriver(usize),
    Drop(usize),
    DropDriver(usize),
    Wake(usize),
    Finish(usize),
    Panic(usize),
    Forget,
    ForgetUnshared,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => Just(Step::Work),
        1 => Just(Step::Start),
        6 => (0..8_usize).prop_map(Step::Poll),
        2 => (0..4_usize).prop_map(Step::PollDriver),
        2 => (0..8_usize).prop_map(Step::Drop),
        1 => (0..4_usize).prop_map(Step::DropDriver),
        3 => (0..4_usize).prop_map(Step::Wake),
        1 => (0..4_usize).prop_map(Step::Finish),
        1 => (0..4_usize).prop_map(Step::Panic),
        1 => Just(Step::Forget),
        1 => Just(Step::ForgetUnshared),
    ];
    collection::vec(step, 0..80)
}

/// What the model knows of a flight.
struct Flight {
    steer: Steer<Value>,
    /// Who has joined and has not gone, by the caller's number.
    callers: Vec<usize>,
    driver: Option<Task<Driver<u8, Value>>>,
    has_driver: bool,
    /// New callers join.
    listed: bool,
    /// The next poll ends it so.
    end: Option<End>,
    ended: Option<End>,
    /// Whether there was more than one caller at the end.
    shared: bool,
    polls: usize,
    /// Woken since its last poll, or never polled.
    news: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Value,
    Panic,
    Dropped,
}

/// A caller of the model.
struct Party<'g> {
    task: Caller<'g>,
    number: usize,
    flight: usize,
    role: Role,
}

struct World<'g> {
    group: &'g Group,
    flights: Vec<Flight>,
    parties: Vec<Party<'g>>,
    numbers: usize,
}

impl World<'_> {
    fn listed(&self) -> Option<usize> {
        self.flights.iter().position(|flight| flight.listed)
    }

    fn add_flight(&mut self, steer: Steer<Value>, caller: usize, driver: Option<Task<Driver<u8, Value>>>) -> usize {
        let has_driver = driver.is_some();
        self.flights.push(Flight {
            steer,
            callers: vec![caller],
            driver,
            has_driver,
            listed: true,
            end: None,
            ended: None,
            shared: false,
            polls: 0,
            news: true,
        });
        self.flights.len() - 1
    }

    fn work(&mut self) {
        let (work, steer) = steered();
        let (made, is_made) = channel();
        let future = self.group.work(1, move || {
            made.send(()).unwrap();
            work
        });
        let mut task: Caller<'_> = Task::new(Box::pin(future.checked()));
        let number = self.number();
        match self.listed() {
            Some(flight) => {
                self.flights[flight].callers.push(number);
                self.parties.push(Party { task, number, flight, role: Role::Joined });
                self.poll(self.parties.len() - 1);
                assert!(is_made.try_recv().is_err(), "the closure of a caller that joins is not called");
            }
            None => {
                task.assert_pending();
                is_made.try_recv().expect("a caller that finds no flight starts one");
                let flight = self.add_flight(steer, number, None);
                self.flights[flight].polls = 1;
                self.flights[flight].news = false;
                self.parties.push(Party { task, number, flight, role: Role::Started });
            }
        }
    }

    fn start(&mut self) {
        let (work, steer) = steered();
        let started = self.group.start(1, move || work);
        let number = self.number();
        let joins = self.listed();
        assert_eq!(started.driver.is_some(), joins.is_none());
        let role = if joins.is_some() { Role::Joined } else { Role::Started };
        let flight = match joins {
            Some(flight) => {
                self.flights[flight].callers.push(number);
                flight
            }
            None => self.add_flight(steer, number, started.driver.map(Task::new)),
        };
        let task: Caller<'_> = Task::new(Box::pin(started.waiter.checked()));
        self.parties.push(Party { task, number, flight, role });
    }

    fn number(&mut self) -> usize {
        self.numbers += 1;
        self.numbers
    }

    /// Somebody of `flight` was polled, and did not end it: whether the work was is told by its news.
    fn may_poll(&mut self, flight: usize, by_driver: bool) {
        let flight = &mut self.flights[flight];
        if flight.ended.is_none() && flight.news && flight.has_driver == by_driver {
            assert!(flight.end.is_none(), "it would have ended");
            flight.news = false;
            flight.polls += 1;
        }
        assert_eq!(flight.steer.polls(), flight.polls, "the work is polled when it has news, by who may");
    }

    /// Whether a poll by a waiter or the driver ends the flight, and how.
    fn ends(&mut self, flight: usize, by_driver: bool) -> Option<End> {
        let flight = &mut self.flights[flight];
        if flight.ended.is_some() || !flight.news || flight.has_driver != by_driver {
            return None;
        }
        let end = flight.end?;
        flight.ended = Some(end);
        flight.listed = false;
        flight.has_driver = false;
        flight.shared = flight.callers.len() > 1;
        Some(end)
    }

    fn poll(&mut self, at: usize) {
        let Some(party) = self.parties.get(at) else { return };
        let flight = party.flight;
        if self.ends(flight, false) == Some(End::Panic) {
            let mut party = self.parties.remove(at);
            assert_eq!(panic_message(|| party.task.poll()), "at work");
            return;
        }
        let polled = self.parties[at].task.poll();
        match self.flights[flight].ended {
            None => {
                assert!(polled.is_pending());
                self.may_poll(flight, false);
            }
            Some(end) => {
                let party = self.parties.remove(at);
                let Poll::Ready(result) = polled else { panic!("was to end with {end:?}") };
                match end {
                    End::Value => {
                        let outcome = result.unwrap();
                        assert_eq!(*outcome.value, flight);
                        assert_eq!((outcome.shared, outcome.role), (self.flights[flight].shared, party.role));
                    }
                    End::Panic => assert_eq!(result, Err(Panicked)),
                    End::Dropped => panic!("a caller was left behind"),
                }
            }
        }
    }

    fn drop_party(&mut self, at: usize) {
        if at < self.parties.len() {
            let party = self.parties.remove(at);
            let flight = party.flight;
            drop(party.task);
            self.flights[flight].callers.retain(|&caller| caller != party.number);
            self.settle(flight);
        }
    }

    /// The work is dropped with the last who could go on with it.
    fn settle(&mut self, flight: usize) {
        let flight = &mut self.flights[flight];
        if flight.ended.is_none() && flight.callers.is_empty() && !flight.has_driver {
            flight.ended = Some(End::Dropped);
            flight.listed = false;
        }
        assert_eq!(flight.steer.is_dropped(), flight.ended.is_some());
    }

    fn drivers(&self) -> Vec<usize> {
        (0..self.flights.len()).filter(|&flight| self.flights[flight].driver.is_some()).collect()
    }

    fn poll_driver(&mut self, at: usize) {
        let Some(&flight) = self.drivers().get(at) else { return };
        let mut driver = self.flights[flight].driver.take().unwrap();
        match self.ends(flight, true) {
            Some(End::Panic) => assert_eq!(panic_message(|| driver.poll()), "at work"),
            Some(_) => driver.ready(),
            None => {
                driver.assert_pending();
                self.may_poll(flight, true);
                self.flights[flight].driver = Some(driver);
            }
        }
    }

    fn drop_driver(&mut self, at: usize) {
        if let Some(&flight) = self.drivers().get(at) {
            drop(self.flights[flight].driver.take());
            self.flights[flight].has_driver = false;
            self.settle(flight);
        }
    }

    /// The flights whose work is there.
    fn running(&self, at: usize) -> Option<usize> {
        (0..self.flights.len()).filter(|&flight| self.flights[flight].ended.is_none()).nth(at)
    }

    fn wake(&mut self, at: usize, end: Option<End>) {
        let Some(flight) = self.running(at) else { return };
        match end {
            Some(End::Value) => self.flights[flight].steer.set(move || Arc::new(flight)),
            Some(_) => self.flights[flight].steer.set(|| panic!("at work")),
            None => {}
        }
        let it = &mut self.flights[flight];
        it.end = end.or(it.end);
        it.steer.wake();
        it.news |= it.polls > 0;
    }

    /// What must hold between any two steps.
    fn check(&self) {
        assert_eq!(self.group.in_flight(), usize::from(self.listed().is_some()));
        for (index, flight) in self.flights.iter().enumerate() {
            if flight.ended.is_none() && flight.news && (flight.polls > 0 || !flight.has_driver) {
                // Nobody is asleep: whoever may poll the work was woken since it last looked.
                let sleeps = match &flight.driver {
                    Some(driver) => driver.kept() > 0,
                    None => self.parties.iter().any(|party| party.flight == index && party.task.kept() > 0),
                };
                assert!(!sleeps, "a caller of flight {index} is asleep beside news");
            }
            if flight.ended.is_some() {
                let waits = |party: &&Party<'_>| party.flight == index && party.task.kept() > 0;
                assert_eq!(self.parties.iter().filter(waits).count(), 0, "a caller is asleep after the end");
            }
        }
    }
}

proptest! {
    #[test]
    fn every_interleaving_is_as_the_model_says(steps in steps()) {
        run(&steps);
    }
}

fn run(steps: &[Step]) {
    let group = Group::new();
    let mut world = World { group: &group, flights: Vec::new(), parties: Vec::new(), numbers: 0 };
    for &step in steps {
        match step {
            Step::Work => world.work(),
            Step::Start => world.start(),
            Step::Poll(at) => world.poll(at),
            Step::PollDriver(at) => world.poll_driver(at),
            Step::Drop(at) => world.drop_party(at),
            Step::DropDriver(at) => world.drop_driver(at),
            Step::Wake(at) => world.wake(at, None),
            Step::Finish(at) => world.wake(at, Some(End::Value)),
            Step::Panic(at) => world.wake(at, Some(End::Panic)),
            Step::Forget => {
                let listed = world.listed();
                assert_eq!(world.group.forget(&1), listed.is_some());
                if let Some(flight) = listed {
                    world.flights[flight].listed = false;
                }
            }
            Step::ForgetUnshared => {
                let listed = world.listed();
                let shared = listed.is_some_and(|flight| world.flights[flight].callers.len() > 1);
                assert_eq!(world.group.forget_unshared(&1), !shared);
                if let (Some(flight), false) = (listed, shared) {
                    world.flights[flight].listed = false;
                }
            }
        }
        world.check();
    }
    while !world.parties.is_empty() {
        world.drop_party(0);
    }
    while !world.drivers().is_empty() {
        world.drop_driver(0);
    }
    assert!(world.flights.iter().all(|flight| flight.steer.is_dropped()));
    assert_eq!(world.group.in_flight(), 0);
}
