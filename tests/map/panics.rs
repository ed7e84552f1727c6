//! `Hash`, `Eq`, `Clone`, `Drop` and closures that panic: the map works afterwards, and loses at most what panicked.

use core::cell::Cell;
use core::hash::{Hash, Hasher};
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use crate::alive::{Alive, Counted, Flushed};
use crate::support::Truncated;
use xsync::{Map, Operation};

#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    Hash,
    Eq,
    Clone,
}

thread_local! {
    /// Panics at the nth time from now.
    static FUSE: Cell<Option<(When, usize)>> = const { Cell::new(None) };
}

fn step(when: When) {
    if let Some((what, left)) = FUSE.get().filter(|(what, _)| *what == when) {
        FUSE.set((left > 0).then(|| (what, left - 1)));
        assert!(left > 0, "planned");
    }
}

#[derive(Debug)]
struct Fragile(Counted);

impl Hash for Fragile {
    fn hash<H: Hasher>(&self, state: &mut H) {
        step(When::Hash);
        self.0.hash(state);
    }
}

impl PartialEq for Fragile {
    fn eq(&self, other: &Self) -> bool {
        step(When::Eq);
        self.0 == other.0
    }
}

impl Eq for Fragile {}

impl Clone for Fragile {
    fn clone(&self) -> Self {
        step(When::Clone);
        Self(self.0.clone())
    }
}

type Brittle = Map<Fragile, Fragile, Truncated>;

fn panics(f: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(f)).is_err()
}

fn filled(alive: &Alive, settled: bool) -> Brittle {
    let map = Map::default();
    (0..24).for_each(|key| drop(map.insert(Fragile(alive.with(key)), Fragile(alive.with(key)))));
    if settled {
        assert_eq!(map.iter().count(), 24);
    }
    map
}

/// The map does all it has to, and nothing is kept that it does not hold.
fn check(map: Brittle, alive: &Alive) {
    FUSE.set(None);
    let number = |value| Fragile(alive.with(value));
    map.retain(|key, _| key.0.value < 40);
    for item in &map {
        assert_eq!(map.get(item.key()).unwrap().0.value, item.0.value);
    }
    for key in 0..40 {
        map.insert(number(key), number(1));
        assert_eq!(map.insert(number(key), number(2)).unwrap().0.value, 1);
        if key % 2 == 0 {
            assert_eq!(map.remove(&number(key)).unwrap().0.value, 2);
        }
    }
    assert_eq!((map.len(), map.iter().count()), (20, 20));
    map.shrink_to_fit();
    map.flushed();
    assert_eq!(alive.count(), 40);
    map.clear();
    drop(map);
    assert_eq!(alive.count(), 0);
}

#[test]
fn hash_eq_and_clone_may_panic_at_any_time() {
    let operations: [fn(&Brittle, &Alive); 13] = [
        |map, alive| drop(map.insert(Fragile(alive.with(3)), Fragile(alive.with(100)))),
        |map, alive| drop(map.insert(Fragile(alive.with(77)), Fragile(alive.with(100)))),
        |map, alive| drop(map.get(&Fragile(alive.with(3)))),
        |map, alive| drop(map.get(&Fragile(alive.with(78)))),
        |map, alive| drop(map.remove(&Fragile(alive.with(3)))),
        |map, alive| drop(map.get_or_insert(Fragile(alive.with(79)), Fragile(alive.with(1)))),
        |map, alive| drop(map.compare_remove(&Fragile(alive.with(3)), &Fragile(alive.with(3)))),
        |map, alive| {
            drop(map.compare_exchange(&Fragile(alive.with(3)), &Fragile(alive.with(3)), Fragile(alive.with(4))));
        },
        |map, alive| drop(map.get_cloned(&Fragile(alive.with(5)))),
        |map, _| drop(map.clone()),
        |map, alive| {
            drop(map.compute(Fragile(alive.with(80)), |_| Operation::Insert(Fragile(alive.with(1)))));
        },
        |map, alive| drop(map.get_or_insert_with(Fragile(alive.with(81)), || Fragile(alive.with(1)))),
        |map, _| assert!(*map == map.clone()),
    ];
    for when in [When::Hash, When::Eq, When::Clone] {
        let mut burnt = 0;
        for (what, operation) in operations.into_iter().enumerate() {
            for settled in [false, true] {
                for left in 0..6 {
                    let alive = Alive::default();
                    let map = filled(&alive, settled);
                    let before = map.len();
                    FUSE.set(Some((when, left)));
                    if panics(|| operation(&map, &alive)) {
                        burnt += 1;
                        assert_eq!(map.len(), before, "{when:?}, operation {what}, after {left}");
                    }
                    check(map, &alive);
                }
            }
        }
        assert!(burnt > 10, "{when:?} panicked {burnt} times");
    }
}

#[test]
fn closures_may_panic() {
    let operations: [fn(&Brittle, &Alive); 9] = [
        |map, alive| drop(map.update(&Fragile(alive.with(3)), |_| panic!("planned"))),
        |map, alive| drop(map.compute(Fragile(alive.with(3)), |_| panic!("planned"))),
        |map, alive| drop(map.compute(Fragile(alive.with(90)), |_| panic!("planned"))),
        |map, alive| map.read_with(&Fragile(alive.with(3)), |_| panic!("planned")).unwrap(),
        |map, alive| drop(map.get_or_insert_with(Fragile(alive.with(91)), || panic!("planned"))),
        |map, alive| drop(map.remove_if(&Fragile(alive.with(3)), |_| panic!("planned"))),
        |map, alive| drop(map.replace_if(&Fragile(alive.with(3)), Fragile(alive.with(4)), |_| panic!("planned"))),
        |map, _| map.retain(|_, value| if value.0.value == 12 { panic!("planned") } else { true }),
        |map, _| map.iter().for_each(|item| assert!(item.0.value != 12, "planned")),
    ];
    for operation in operations {
        for settled in [false, true] {
            let alive = Alive::default();
            let map = filled(&alive, settled);
            assert!(panics(|| operation(&map, &alive)));
            assert_eq!(map.len(), 24);
            check(map, &alive);
        }
    }
}

#[test]
fn a_retain_that_panics_keeps_what_it_was_not_asked_about() {
    let alive = Alive::default();
    let map = filled(&alive, true);
    let mut asked = 0;
    assert!(panics(|| map.retain(|_, _| {
        asked += 1;
        assert!(asked < 10, "planned");
        false
    })));
    assert_eq!(map.len(), 24 - 9);
    check(map, &alive);
}

/// Its destructor panics if it is armed, and counts first.
struct Bomb {
    armed: bool,
    _counted: Counted,
}

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(!self.armed || std::thread::panicking(), "planned");
    }
}

#[test]
fn a_destructor_may_panic_wherever_it_runs() {
    let places: [fn(&Map<u64, Bomb>); 6] = [
        |map| map.flushed(),
        |map| map.shrink_to_fit(),
        |map| (0..200).for_each(|key| drop(map.remove(&key))),
        |map| map.clear(),
        |map| {
            drop(map.session());
            map.flushed();
        },
        |map| map.retain(|key, _| key % 3 == 0),
    ];
    for place in places {
        for later in [0, 1, 31, 32, 100] {
            let alive = Alive::default();
            let bomb = |armed| Bomb { armed, _counted: alive.with(0) };
            let map = Map::new();
            (0..200).for_each(|key| drop(map.insert(key, bomb(false))));
            map.insert(7, bomb(true));
            assert!(!panics(|| map.flushed()));
            let mut burnt = panics(|| drop(map.remove(&7)));
            burnt |= panics(|| (10..10 + later).for_each(|key| drop(map.remove(&key))));
            burnt |= panics(|| place(&map));
            burnt |= panics(|| map.flushed());
            assert!(burnt, "it was dropped");
            assert_eq!(map.iter().count(), map.len());
            map.clear();
            map.flushed();
            assert_eq!((map.len(), alive.count()), (0, 0), "what panicked had dropped its parts");
            map.insert(1, bomb(false));
            drop(map);
            assert_eq!(alive.count(), 0);
        }
    }
}

#[test]
fn a_destructor_may_panic_when_the_map_ends() {
    for removed in [false, true] {
        let alive = Alive::default();
        let map = Map::new();
        for key in 0..6_000 {
            map.insert(key, Bomb { armed: key == 2_000, _counted: alive.with(0) });
        }
        let guard = map.get(&0).unwrap();
        if removed {
            (1_990..2_010).for_each(|key| drop(map.remove(&key)));
        }
        core::mem::forget(guard);
        assert!(panics(|| drop(map)));
        assert_eq!(alive.count(), 0);
    }
}

#[test]
fn a_destructor_of_a_key_may_panic() {
    #[derive(PartialEq, Eq)]
    struct Key(u64, Counted);

    impl Hash for Key {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }

    impl Drop for Key {
        fn drop(&mut self) {
            assert!(self.0 != 13 || std::thread::panicking(), "planned");
        }
    }

    let alive = Alive::default();
    let map = Map::new();
    (0..50).for_each(|key| drop(map.insert(Key(key, alive.with(0)), alive.with(1))));
    map.retain(|key, _| key.0 >= 20);
    assert!(panics(|| {
        map.shrink_to_fit();
        map.flushed();
    }));
    map.flushed();
    assert_eq!((map.len(), alive.count()), (30, 60));
    drop(map);
    assert_eq!(alive.count(), 0);
}
