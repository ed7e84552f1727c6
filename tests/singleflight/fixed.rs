//! [`StaticSingleFlight`]: slots in place of an allocator.

use core::cell::Cell;
use std::sync::Arc;

use xsync::{Full, StaticClaim, StaticLead, StaticSingleFlight};

use crate::common::panic_message;
use crate::common::task::Task;

type Group = StaticSingleFlight<&'static str, u32, 2>;

#[track_caller]
fn lead<'g, const N: usize>(
    group: &'g StaticSingleFlight<&'static str, u32, N>,
    key: &'static str,
) -> StaticLead<'g, &'static str, u32, N> {
    match Task::new(group.claim(key)).ready() {
        Ok(StaticClaim::Lead(lead)) => lead,
        other => panic!("was to lead: {other:?}"),
    }
}

#[track_caller]
fn value<const N: usize>(claim: Result<StaticClaim<'_, &'static str, u32, N>, Full>) -> u32 {
    match claim {
        Ok(StaticClaim::Value(value)) => value,
        other => panic!("was to get a value: {other:?}"),
    }
}

#[test]
fn the_leader_completes_for_all() {
    static GROUP: Group = Group::new();
    let guard = lead(&GROUP, "a");
    let mut others: Vec<_> = (0..3).map(|_| Task::queued(GROUP.claim("a"))).collect();
    assert_eq!((*guard.key(), GROUP.in_flight()), ("a", 1));
    assert_eq!(guard.complete(1), 1);
    assert!(others.iter().all(|other| other.wakes() == 1));
    assert!(others.iter_mut().all(|other| value(other.ready()) == 1));
    assert_eq!(GROUP.in_flight(), 0);
}

#[test]
fn work_runs_with_the_wakers_of_its_caller() {
    let group = Group::new();
    let (work, steer) = crate::steered();
    let mut first = Task::queued(group.work("a", async move || work.await));
    let mut second = Task::queued(group.work("a", async || unreachable!()));
    steer.ends(|| 1);
    assert_eq!((first.wakes(), second.wakes()), (1, 0));
    assert_eq!(first.ready(), Ok(1));
    assert_eq!(second.wakes(), 1);
    assert_eq!(second.ready(), Ok(1));
}

#[test]
fn more_keys_than_slots_are_refused() {
    let group = Group::new();
    let a = lead(&group, "a");
    let b = lead(&group, "b");
    assert_eq!(Task::new(group.claim("c")).ready().unwrap_err(), Full);
    let follower = Task::queued(group.claim("b"));
    drop(a);
    let c = lead(&group, "c");
    b.complete(2);
    // A slot is free when its last follower has left.
    assert_eq!(Task::new(group.claim("d")).ready().unwrap_err(), Full);
    drop(follower);
    drop(lead(&group, "d"));
    drop(c);
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn a_caller_after_the_end_leads_anew_although_others_have_not_fetched() {
    let group = Group::new();
    let guard = lead(&group, "a");
    let mut follower = Task::queued(group.claim("a"));
    guard.complete(1);
    let next = lead(&group, "a");
    assert_eq!(value(follower.ready()), 1);
    next.complete(2);
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn a_lead_that_is_dropped_goes_to_who_is_polled_first() {
    let group = StaticSingleFlight::<_, _, 1>::new();
    let guard = lead(&group, "a");
    let mut neglected = Task::queued(group.claim("a"));
    let mut second = Task::queued(group.claim("a"));
    drop(guard);
    assert_eq!([neglected.wakes(), second.wakes()], [1; 2]);
    let Ok(StaticClaim::Lead(guard)) = second.ready() else { panic!("was to lead") };
    neglected.assert_pending();
    drop(guard);
    assert_eq!(neglected.wakes(), 2);
    // A newcomer leads before those who were woken.
    let guard = lead(&group, "a");
    neglected.assert_pending();
    guard.complete(3);
    assert_eq!(value(neglected.ready()), 3);
    drop(lead(&group, "b"));
}

#[test]
fn followers_that_go_leave_the_slot_to_the_others() {
    let group = StaticSingleFlight::<_, _, 1>::new();
    let guard = lead(&group, "a");
    let gone = Task::queued(group.claim("a"));
    let mut stays = Task::queued(group.claim("a"));
    drop(gone);
    guard.complete(1);
    assert_eq!(value(stays.ready()), 1);
    let guard = lead(&group, "b");
    let gone = Task::queued(group.claim("b"));
    drop(guard);
    // Woken for the lead, and dropped.
    drop(gone);
    drop(lead(&group, "c"));
}

#[test]
fn the_last_gets_the_value_itself_and_nothing_is_left() {
    let kept = Arc::new(());
    let group: StaticSingleFlight<Arc<()>, Arc<()>, 2> = StaticSingleFlight::new();
    let Ok(StaticClaim::Lead(guard)) = Task::new(group.claim(kept.clone())).ready() else { panic!("was to lead") };
    let follower = Task::queued(group.claim(kept.clone()));
    assert_eq!(Arc::strong_count(&kept), 3);
    drop(guard.complete(kept.clone()));
    drop(follower);
    assert_eq!(Arc::strong_count(&kept), 1);
}

#[test]
fn a_leader_that_panics_hands_the_lead_on() {
    let group = Group::new();
    let (work, steer) = crate::steered::<u32>();
    let mut first = Task::queued(group.work("a", async move || work.await));
    let mut second = Task::queued(group.work("a", async || 2));
    steer.ends(|| panic!("at work"));
    assert_eq!(panic_message(|| first.poll()), "at work");
    drop(first);
    assert_eq!(second.wakes(), 1);
    assert_eq!(second.ready(), Ok(2));
}

#[test]
fn an_eq_may_use_the_group_and_panic() {
    static GROUP: StaticSingleFlight<Calling, u32, 3> = StaticSingleFlight::new();

    #[derive(Debug)]
    struct Calling(u8);
    impl PartialEq for Calling {
        fn eq(&self, other: &Self) -> bool {
            assert!(self.0 < 9 && other.0 < 9, "no such key");
            if self.0 == 1 && other.0 == 1 {
                assert_eq!(Task::new(GROUP.work(Self(2), async || 2)).ready(), Ok(2));
            }
            self.0 == other.0
        }
    }
    impl Eq for Calling {}

    let Ok(StaticClaim::Lead(guard)) = Task::new(GROUP.claim(Calling(1))).ready() else { panic!("was to lead") };
    let mut follower = Task::queued(GROUP.claim(Calling(1)));
    assert_eq!(panic_message(|| Task::new(GROUP.claim(Calling(9))).poll()), "no such key");
    guard.complete(1);
    assert!(matches!(follower.ready(), Ok(StaticClaim::Value(1))));
    assert_eq!(GROUP.in_flight(), 0);
    let leads: Vec<_> = (3..6).map(|key| Task::new(GROUP.claim(Calling(key))).ready()).collect();
    assert!(leads.iter().all(|lead| matches!(lead, Ok(StaticClaim::Lead(_)))), "all slots are free again: {leads:?}");
}

#[cfg(feature = "std")]
#[test]
fn a_thread_may_wait() {
    crate::common::in_time(|| {
        static GROUP: Group = Group::new();
        let guard = lead(&GROUP, "a");
        let mut follower = Task::queued(GROUP.claim("a"));
        let thread = std::thread::spawn(|| match GROUP.claim("a").wait() {
            Ok(StaticClaim::Value(value)) => value,
            Ok(StaticClaim::Lead(lead)) => lead.complete(1),
            Err(full) => panic!("{full}"),
        });
        guard.complete(1);
        assert_eq!(thread.join().unwrap(), 1);
        assert_eq!(value(follower.ready()), 1);
    });
}

#[test]
fn the_last_gets_the_value_and_the_others_clones() {
    /// Counts its clones.
    struct Value<'a>(&'a Cell<usize>);

    impl Clone for Value<'_> {
        fn clone(&self) -> Self {
            self.0.set(self.0.get() + 1);
            Self(self.0)
        }
    }

    let (group, clones) = (StaticSingleFlight::<u8, Value<'_>, 1>::new(), Cell::new(0));
    let Ok(StaticClaim::Lead(lead)) = Task::new(group.claim(1)).ready() else { panic!("was to lead") };
    let mut followers = [(); 2].map(|()| Task::queued(group.claim(1)));
    let _own = lead.complete(Value(&clones));
    let _theirs = followers.each_mut().map(Task::ready);
    assert_eq!((clones.get(), group.in_flight()), (2, 0));
}

#[test]
fn who_waits_for_another_key_sleeps_on() {
    let group = StaticSingleFlight::<u8, u32, 2>::new();
    let leads = [1, 2].map(|key| {
        let Ok(StaticClaim::Lead(lead)) = Task::new(group.claim(key)).ready() else { panic!("was to lead") };
        lead
    });
    let mut followers = [1, 2].map(|key| Task::queued(group.claim(key)));
    let [one, two] = leads;
    two.complete(20);
    assert_eq!(followers.each_ref().map(Task::wakes), [0, 1]);
    drop(one);
    assert_eq!(followers.each_ref().map(Task::wakes), [1, 1]);
    assert!(matches!(followers[1].ready(), Ok(StaticClaim::Value(20))));
    assert!(matches!(followers[0].ready(), Ok(StaticClaim::Lead(_))));
}
