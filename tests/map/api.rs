//! What is frozen: auto traits, sizes, constness, and the traits that a map of Rust has; keys and values of no size.

use core::cell::Cell;
use core::fmt::Debug;
use core::mem::size_of;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::MutexGuard;
use std::thread;

use crate::alive::{Alive, Counted, Flushed};
use crate::common::{block_on, yield_now};
use crate::support::Good;
use xsync::{Flush, Map, OwnedRef, Ref, Session};

/// Whether a type has an auto trait: of the two methods of one name, the inherent one comes first where its bound holds.
macro_rules! has {
    ($type:ty: $bound:path) => {{
        trait Otherwise {
            fn has(&self) -> bool {
                false
            }
        }
        struct Probe<T>(core::marker::PhantomData<T>);
        impl<T> Otherwise for Probe<T> {}
        impl<T: $bound> Probe<T> {
            fn has(&self) -> bool {
                true
            }
        }
        let _ = (<Probe<()> as Otherwise>::has, Probe::<()>::has);
        Probe(core::marker::PhantomData::<$type>).has()
    }};
}

type Shared = u64;
/// `Send` alone.
type Sent = Cell<u64>;
/// `Sync` alone.
type Seen = MutexGuard<'static, u64>;
type Neither = Rc<u64>;

#[test]
fn what_may_cross_threads() {
    assert!(has!(Map<Shared, Shared>: Send) && has!(Map<Shared, Shared>: Sync));
    assert!(has!(Map<Sent, Shared>: Send) && !has!(Map<Sent, Shared>: Sync));
    assert!(has!(Map<Shared, Sent>: Send) && !has!(Map<Shared, Sent>: Sync));
    assert!(!has!(Map<Seen, Shared>: Send) && !has!(Map<Seen, Shared>: Sync));
    assert!(!has!(Map<Shared, Seen>: Send) && !has!(Map<Shared, Seen>: Sync));
    assert!(!has!(Map<Shared, Neither>: Send) && !has!(Map<Neither, Shared>: Sync));
    assert!(!has!(Map<Shared, Shared, Neither>: Send) && !has!(Map<Shared, Shared, Sent>: Sync));
}

#[test]
fn which_guards_may_cross_threads() {
    assert!(has!(Ref<'_, Shared, Shared>: Send) && has!(Ref<'_, Shared, Shared>: Sync));
    assert!(!has!(Ref<'_, Sent, Shared>: Send) && !has!(Ref<'_, Shared, Sent>: Send));
    assert!(!has!(Ref<'_, Seen, Shared>: Send) && !has!(Ref<'_, Shared, Seen>: Send));
    assert!(!has!(Ref<'_, Sent, Shared>: Sync) && !has!(Ref<'_, Shared, Seen>: Sync));
    assert!(has!(Session<'_, Shared, Shared, Good>: Send) && !has!(Session<'_, Shared, Sent, Good>: Send));
    assert!(!has!(Session<'_, Shared, Shared, Neither>: Send));
    assert!(has!(OwnedRef<Shared, Shared, Good>: Send) && !has!(OwnedRef<Shared, Sent, Good>: Send));
    assert!(!has!(OwnedRef<Shared, Shared, Neither>: Send));
    assert!(has!(xsync::Iter<'_, Shared, Shared, Good>: Send) && !has!(xsync::Iter<'_, Sent, Shared, Good>: Send));
    assert!(has!(Flush<'_, Shared, Shared>: Send) && !has!(Flush<'_, Neither, Shared>: Send));
}

#[test]
fn sizes() {
    assert!(size_of::<Map<u64, u64>>() <= 128, "{}", size_of::<Map<u64, u64>>());
    assert_eq!(size_of::<Map<String, [u64; 100]>>(), size_of::<Map<u64, u64>>());
    assert_eq!(size_of::<xsync::RandomState>(), 0);
    assert_eq!(size_of::<Ref<'_, u64, u64>>(), 4 * size_of::<usize>());
    assert_eq!(size_of::<Option<Ref<'_, u64, u64>>>(), size_of::<Ref<'_, u64, u64>>());
}

static DEFAULT: Map<String, u64> = Map::new();
static HASHED: Map<&str, u64, Good> = Map::with_hasher(support_good());

const fn support_good() -> Good {
    crate::support::Masked
}

#[test]
fn a_static_map_needs_no_start() {
    DEFAULT.insert("a".to_owned(), 1);
    HASHED.insert("b", 2);
    thread::spawn(|| assert_eq!((DEFAULT.get_cloned("a"), HASHED.get_cloned("b")), (Some(1), Some(2)))).join().unwrap();
    // A detector of leaks does not see through the addresses in a table.
    DEFAULT.clear();
    HASHED.clear();
    DEFAULT.shrink_to_fit();
    HASHED.shrink_to_fit();
    DEFAULT.flushed();
    HASHED.flushed();
    assert_eq!((DEFAULT.len(), HASHED.len()), (0, 0));
}

#[test]
fn keys_are_looked_up_by_what_they_borrow_as() {
    let map: Map<String, Vec<u8>> = Map::new();
    map.insert("key".to_owned(), vec![1]);
    assert!(map.contains_key("key") && map.contains_key(&"key".to_owned()));
    assert_eq!(map.session().get_key_value("key"), Some((&"key".to_owned(), &vec![1])));
    assert_eq!(map.update("key", |value| [&value[..], &[2]].concat()).unwrap().value(), &[1, 2]);
    assert_eq!(map.compare_exchange("key", &vec![1, 2], vec![3]).unwrap().key(), "key");
    assert_eq!(map.remove("key").as_deref(), Some(&vec![3]));
    let bytes: Map<Box<[u8]>, ()> = Map::new();
    bytes.insert(Box::new(*b"ab"), ());
    assert!(bytes.contains_key(&b"ab"[..]) && !bytes.contains_key(&b"b"[..]));
}

#[test]
fn a_key_that_is_there_is_kept() {
    let alive = Alive::default();
    let map = Map::new();
    let first = alive.with(1);
    map.insert(first, 1);
    let address = core::ptr::from_ref(map.get(&alive.with(1)).unwrap().key()).addr();
    map.insert(alive.with(1), 2);
    assert_eq!(core::ptr::from_ref(map.get(&alive.with(1)).unwrap().key()).addr(), address);
    assert_eq!(alive.count(), 1);
}

#[test]
fn the_traits_of_a_map() {
    let map: Map<u64, String> = [(1, "a".to_owned())].into_iter().collect();
    assert_eq!(format!("{map:?}"), r#"{1: "a"}"#);
    assert_eq!(format!("{:?}", map.get(&1).unwrap()), r#"Ref { key: 1, value: "a" }"#);
    assert_eq!(map.get(&1).unwrap(), "a".to_owned());
    let mut clone = map.clone();
    assert_eq!(clone, map);
    clone.extend([(2, "b".to_owned()), (1, "c".to_owned())]);
    assert_ne!(clone, map);
    assert_eq!(map.get_cloned(&1).unwrap(), "a", "a clone is another map");
    assert_ne!(clone, [(2, "b".to_owned()), (3, "c".to_owned())].into_iter().collect());
    assert_eq!(Map::<u64, u64>::default(), Map::new());
    assert_eq!(clone.into_iter().collect::<HashMap<_, _>>(), HashMap::from([(1, "c".to_owned()), (2, "b".to_owned())]));
    fn is_debug(_: &impl Debug) {}
    is_debug(&map.iter());
    is_debug(&map.session());
    is_debug(&map.flush());
}

#[test]
fn a_map_can_be_moved() {
    let alive = Alive::default();
    let map = Map::new();
    (0..100).for_each(|key| drop(map.insert(key, alive.with(key))));
    (0..50).for_each(|key| drop(map.remove(&key)));
    let boxed = Box::new(map);
    (50..100).for_each(|key| assert_eq!(boxed.get(&key).unwrap().value, key));
    let moved = thread::spawn(move || *boxed).join().unwrap();
    moved.clear();
    moved.flushed();
    assert_eq!(alive.count(), 0);
    let taken = moved.into_iter();
    assert_eq!(taken.count(), 0);
}

#[test]
fn taking_a_map_apart_drops_what_is_not_taken() {
    for taken in [0, 1, 50, 5_000] {
        let alive = Alive::default();
        let map = Map::new();
        (0..5_000).for_each(|key| drop(map.insert(key, alive.with(key))));
        (0..2_000).for_each(|key| drop(map.insert(key, alive.with(key))));
        (4_000..4_500).for_each(|key| drop(map.remove(&key)));
        let all: Vec<(u64, Counted)> = map.into_iter().take(taken).collect();
        assert_eq!(all.len(), taken.min(4_500));
        assert_eq!(alive.count(), all.len() as isize);
        assert!(all.iter().all(|(key, value)| *key == value.value));
    }
}

#[test]
fn guards_cross_threads_and_awaits() {
    let alive = Alive::default();
    let map = Map::new();
    map.insert(1, alive.with(1));
    let guard = map.get(&1).unwrap();
    map.remove(&1);
    thread::scope(|scope| {
        let guard = scope.spawn(move || (guard.value, guard)).join().unwrap().1;
        assert_eq!((guard.value, alive.count()), (1, 1));
        scope.spawn(move || drop(guard));
    });
    map.flushed();
    assert_eq!(alive.count(), 0);
    let task = async {
        map.insert(2, alive.with(2));
        let session = map.session();
        let guard = session.guard(&2).unwrap();
        yield_now().await;
        drop(map.remove(&2));
        yield_now().await;
        assert_eq!(session.get(&2), None);
        drop(session);
        guard.value
    };
    fn sends<F: Future + Send>(future: F) -> F {
        future
    }
    assert_eq!(block_on(sends(task)), 2);
    block_on(map.flush());
    assert_eq!(alive.count(), 0);
}

/// Of no size; what is alive of it is counted per thread.
#[derive(Debug, PartialEq, Eq, Hash, PartialOrd)]
struct Nothing;

thread_local! {
    static NOTHINGS: Cell<isize> = const { Cell::new(0) };
}

impl Nothing {
    fn new() -> Self {
        NOTHINGS.set(NOTHINGS.get() + 1);
        Self
    }
}

impl Drop for Nothing {
    fn drop(&mut self) {
        NOTHINGS.set(NOTHINGS.get() - 1);
    }
}

#[test]
fn keys_and_values_of_no_size_are_dropped_exactly() {
    let map = Map::new();
    assert!(map.insert(Nothing::new(), Nothing::new()).is_none());
    for _ in 0..200 {
        assert!(map.insert(Nothing::new(), Nothing::new()).is_some());
        drop(map.get_or_insert(Nothing::new(), Nothing::new()));
    }
    map.flushed();
    assert_eq!((map.len(), NOTHINGS.get()), (1, 2));
    for _ in 0..200 {
        assert!(map.remove(&Nothing::new()).is_some());
        assert!(map.try_insert(Nothing::new(), Nothing::new()).is_ok());
    }
    map.flushed();
    assert!(map.contains_key(&Nothing::new()));
    assert_eq!((map.iter().count(), NOTHINGS.get()), (1, 2));
    drop(map);
    let values: Map<u64, Nothing> = (0..6_000).map(|key| (key, Nothing::new())).collect();
    values.retain(|key, _| key % 2 == 0);
    values.flushed();
    assert_eq!((values.len() as isize, NOTHINGS.get()), (3_000, 3_000));
    drop(values);
    assert_eq!(NOTHINGS.get(), 0);
}
