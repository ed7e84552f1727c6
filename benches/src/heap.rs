//! Keeps the memory that a sample has freed.

use std::hint::black_box;

/// glibc gives the end of its heap back to the system whenever more than a threshold of it is free, and faults it in
/// again with the next batch: so what a row shows hangs on which side of 128 KiB its contenders are. Freeing a block
/// that was mapped by itself raises that threshold to twice the block.
pub fn keep() {
    drop(black_box(vec![1_u8; 16 << 20]));
}
