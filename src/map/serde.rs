//! A map as serde's map.

use core::fmt;
use core::hash::{BuildHasher, Hash as Hashable};
use core::marker::PhantomData;

use alloc::vec::Vec;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::Map;

impl<K: Serialize, V: Serialize, S> Serialize for Map<K, V, S> {
    /// Each key at some moment of the call, as iteration goes over them.
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        let session = self.session();
        // Counted first: there are formats that begin with the number.
        let entries: Vec<_> = session.iter().collect();
        serializer.collect_map(entries)
    }
}

struct Entries<K, V, S>(PhantomData<fn() -> Map<K, V, S>>);

impl<'de, K, V, S> Visitor<'de> for Entries<K, V, S>
where
    K: Deserialize<'de> + Hashable + Eq,
    V: Deserialize<'de>,
    S: BuildHasher + Default,
{
    type Value = Map<K, V, S>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let map = Map::default();
        while let Some((key, value)) = entries.next_entry()? {
            map.insert(key, value);
        }
        Ok(map)
    }
}

impl<'de, K, V, S> Deserialize<'de> for Map<K, V, S>
where
    K: Deserialize<'de> + Hashable + Eq,
    V: Deserialize<'de>,
    S: BuildHasher + Default,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}
