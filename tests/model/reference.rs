//! The contract of a semaphore as a naive program: whole numbers, a queue of requests, one caller.

use std::collections::{HashMap, HashSet, VecDeque};

use xsync::{AcquireError, Semaphore, TryAcquireError};

pub(crate) type RequestId = usize;
pub(crate) type WakerId = usize;

/// The call is to panic, and to change nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused;

/// What a poll of a request must say; `None`: it waits.
pub(crate) type Answer = Option<Result<(), AcquireError>>;

struct Queued {
    request: RequestId,
    weight: usize,
    waker: WakerId,
}

pub(crate) struct Reference {
    /// Free permits; below zero: debt.
    pub(crate) free: i128,
    pub(crate) max: i128,
    pub(crate) closed: bool,
    queue: VecDeque<Queued>,
    /// Told to the request, but not yet seen by its owner.
    answered: HashMap<RequestId, Result<(), AcquireError>>,
    /// Every waker that must have been fired, in order.
    pub(crate) woken: Vec<WakerId>,
}

impl Reference {
    pub(crate) fn new(permits: usize, max: usize) -> Self {
        Self {
            free: permits as i128,
            max: max as i128,
            closed: false,
            queue: VecDeque::new(),
            answered: HashMap::new(),
            woken: Vec::new(),
        }
    }

    pub(crate) fn is_queued(&self) -> bool {
        !self.queue.is_empty()
    }

    pub(crate) fn available(&self) -> usize {
        self.free.max(0) as usize
    }

    /// The wakers that the semaphore may keep: one for each that waits.
    pub(crate) fn kept(&self) -> HashSet<WakerId> {
        self.queue.iter().map(|queued| queued.waker).collect()
    }

    fn fits(&self, n: usize) -> bool {
        n == 0 || n as i128 <= self.free
    }

    fn answer(&mut self, queued: &Queued, answer: Result<(), AcquireError>) {
        self.answered.insert(queued.request, answer);
        self.woken.push(queued.waker);
    }

    /// Front first, and never past one that does not fit.
    fn serve(&mut self) {
        while self.queue.front().is_some_and(|front| self.fits(front.weight)) {
            let front = self.queue.pop_front().unwrap();
            self.free -= front.weight as i128;
            self.answer(&front, Ok(()));
        }
    }

    fn exceeds(&self, requested: usize) -> AcquireError {
        AcquireError::ExceedsMax { requested, max: self.max as usize }
    }

    pub(crate) fn try_acquire(&mut self, n: usize) -> Result<(), TryAcquireError> {
        if self.closed {
            Err(TryAcquireError::Closed)
        } else if n as i128 > self.max {
            Err(self.exceeds(n).into())
        } else if self.is_queued() || !self.fits(n) {
            Err(TryAcquireError::NoPermits)
        } else {
            self.free -= n as i128;
            Ok(())
        }
    }

    pub(crate) fn first_poll(&mut self, request: RequestId, weight: usize, waker: WakerId) -> Answer {
        match self.try_acquire(weight) {
            Ok(()) => Some(Ok(())),
            Err(TryAcquireError::NoPermits) => {
                self.queue.push_back(Queued { request, weight, waker });
                None
            }
            Err(TryAcquireError::Closed) => Some(Err(AcquireError::Closed)),
            Err(_) => Some(Err(self.exceeds(weight))),
        }
    }

    pub(crate) fn poll_again(&mut self, request: RequestId, waker: WakerId) -> Answer {
        if let Some(answer) = self.answered.remove(&request) {
            return Some(answer);
        }
        let queued = self.queue.iter_mut().find(|queued| queued.request == request);
        queued.expect("is queued until it is answered").waker = waker;
        None
    }

    /// The owner gives up a request that it has polled, and that has not completed.
    pub(crate) fn give_up(&mut self, request: RequestId, weight: usize) -> Result<(), Refused> {
        self.queue.retain(|queued| queued.request != request);
        self.serve();
        match self.answered.remove(&request) {
            Some(Ok(())) => self.release(weight),
            _ => Ok(()),
        }
    }

    /// Permits of a request that was granted and not polled since.
    pub(crate) fn is_granted(&self, request: RequestId) -> bool {
        self.answered.get(&request) == Some(&Ok(()))
    }

    pub(crate) fn release(&mut self, n: usize) -> Result<(), Refused> {
        if self.free + n as i128 > self.max {
            return Err(Refused);
        }
        self.free += n as i128;
        self.serve();
        Ok(())
    }

    pub(crate) fn add(&mut self, n: usize) -> Result<(), Refused> {
        if self.max + n as i128 > Semaphore::MAX_PERMITS as i128 {
            return Err(Refused);
        }
        self.max += n as i128;
        self.free += n as i128;
        self.serve();
        Ok(())
    }

    pub(crate) fn reduce(&mut self, n: usize) -> Result<(), Refused> {
        if n as i128 > self.max {
            return Err(Refused);
        }
        self.max -= n as i128;
        self.free -= n as i128;
        let (stay, refused): (VecDeque<_>, VecDeque<_>) =
            self.queue.drain(..).partition(|queued| queued.weight as i128 <= self.max);
        self.queue = stay;
        for queued in &refused {
            self.answer(queued, Err(self.exceeds(queued.weight)));
        }
        self.serve();
        Ok(())
    }

    pub(crate) fn drain(&mut self, limit: usize) -> usize {
        let drained = if self.is_queued() { 0 } else { limit.min(self.available()) };
        self.free -= drained as i128;
        drained
    }

    pub(crate) fn close(&mut self) {
        self.closed = true;
        while let Some(front) = self.queue.pop_front() {
            self.answer(&front, Err(AcquireError::Closed));
        }
    }
}
