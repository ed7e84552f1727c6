//! Of the map, by what is broken.

pub(super) mod entry;
pub(super) mod reclaim;
pub(super) mod seats;
pub(super) mod tables;
