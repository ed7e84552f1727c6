//! The map, as its users see it.
#![cfg(feature = "alloc")]

mod basic;
