//! What is wrong to ignore warns: each function here ignores one value, and expects that warning.
#![deny(unfulfilled_lint_expectations)]

use xsync::{CancelFlag, Permit, Semaphore};

static SEMAPHORE: Semaphore = Semaphore::new(2);
static FLAG: CancelFlag = CancelFlag::new();

/// By value, since a `Result` around it warns by itself.
fn permit() -> Permit<&'static Semaphore> {
    SEMAPHORE.try_acquire(1).unwrap()
}

#[expect(unused_must_use, reason = "a permit is given back at once")]
fn an_ignored_permit() {
    permit();
}

#[expect(unused_must_use, reason = "nothing is acquired")]
fn an_ignored_acquisition() {
    SEMAPHORE.acquire(2);
}

#[expect(unused_must_use, reason = "nothing waits")]
fn an_ignored_wait() {
    FLAG.cancelled();
}

#[expect(unused_must_use, reason = "nothing is acquired")]
fn an_ignored_acquisition_until_a_cancellation() {
    SEMAPHORE.acquire_until(2, &FLAG);
}

#[expect(unused_must_use, reason = "nothing is acquired")]
fn an_ignored_acquisition_with_an_end() {
    SEMAPHORE.acquire(2).until(&FLAG);
}

#[expect(unused_must_use, reason = "nothing runs")]
fn an_ignored_run() {
    FLAG.run_until_cancelled(core::future::pending::<()>());
}

#[expect(unused_must_use, reason = "a part that is given back at once")]
fn an_ignored_part() {
    permit().split(1);
}

#[expect(unused_must_use, reason = "a number that nobody knows any more")]
fn an_ignored_drain() {
    SEMAPHORE.drain_permits(0);
}

#[cfg(feature = "std")]
mod timed {
    use core::time::Duration;
    use std::time::Instant;

    use super::{FLAG, SEMAPHORE};

    #[expect(unused_must_use, reason = "whether it was granted")]
    pub(super) fn an_ignored_timeout() {
        SEMAPHORE.acquire(1).wait_timeout(Duration::ZERO);
    }

    #[expect(unused_must_use, reason = "whether it was granted")]
    pub(super) fn an_ignored_deadline() {
        SEMAPHORE.acquire(1).wait_deadline(Instant::now());
    }

    #[expect(unused_must_use, reason = "whether it was granted")]
    pub(super) fn an_ignored_timeout_until_a_cancellation() {
        SEMAPHORE.acquire_until(1, &FLAG).wait_timeout(Duration::ZERO);
    }

    #[expect(unused_must_use, reason = "whether it was granted")]
    pub(super) fn an_ignored_deadline_until_a_cancellation() {
        SEMAPHORE.acquire_until(1, &FLAG).wait_deadline(Instant::now());
    }

    #[expect(unused_must_use, reason = "whether the group has ended")]
    pub(super) fn an_ignored_timeout_of_a_group(group: &mut xsync::ErrGroup<u8>) {
        group.wait().wait_timeout(Duration::ZERO);
    }

    #[expect(unused_must_use, reason = "whether the group has ended")]
    pub(super) fn an_ignored_deadline_of_a_group(group: &mut xsync::ErrGroup<u8>) {
        group.wait().wait_deadline(Instant::now());
    }

    #[expect(unused_must_use, reason = "whether it was cancelled")]
    pub(super) fn an_ignored_timeout_of_a_flag() {
        FLAG.cancelled().wait_timeout(Duration::ZERO);
    }

    #[expect(unused_must_use, reason = "whether it was cancelled")]
    pub(super) fn an_ignored_deadline_of_a_flag() {
        FLAG.cancelled().wait_deadline(Instant::now());
    }
}

#[cfg(feature = "alloc")]
mod tokens {
    use xsync::CancelToken;

    #[expect(unused_must_use, reason = "a token that nobody has")]
    pub(super) fn an_ignored_token() {
        CancelToken::new();
    }

    #[expect(unused_must_use, reason = "a token that nobody has")]
    pub(super) fn an_ignored_child(token: &CancelToken) {
        token.child();
    }

    #[expect(unused_must_use, reason = "it cancels at once")]
    pub(super) fn an_ignored_guard(token: CancelToken) {
        token.drop_guard();
    }

    #[expect(unused_must_use, reason = "nothing waits")]
    pub(super) fn an_ignored_wait(token: &CancelToken) {
        token.cancelled();
    }

    #[expect(unused_must_use, reason = "nothing runs")]
    pub(super) fn an_ignored_run(token: &CancelToken) {
        token.run_until_cancelled(core::future::pending::<()>());
    }
}

#[cfg(feature = "alloc")]
mod groups {
    use core::future::ready;

    use xsync::ErrGroup;

    #[expect(unused_must_use, reason = "a group that nobody has")]
    pub(super) fn an_ignored_group() {
        ErrGroup::<u8>::new();
    }

    #[expect(unused_must_use, reason = "it builds nothing")]
    pub(super) fn an_ignored_builder() {
        ErrGroup::<u8>::builder();
    }

    #[expect(unused_must_use, reason = "nothing is started")]
    pub(super) fn an_ignored_spawn(group: &ErrGroup<u8>) {
        group.spawn(ready(Ok(())), drop);
    }

    #[expect(unused_must_use, reason = "it may have been refused")]
    pub(super) fn an_ignored_attempt(group: &ErrGroup<u8>) {
        group.try_spawn(ready(Ok(())), drop);
    }

    #[expect(unused_must_use, reason = "a child that is dropped at once")]
    pub(super) fn an_ignored_child(group: &ErrGroup<u8>) {
        group.track(ready(Ok(())));
    }

    #[expect(unused_must_use, reason = "a child that is dropped at once")]
    pub(super) fn an_ignored_member(group: &ErrGroup<u8>) {
        group.member();
    }

    #[expect(unused_must_use, reason = "a child that is dropped at once")]
    pub(super) fn an_ignored_member_as_a_future(group: &ErrGroup<u8>) {
        group.member().run(ready(Ok(())));
    }

    #[expect(unused_must_use, reason = "nothing waits")]
    pub(super) fn an_ignored_wait(group: &mut ErrGroup<u8>) {
        group.wait();
    }

    #[expect(unused_must_use, reason = "the group is dropped")]
    pub(super) fn an_ignored_join(group: ErrGroup<u8>) {
        group.join();
    }
}

#[cfg(feature = "alloc")]
mod flights {
    use core::future::{Future, Ready, ready};

    use xsync::SingleFlight;

    type Flights = SingleFlight<u8, u8>;

    fn work() -> Ready<u8> {
        ready(1)
    }

    #[expect(unused_must_use, reason = "nothing is started")]
    pub(super) fn an_ignored_call(group: &Flights) {
        group.work(1, work);
    }

    #[expect(unused_must_use, reason = "nothing is started")]
    pub(super) fn an_ignored_call_by_reference(group: &Flights) {
        group.work_ref(&1, work);
    }

    #[expect(unused_must_use, reason = "nothing is started")]
    pub(super) fn an_ignored_outcome(group: &Flights) {
        group.work(1, work).outcome();
    }

    #[expect(unused_must_use, reason = "nothing is started")]
    pub(super) fn an_ignored_checked_call(group: &Flights) {
        group.work(1, work).checked();
    }

    #[expect(unused_must_use, reason = "nothing is started")]
    pub(super) fn an_ignored_claim(group: &Flights) {
        group.claim(1);
    }

    #[expect(unused_must_use, reason = "nothing is started")]
    pub(super) fn an_ignored_scope(group: &Flights) {
        group.work_scoped(1, async || 1);
    }

    #[expect(unused_must_use, reason = "the work is dropped at once")]
    pub(super) fn an_ignored_start(group: &Flights) {
        group.start(1, work);
    }

    #[expect(unused_must_use, reason = "the work stays as it is")]
    pub(super) fn an_ignored_driver<F: FnOnce() -> R, R: Future<Output = u8> + Send + 'static>(group: &Flights, f: F) {
        group.start(1, f).driver.expect("nobody else");
    }

    #[cfg(feature = "std")]
    #[expect(unused_must_use, reason = "whether it has ended")]
    pub(super) fn an_ignored_timeout(group: &Flights) {
        group.work(1, work).wait_timeout(core::time::Duration::ZERO);
    }

    #[cfg(feature = "std")]
    #[expect(unused_must_use, reason = "whether there was a value")]
    pub(super) fn an_ignored_blocking_call(group: &Flights) {
        group.work_blocking(1, || 1);
    }
}

#[expect(unused_must_use, reason = "a value for nothing")]
fn ignored_constructions() {
    Semaphore::new(1);
    Semaphore::with_max(0, 1);
    CancelFlag::new();
}

#[test]
fn what_is_ignored_has_no_effect() {
    an_ignored_permit();
    an_ignored_acquisition();
    an_ignored_wait();
    an_ignored_acquisition_until_a_cancellation();
    an_ignored_acquisition_with_an_end();
    an_ignored_run();
    an_ignored_part();
    an_ignored_drain();
    #[cfg(feature = "std")]
    {
        timed::an_ignored_timeout();
        timed::an_ignored_deadline();
        timed::an_ignored_timeout_of_a_flag();
        timed::an_ignored_deadline_of_a_flag();
        timed::an_ignored_timeout_until_a_cancellation();
        timed::an_ignored_deadline_until_a_cancellation();
    }
    ignored_constructions();
    assert_eq!(SEMAPHORE.available_permits(), 2);
    assert!(!FLAG.is_cancelled());
}

#[cfg(feature = "alloc")]
#[test]
fn an_ignored_token_cancels_nothing_but_an_ignored_guard_does() {
    let token = xsync::CancelToken::new();
    tokens::an_ignored_token();
    tokens::an_ignored_child(&token);
    tokens::an_ignored_wait(&token);
    tokens::an_ignored_run(&token);
    assert!(!token.is_cancelled());
    tokens::an_ignored_guard(token.clone());
    assert!(token.is_cancelled());
}

#[cfg(feature = "alloc")]
#[test]
fn what_is_ignored_of_a_group_starts_nothing_and_an_ignored_child_fails_it() {
    use xsync::ErrGroup;
    let mut group = ErrGroup::<u8>::new();
    groups::an_ignored_group();
    groups::an_ignored_builder();
    groups::an_ignored_spawn(&group);
    groups::an_ignored_wait(&mut group);
    assert!(!group.token().is_cancelled());
    let aborted: [fn(&ErrGroup<u8>); 4] = [
        groups::an_ignored_attempt,
        groups::an_ignored_child,
        groups::an_ignored_member,
        groups::an_ignored_member_as_a_future,
    ];
    for ignored in aborted {
        let group = ErrGroup::new();
        ignored(&group);
        assert!(group.token().is_cancelled());
    }
    #[cfg(feature = "std")]
    {
        let mut group = ErrGroup::new();
        let member = group.member();
        timed::an_ignored_timeout_of_a_group(&mut group);
        timed::an_ignored_deadline_of_a_group(&mut group);
        member.finish(Ok(()));
        assert!(group.wait().wait().is_ok());
    }
    let token = group.token().clone();
    groups::an_ignored_join(group);
    assert!(token.is_cancelled());
}

#[cfg(feature = "alloc")]
#[test]
fn what_is_ignored_of_a_flight_leaves_nothing_in_flight() {
    let group = xsync::SingleFlight::new();
    let ignored: [fn(&xsync::SingleFlight<u8, u8>); 8] = [
        flights::an_ignored_call,
        flights::an_ignored_call_by_reference,
        flights::an_ignored_outcome,
        flights::an_ignored_checked_call,
        flights::an_ignored_claim,
        flights::an_ignored_scope,
        flights::an_ignored_start,
        |group| flights::an_ignored_driver(group, || core::future::ready(1)),
    ];
    for ignored in ignored {
        ignored(&group);
        assert_eq!(group.in_flight(), 0);
    }
    #[cfg(feature = "std")]
    {
        flights::an_ignored_timeout(&group);
        flights::an_ignored_blocking_call(&group);
        assert_eq!(group.in_flight(), 0);
    }
}
