//! Random programs of acquisitions and cancellations beside a plain reference: after each step the free permits, each
//! answer and each request's wakes are what the reference says.

use std::collections::VecDeque;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use xsync::{AcquireUntil, AcquireUntilError, Permit, Semaphore};

use crate::common::{kept, task::Task};
use crate::source::Source;

for_each_source! { a_program_does_what_the_reference_does }

const MAX: usize = 5;
const SOURCES: usize = 4;

#[derive(Debug, Clone, Copy)]
enum Step {
    Make { weight: usize, source: usize },
    Poll(usize),
    DropRequest(usize),
    DropPermit(usize),
    TryAcquire(usize),
    Cancel(usize),
    Close,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0..=MAX + 1, 0..SOURCES).prop_map(|(weight, source)| Step::Make { weight, source }),
        16 => (0..64_usize).prop_map(Step::Poll),
        6 => (0..64_usize).prop_map(Step::DropRequest),
        10 => (0..64_usize).prop_map(Step::DropPermit),
        2 => (0..=MAX).prop_map(Step::TryAcquire),
        4 => (0..SOURCES).prop_map(Step::Cancel),
        1 => Just(Step::Close),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Fresh,
    Queued,
    Granted,
    Closed,
    Complete,
}

struct Request<'a> {
    id: usize,
    weight: usize,
    source: usize,
    state: State,
    wakes: usize,
    task: Task<AcquireUntil<'a, &'a Semaphore>>,
}

impl Request<'_> {
    /// It has been polled, and its last poll was pending.
    fn waits(&self) -> bool {
        !matches!(self.state, State::Fresh | State::Complete)
    }
}

struct World<'a, S> {
    semaphore: &'a Semaphore,
    sources: &'a [S; SOURCES],
    cancelled: [bool; SOURCES],
    closed: bool,
    free: usize,
    queue: VecDeque<usize>,
    made: usize,
    requests: Vec<Request<'a>>,
    permits: Vec<Permit<&'a Semaphore>>,
}

impl<'a, S: Source> World<'a, S> {
    fn new(semaphore: &'a Semaphore, sources: &'a [S; SOURCES]) -> Self {
        Self {
            semaphore,
            sources,
            cancelled: [false; SOURCES],
            closed: false,
            free: MAX,
            queue: VecDeque::new(),
            made: 0,
            requests: Vec::new(),
            permits: Vec::new(),
        }
    }

    /// Those in front who fit are granted.
    fn serve(&mut self) {
        while let Some(&id) = self.queue.front() {
            let request = self.requests.iter_mut().find(|request| request.id == id).expect("queued");
            if request.weight > self.free {
                break;
            }
            self.free -= request.weight;
            request.state = State::Granted;
            request.wakes += 1;
            self.queue.pop_front();
        }
    }

    /// The request, whose state was `state`, ends without a permit.
    fn give_up(&mut self, id: usize, weight: usize, state: State) {
        match state {
            State::Queued => self.queue.retain(|&queued| queued != id),
            State::Granted => self.free += weight,
            State::Fresh | State::Closed | State::Complete => return,
        }
        self.serve();
    }

    fn expected(&mut self, index: usize) -> Option<Result<(), AcquireUntilError>> {
        let Request { id, weight, source, state, .. } = self.requests[index];
        if self.cancelled[source] {
            self.requests[index].state = State::Complete;
            self.give_up(id, weight, state);
            return Some(Err(AcquireUntilError::Cancelled));
        }
        let (state, answer) = match state {
            State::Fresh if self.closed => (State::Complete, Some(Err(AcquireUntilError::Closed))),
            State::Fresh if weight > MAX => {
                (State::Complete, Some(Err(AcquireUntilError::ExceedsMax { requested: weight, max: MAX })))
            }
            State::Fresh if self.queue.is_empty() && weight <= self.free => {
                self.free -= weight;
                (State::Complete, Some(Ok(())))
            }
            State::Fresh => {
                self.queue.push_back(id);
                (State::Queued, None)
            }
            State::Queued => (State::Queued, None),
            State::Granted => (State::Complete, Some(Ok(()))),
            State::Closed => (State::Complete, Some(Err(AcquireUntilError::Closed))),
            State::Complete => unreachable!("not polled again"),
        };
        self.requests[index].state = state;
        answer
    }

    fn poll(&mut self, index: usize) {
        let before = self.requests[index].wakes;
        let expected = self.expected(index);
        let request = &mut self.requests[index];
        assert_eq!(request.wakes, before, "its own poll wakes others only");
        let answer = match request.task.poll() {
            core::task::Poll::Pending => None,
            core::task::Poll::Ready(answer) => Some(answer),
        };
        assert_eq!(answer.as_ref().map(|answer| answer.as_ref().map(|_| ()).map_err(|&error| error)), expected);
        if let Some(Ok(permit)) = answer {
            assert_eq!(permit.permits(), request.weight);
            self.permits.push(permit);
        }
        if expected.is_some() {
            assert_eq!(self.requests[index].task.kept(), 0, "complete, it waits for nothing");
        }
    }

    fn drop_permit(&mut self, index: usize) {
        let permit = self.permits.swap_remove(index);
        self.free += permit.permits();
        drop(permit);
        self.serve();
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Make { weight, source } => {
                let task = Task::new(self.semaphore.acquire_until(weight, self.sources[source].watched()));
                let (id, state) = (self.made, State::Fresh);
                self.made += 1;
                self.requests.push(Request { id, weight, source, state, wakes: 0, task });
            }
            Step::Poll(at) if !self.requests.is_empty() => {
                let index = at % self.requests.len();
                if self.requests[index].state != State::Complete {
                    self.poll(index);
                }
            }
            Step::DropRequest(at) if !self.requests.is_empty() => {
                let Request { id, weight, state, task, wakes, .. } =
                    self.requests.swap_remove(at % self.requests.len());
                let counter = task.cancel();
                assert_eq!((kept(&counter), counter.wakes()), (0, wakes));
                self.give_up(id, weight, state);
            }
            Step::DropPermit(at) if !self.permits.is_empty() => self.drop_permit(at % self.permits.len()),
            Step::TryAcquire(n) => {
                let permit = self.semaphore.try_acquire(n);
                assert_eq!(permit.is_ok(), !self.closed && self.queue.is_empty() && n <= self.free);
                if let Ok(permit) = permit {
                    self.free -= n;
                    self.permits.push(permit);
                }
            }
            Step::Cancel(source) => {
                self.sources[source].cancel();
                let first = !core::mem::replace(&mut self.cancelled[source], true);
                for request in self.requests.iter_mut().filter(|request| request.source == source) {
                    request.wakes += usize::from(first && request.waits());
                }
            }
            Step::Close => {
                self.semaphore.close();
                self.closed = true;
                self.queue.clear();
                for request in self.requests.iter_mut().filter(|request| request.state == State::Queued) {
                    request.state = State::Closed;
                    request.wakes += 1;
                }
            }
            Step::Poll(_) | Step::DropRequest(_) | Step::DropPermit(_) => {}
        }
        self.check();
    }

    fn check(&self) {
        assert_eq!(self.semaphore.available_permits(), self.free);
        for request in &self.requests {
            assert_eq!(request.task.wakes(), request.wakes, "request {} of {}", request.id, request.weight);
        }
        let granted = self.requests.iter().filter(|request| request.state == State::Granted);
        let out: usize = self.permits.iter().map(Permit::permits).chain(granted.map(|request| request.weight)).sum();
        assert_eq!(self.free + out, MAX);
    }

    /// All is given back.
    fn end(mut self) {
        while !self.requests.is_empty() {
            self.step(Step::DropRequest(0));
        }
        while !self.permits.is_empty() {
            self.step(Step::DropPermit(0));
        }
        assert_eq!(self.semaphore.available_permits(), MAX);
    }
}

fn a_program_does_what_the_reference_does<S: Source>() {
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let result = runner.run(&vec(step(), 1..80), |program| {
        let (semaphore, sources) = (Semaphore::new(MAX), Default::default());
        let mut world = World::<S>::new(&semaphore, &sources);
        program.into_iter().for_each(|step| world.step(step));
        world.end();
        Ok(())
    });
    assert!(result.is_ok(), "{}", result.unwrap_err());
}
