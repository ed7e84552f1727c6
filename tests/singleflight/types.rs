//! What can be said of the types: constant, nameable, `Send` where they should be, small.

use core::cell::Cell;
use core::future::{Pending, Ready, ready};
use core::mem::size_of;

use xsync::{
    Checked, Claim, Claiming, Driver, LeadGuard, Outcome, SingleFlight, Started, StaticSingleFlight, Waiter,
    WithOutcome, Work, WorkRef,
};

use crate::common::block_on;

static GROUP: SingleFlight<String, u32> = SingleFlight::new();
static HASHED: SingleFlight<u8, u8, core::hash::BuildHasherDefault<std::hash::DefaultHasher>> =
    SingleFlight::with_hasher(core::hash::BuildHasherDefault::new());
static FIXED: StaticSingleFlight<u8, u8, 4> = StaticSingleFlight::new();

type Make = fn() -> Ready<u32>;

/// Futures of the crate's by name, without a box or an `impl Trait`.
struct Named<'g> {
    work: Work<'g, String, u32, xsync::RandomState, Make>,
    by_ref: WorkRef<'g, 'static, String, u32, xsync::RandomState, Make, str>,
    outcome: WithOutcome<Work<'g, String, u32, xsync::RandomState, Make>>,
    checked: Checked<Waiter<String, u32, Make>>,
    claim: Claiming<'g, String, u32, xsync::RandomState>,
}

#[test]
fn the_futures_can_be_named_and_the_groups_are_constant() {
    fn make() -> Ready<u32> {
        ready(1)
    }
    let key = || "named".to_owned();
    let named = Named {
        work: GROUP.work(key(), make),
        by_ref: GROUP.work_ref("named", make),
        outcome: GROUP.work::<Make, _>(key(), make).outcome(),
        checked: GROUP.start::<Make, _>(key(), make).waiter.checked(),
        claim: GROUP.claim(key()),
    };
    block_on(async {
        assert_eq!(named.checked.await.unwrap().value, 1);
        assert_eq!((named.work.await, named.by_ref.await), (1, 1));
        let Outcome { value, shared, .. } = named.outcome.await;
        assert_eq!((value, shared), (1, false));
        let Claim::Lead(lead) = named.claim.await else { panic!("was to lead") };
        assert_eq!(lead.complete(2).value, 2);
    });
    assert_eq!((GROUP.in_flight(), HASHED.in_flight(), FIXED.in_flight()), (0, 0, 0));
}

#[test]
fn what_threads_may_share_and_send() {
    fn send<T: Send>() {}
    fn sync<T: Sync>() {}
    type Make = fn() -> Pending<u32>;
    send::<SingleFlight<String, u32>>();
    sync::<SingleFlight<String, u32>>();
    send::<Work<'_, String, u32, xsync::RandomState, Make>>();
    send::<Started<String, u32, Make>>();
    sync::<Driver<String, u32>>();
    send::<LeadGuard<'_, String, u32>>();
    send::<StaticSingleFlight<String, u32, 2>>();
    sync::<StaticSingleFlight<String, u32, 2>>();
}

#[test]
fn on_one_thread_keys_and_values_need_not_be_send() {
    let group: SingleFlight<std::rc::Rc<str>, std::rc::Rc<Cell<u32>>> = SingleFlight::new();
    let mut claim = Box::pin(group.claim("a".into()));
    let Claim::Lead(lead) = block_on(claim.as_mut()) else { panic!("was to lead") };
    assert_eq!(lead.complete(std::rc::Rc::new(Cell::new(1))).value.get(), 1);
}

#[cfg(target_pointer_width = "64")]
#[test]
fn they_are_small() {
    assert_eq!(size_of::<SingleFlight<String, u32>>(), 8);
    // A place in line, the flight, the group, the key, the closure, and a word of flags.
    assert!(size_of::<Work<'_, u64, u64, xsync::RandomState, Make>>() <= 96);
    assert!(size_of::<Driver<u64, u64>>() <= 56);
}
