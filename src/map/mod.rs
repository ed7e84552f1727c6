//! The concurrent map: Go's read/dirty `sync.Map` with expunged markers, for Rust.
//!
//! | file | what |
//! |---|---|
//! | [`reclaim`], [`collect`], [`lane`], [`frame`] | when what was taken out is dropped: invariants R1 to R4 |
//! | [`depot`], [`stack`] | where it lies until then, without anybody waiting for anybody: N1 |
//! | [`seats`] | readers that need no read-modify-write: S1 to S3 |
//! | [`word`] | the state machine of an entry, as a word |
//! | [`entry`], [`garbage`] | an entry's memory and its parts: E1 to E3; what is retired |
//! | [`hash`], [`slot`], [`table`] | hashes, slots and tables: B1 to B3 |
//! | [`shard`], [`books`], [`look`], [`shards`] | the two tables of a shard: M1 to M6; its lock and counts; how far a search came; how shards come about |
//! | [`find`], [`write`], [`walk`] | from key to entry; what moves the words; all entries in turn |
//! | [`guard`], [`session`], [`iter`], [`flush`], `api`, `traits`, `serde` | what users see |
//! | [`owned`] | taking a map apart, and its end |
//!
//! What happens to a key: a lookup searches the read table of its shard. If the key is not there and the read word is
//! amended, it searches the dirty table, unless the news say that there is no such key, and counts a miss; enough misses
//! promote the dirty table to be the read table. A store or removal moves the word of the entry, which both tables share. A
//! new key goes to the dirty table, under the shard's lock; there one is built from the read table if there is none, and
//! what is removed is expunged then, and left out.

mod api;
mod books;
mod collect;
mod depot;
mod entry;
mod find;
mod flush;
mod frame;
mod garbage;
mod guard;
mod hash;
mod iter;
mod lane;
mod look;
#[cfg(test)]
mod machine;
mod owned;
mod reclaim;
mod seats;
#[cfg(feature = "serde")]
mod serde;
mod session;
mod shard;
mod shards;
mod slot;
mod stack;
mod table;
mod traits;
mod walk;
mod word;
mod write;

use core::marker::PhantomData;

pub use api::{Computed, Operation};
pub use flush::Flush;
pub use guard::{OwnedRef, Ref};
pub use iter::Iter;
pub use owned::IntoIter;
pub use session::{Session, SessionIter};

use crate::hasher::RandomState;
use crate::sync::AtomicUsize;
use books::Books;
use garbage::Garbage;
use reclaim::Reclaim;
use shard::Read;

/// A concurrent map for keys that are read more often than they come and go. Lookups, and stores to keys that are there, are
/// lock-free.
///
/// A lookup of a key that has been there for a while is wait-free, and follows two pointers; once threads have met in the map, it
/// writes to no line that other threads' lookups write. A key that is newer is looked for in a second table.
/// Storing to a key that is there is one compare-exchange on its entry, or two if the value's place has to be claimed. A new key,
/// or one that was removed for long, takes the lock of its shard; now and then a removal takes it, if it is free, to save memory.
/// No such operation waits for reclamation: a thread that finds another one at it leaves it the rest. Only who calls
/// [`flush`](Self::flush) may wait for a lock of it. (With the feature `critical-section` and without `std`, locks are
/// sections without interrupts.)
///
/// Values are reached through guards ([`Ref`]), or many through a [`Session`]; a guard may be sent to another thread and
/// held across `.await`. It delays the freeing of what is taken out of the map meanwhile, and no writer.
///
/// # What is freed when
///
/// A value that was replaced or removed is dropped when every guard and session that is older than that has ended,
/// outside of every lock, on whichever thread next has the chance. (A destructor that uses the map again is no such
/// chance, so that a chain of them does not nest; without `std` threads cannot be told apart, and it does.) At most 256
/// values per lane (two lanes per processor, at most 64) lie about that nobody can have any more, as long as guards of
/// fewer than 27 different ages are open at the same time, and no thread is held up in the middle of an operation; with more, the younger ones count as old as the oldest of
/// them. A clone of a guard, and what a session or an iterator gives, is as old as that. [`flush`](Self::flush) waits until
/// all are dropped. Removals shrink the map: a shard of which half is dead, and more than a few entries, is rebuilt. (A
/// value that owns the map and is removed from it waits in it like any other: somebody has to use the map once more.)
///
/// # Consistency
///
/// All operations on one key are in one total order, which extends what happens before what. Across keys, an operation
/// that observes another happens after it (release and acquire), which is not sequential consistency. `clear`, `retain`,
/// `extend`, `len`, `clone` and iteration touch each key at some moment of the call. [`len`](Self::len) is exact while
/// nobody writes.
///
/// # Panics
///
/// A `Hash`, `Eq`, `Drop` or closure that panics leaves the map usable, and leaks at most what panicked. (Of destructors that
/// are run together, a second that panics while the first unwinds aborts, as in a `Vec`.) Entering with
/// more than a quarter of `usize::MAX` guards leaked in one lane panics with that number. So does a new key or value whose
/// address uses the top 16 bits, where the target is one on which an allocator leaves them free; the map is as before then.
///
/// # Go
///
/// `sync.Map` of Go up to 1.23, with its state machine of entries.
///
/// | Go | here |
/// |---|---|
/// | `Load` | [`get`](Self::get) |
/// | `Store`, `Swap` | [`insert`](Self::insert) |
/// | `LoadOrStore` | [`get_or_insert`](Self::get_or_insert) |
/// | `LoadAndDelete`, `Delete` | [`remove`](Self::remove) |
/// | `CompareAndSwap` | [`compare_exchange`](Self::compare_exchange) |
/// | `CompareAndDelete` | [`compare_remove`](Self::compare_remove) |
/// | `Range` | [`iter`](Self::iter) |
/// | `Clear` | [`clear`](Self::clear) |
///
/// It differs in that it is split into shards as it grows, that both tables are searched without a lock, that a dirty table
/// that is full becomes the read table at once, that a miss that finds its key counts for four and most that find nothing
/// for none, that removals shrink it, and that no function of the user runs under a lock.
///
/// # Examples
///
/// ```
/// use xsync::Map;
///
/// static SIZES: Map<String, u64> = Map::new();
///
/// SIZES.insert("a".to_owned(), 1);
/// assert_eq!(*SIZES.get("a").unwrap(), 1);
/// SIZES.update("a", |size| size + 1);
/// assert_eq!(SIZES.get_cloned("a"), Some(2));
/// let old = SIZES.remove("a").unwrap(); // a guard: the value stays as long as it does
/// assert_eq!((old.key().as_str(), *old), ("a", 2));
/// assert!(SIZES.is_empty());
/// ```
pub struct Map<K, V, S = RandomState> {
    /// Null, or the `Shards`.
    shards: AtomicUsize,
    /// The read word of the only shard, until there are others.
    read: AtomicUsize,
    books: Books<K, V>,
    reclaim: Reclaim<Garbage<K, V>>,
    hasher: S,
    /// It owns keys and values, and shares them.
    _entries: PhantomData<(*const (), K, V)>,
}

// SAFETY: the keys and values go with it.
unsafe impl<K: Send, V: Send, S: Send> Send for Map<K, V, S> {}
// SAFETY: guards give shared references on any thread (`Sync`), and any thread may drop what is retired (`Send`).
unsafe impl<K: Send + Sync, V: Send + Sync, S: Sync> Sync for Map<K, V, S> {}

impl<K, V> Map<K, V> {
    const_fn! {
        /// An empty map, which allocates nothing, with the default hasher.
        #[must_use]
        pub const fn new() -> Self {
            Self::with_hasher(RandomState)
        }
    }
}

impl<K, V, S> Map<K, V, S> {
    const_fn! {
        /// An empty map, which allocates nothing, with `hasher`.
        #[must_use]
        pub const fn with_hasher(hasher: S) -> Self {
            Self {
                shards: AtomicUsize::new(0),
                read: AtomicUsize::new(Read::NONE.bits()),
                books: Books::new(),
                reclaim: Reclaim::new(),
                hasher,
                _entries: PhantomData,
            }
        }
    }

    /// The hasher.
    #[must_use]
    pub fn hasher(&self) -> &S {
        &self.hasher
    }
}
