//! Every public type can be named, in a field or a signature, and what is `const` stays `const`.

use core::error::Error;
use core::future::Future;
use core::hint::black_box;

use futures_core::FusedFuture;
use xsync::{
    Acquire, AcquireError, AcquireUntil, AcquireUntilError, CancelFlag, Cancellation, Cancelled, Handle, Permit,
    RunUntilCancelled, Semaphore, TryAcquireError,
};

use crate::common::block_on;

/// Constant in every way that the crate promises: in a `const fn`, a `static`, an array, and a constant expression.
struct Shared {
    budget: Semaphore,
    partial: Semaphore,
    shutdown: CancelFlag,
}

impl Shared {
    const fn new(permits: usize) -> Self {
        Self { budget: Semaphore::new(permits), partial: Semaphore::with_max(0, permits), shutdown: CancelFlag::new() }
    }
}

const LIMIT: usize = Semaphore::MAX_PERMITS;
static SHARED: Shared = Shared::new(LIMIT);
static LANES: [Semaphore; 4] = [const { Semaphore::new(1) }; 4];

#[test]
fn construction_is_constant() {
    assert_eq!((SHARED.budget.available_permits(), SHARED.partial.available_permits()), (LIMIT, 0));
    assert!(!SHARED.shutdown.is_cancelled());
    let held: Vec<_> = LANES.iter().map(|lane| lane.try_acquire(1).unwrap()).collect();
    assert!(held.iter().zip(&LANES).all(|(permit, lane)| core::ptr::eq(permit.semaphore(), lane)));
}

#[test]
fn the_largest_number_of_permits_is_an_eighth_of_a_word() {
    assert_eq!(Semaphore::MAX_PERMITS, usize::MAX / 16);
}

/// A future made of the crate's by name, without a box or an `impl Trait`.
struct Named<'a> {
    acquire: Acquire<&'a Semaphore>,
    cancelled: Cancelled<'a>,
    until: AcquireUntil<'a, &'a Semaphore>,
    run: RunUntilCancelled<'a, core::future::Ready<u8>>,
}

async fn all(named: Named<'_>) -> Result<Permit<&Semaphore>, AcquireError> {
    let permit = named.acquire.await?;
    named.cancelled.await;
    assert_eq!(named.until.await.unwrap_err(), AcquireUntilError::Cancelled);
    assert_eq!(named.run.await, None);
    Ok(permit)
}

#[test]
fn futures_and_permits_can_be_named() {
    let (semaphore, flag) = (Semaphore::new(1), CancelFlag::new());
    flag.cancel();
    let named = Named {
        acquire: semaphore.acquire(1),
        cancelled: flag.cancelled(),
        until: semaphore.acquire_until(1, &flag),
        run: flag.run_until_cancelled(core::future::ready(1)),
    };
    assert_eq!(block_on(all(named)).unwrap().permits(), 1);
}

#[cfg(feature = "alloc")]
#[test]
fn owned_forms_are_the_same_types_with_an_arc() {
    use std::sync::Arc;
    let semaphore = Arc::new(Semaphore::new(2));
    let future: xsync::AcquireOwned = semaphore.acquire_owned(1);
    let same: Acquire<Arc<Semaphore>> = future;
    let permit: xsync::OwnedPermit = block_on(same).unwrap();
    let same: Permit<Arc<Semaphore>> = permit;
    assert!(Arc::ptr_eq(same.handle(), &semaphore));
}

fn is_future<F: FusedFuture<Output = T>, T>(_: &F) {}
fn is_error<E: Error + Copy + Eq + Send + Sync + Unpin + 'static>() {}
fn is_handle<H: Handle>() {}
fn is_cancellation<C: Cancellation>() {}

#[test]
fn the_traits_of_the_field_are_there() {
    let (semaphore, flag) = (Semaphore::new(1), CancelFlag::default());
    is_future::<_, Result<Permit<&Semaphore>, AcquireError>>(&semaphore.acquire(1));
    is_future::<_, ()>(&flag.cancelled());
    is_error::<AcquireError>();
    is_error::<TryAcquireError>();
    is_error::<AcquireUntilError>();
    is_future::<_, Result<Permit<&Semaphore>, AcquireUntilError>>(&semaphore.acquire_until(1, &flag));
    is_cancellation::<CancelFlag>();
    #[cfg(feature = "alloc")]
    is_cancellation::<xsync::CancelToken>();
    is_handle::<&Semaphore>();
    #[cfg(feature = "alloc")]
    is_handle::<std::sync::Arc<Semaphore>>();
}

/// A futurelike bound that generic code asks for; the output is by value.
fn output_of<F: Future>(future: F) -> F::Output {
    block_on(future)
}

#[test]
fn results_outlive_their_futures_but_not_the_semaphore() {
    let semaphore = black_box(Semaphore::new(1));
    let permit = output_of(semaphore.acquire(1)).unwrap();
    assert_eq!(permit.permits(), 1);
}

#[cfg(feature = "alloc")]
mod allocated {
    use core::error::Error;
    use core::future::{Ready, ready};
    use core::num::NonZeroUsize;

    use xsync::{
        CancelToken, Cause, Child, DropGuard, ErrGroup, GroupBuilder, GroupError, Join, Member, Panic, Reason, Refused,
        Spawn, Spawner, Tracked, Wait,
    };

    use crate::common::block_on;

    type Work = Ready<Result<(), u8>>;
    type Started<'a> = Spawn<'a, Work, fn(Child<Work, u8>) -> Child<Work, u8>, u8>;

    fn is_error<E: Error>() {}
    fn is_plain<T: Copy + Eq + Send + Sync + 'static>() {}

    /// The parts of a group by name, without a box or an `impl Trait`.
    struct Parts {
        spawner: Spawner<u8>,
        tracked: Tracked<Work, u8>,
        child: Child<Work, u8>,
        member: Member<u8>,
    }

    async fn end(parts: Parts) -> Option<Refused<Work>> {
        parts.tracked.await;
        parts.child.await;
        parts.member.finish(Err(7));
        let spawn: Started<'_> = parts.spawner.spawn(ready(Ok(())), |child| child);
        spawn.await.err()
    }

    #[test]
    fn all_of_a_group_can_be_named() {
        let builder: GroupBuilder<u8> = ErrGroup::builder().limit(NonZeroUsize::MIN);
        let mut group: ErrGroup<u8> = builder.build();
        let spawner = group.spawner();
        let tracked = spawner.track(ready(Ok(())));
        let (child, member) = (group.member().run(ready(Ok(()))), group.member());
        let refused = block_on(end(Parts { spawner, tracked, child, member })).unwrap();
        assert_eq!((refused.reason, block_on(refused.future)), (Reason::Cancelled, Ok(())));
        let wait: Wait<'_, u8> = group.wait();
        let failure: &GroupError<u8> = block_on(wait).unwrap_err();
        assert!(matches!(failure, GroupError::Task(7)));
        let join: Join<u8> = group.join();
        assert_eq!(block_on(join).unwrap_err().into_task(), Some(7));
        let _: Option<Panic> = None;
    }

    #[test]
    fn tokens_and_their_guards_can_be_named() {
        let token: CancelToken = CancelToken::default();
        let guard: DropGuard = token.clone().drop_guard();
        drop(guard);
        let cause: Option<Cause> = token.cause();
        assert!(matches!(cause, Some(Cause::Dropped)));
    }

    #[test]
    fn the_traits_of_the_field_are_there_too() {
        is_error::<Cause>();
        is_error::<GroupError<core::fmt::Error>>();
        is_error::<Reason>();
        is_error::<Refused<Work>>();
        let default: ErrGroup<u8> = ErrGroup::default();
        assert!(!default.token().is_cancelled());
        is_plain::<Reason>();
    }
}
