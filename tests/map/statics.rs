//! Maps that live as long as the process, so that what is in them can refer to them.

use core::hash::Hash;

use xsync::Map;

use crate::alive::Flushed;

/// Empties a map that is not dropped: who looks for leaks does not see the addresses in a table, which have a part of a hash
/// above them.
pub(crate) fn end<K: Hash + Eq, V>(map: &Map<K, V>) {
    map.clear();
    map.shrink_to_fit();
    map.flushed();
}

/// Keeps a value until the end of the process, where who looks for leaks finds it.
#[cfg(feature = "std")]
pub(crate) fn for_ever<T>(value: T) -> &'static T {
    use std::sync::Mutex;

    static ALL: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    let value: &'static T = Box::leak(Box::new(value));
    ALL.lock().unwrap().push(core::ptr::from_ref(value).expose_provenance());
    value
}
