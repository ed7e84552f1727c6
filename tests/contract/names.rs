//! Every public type can be named, in a field or a signature, and what is `const` stays `const`.

use core::error::Error;
use core::future::Future;
use core::hint::black_box;

use futures_core::FusedFuture;
use xsync::{Acquire, AcquireError, CancelFlag, Cancelled, Handle, Permit, Semaphore, TryAcquireError};

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
}

async fn both(named: Named<'_>) -> Result<Permit<&Semaphore>, AcquireError> {
    let permit = named.acquire.await?;
    named.cancelled.await;
    Ok(permit)
}

#[test]
fn futures_and_permits_can_be_named() {
    let (semaphore, flag) = (Semaphore::new(1), CancelFlag::new());
    flag.cancel();
    let named = Named { acquire: semaphore.acquire(1), cancelled: flag.cancelled() };
    assert_eq!(block_on(both(named)).unwrap().permits(), 1);
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

#[test]
fn the_traits_of_the_field_are_there() {
    let (semaphore, flag) = (Semaphore::new(1), CancelFlag::default());
    is_future::<_, Result<Permit<&Semaphore>, AcquireError>>(&semaphore.acquire(1));
    is_future::<_, ()>(&flag.cancelled());
    is_error::<AcquireError>();
    is_error::<TryAcquireError>();
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
