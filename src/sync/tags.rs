//! Which of a few neighbouring words carry a tag in their top 16 bits: by vectors where there are some.

use crate::sync::{AtomicUsize, small};

/// So many words are looked at together: a cache line of them.
pub(crate) const GROUP: usize = small(8, 1);

/// SSE2, which every x86-64 has.
#[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(xsync_loom)))]
mod native {
    use core::arch::x86_64::{
        __m128i, _mm_castps_si128, _mm_castsi128_ps, _mm_cmpeq_epi16, _mm_load_ps, _mm_movemask_ps, _mm_set1_epi16,
        _mm_shuffle_ps,
    };

    use crate::sync::AtomicUsize;

    /// # Safety
    /// See [`equal_tags`](super::equal_tags).
    #[inline(always)]
    pub(crate) unsafe fn equal_tags(words: *const AtomicUsize, tag: u16) -> u32 {
        let words = words.cast::<usize>();
        // SAFETY: SSE2 is there, here and below.
        let tag = unsafe { _mm_set1_epi16(tag as i16) };
        // SAFETY: words 0 to 3 are there, by the caller.
        let low = unsafe { half(words, tag) };
        // SAFETY: words 4 to 7, as above.
        let high = unsafe { half(words.wrapping_add(4), tag) };
        low | high << 4
    }

    /// # Safety
    /// Four words are there, aligned to 16 bytes, and nobody writes to them.
    #[inline(always)]
    unsafe fn half(words: *const usize, tag: __m128i) -> u32 {
        // SAFETY: there, and aligned, by the caller.
        let first = unsafe { _mm_load_ps(words.cast()) };
        // SAFETY: as above.
        let second = unsafe { _mm_load_ps(words.wrapping_add(2).cast()) };
        // The upper halves of four words, of which a tag is the upper half, and so the sign.
        // SAFETY: as said.
        let upper = unsafe { _mm_shuffle_ps::<0b11_01_11_01>(first, second) };
        // SAFETY: as said.
        let upper = unsafe { _mm_castps_si128(upper) };
        // SAFETY: as said.
        let equal = unsafe { _mm_cmpeq_epi16(upper, tag) };
        // SAFETY: as said.
        let equal = unsafe { _mm_castsi128_ps(equal) };
        // SAFETY: as said.
        unsafe { _mm_movemask_ps(equal) as u32 }
    }
}

#[cfg(any(not(all(target_arch = "x86_64", target_pointer_width = "64")), xsync_loom))]
mod native {
    use super::GROUP;
    use crate::sync::{AtomicUsize, read_settled};

    /// # Safety
    /// See [`equal_tags`](super::equal_tags).
    #[inline(always)]
    pub(crate) unsafe fn equal_tags(words: *const AtomicUsize, tag: u16) -> u32 {
        (0..GROUP).fold(0, |set, index| {
            // SAFETY: there, by the caller.
            let word = unsafe { &*words.wrapping_add(index) };
            // SAFETY: nobody else writes it.
            let word = unsafe { read_settled(word) };
            set | u32::from((word >> (usize::BITS - 16)) as u16 == tag) << index
        })
    }
}

/// The set of those words, as bits.
///
/// # Safety
/// [`GROUP`] words are there, aligned to 16 bytes if they are several, and nobody else writes to them.
#[inline(always)]
pub(crate) unsafe fn equal_tags(words: *const AtomicUsize, tag: u16) -> u32 {
    // SAFETY: the same.
    unsafe { native::equal_tags(words, tag) }
}

#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use super::{GROUP, equal_tags};

    #[repr(align(64))]
    struct Line([usize; GROUP]);

    #[test]
    fn each_word_is_told_by_its_tag_alone() {
        let noise = |index: usize| index.wrapping_mul(0x9e37_79b9_7f4a_7c15) & 0xffff_ffff_ffff;
        for tag in [0, 1, 0x7fff, 0x8000, 0xffff_u16] {
            for set in 0..1_u32 << GROUP {
                let word = |index: usize| {
                    let other = [tag ^ 1, tag ^ 0x8000, tag ^ 0x100][index % 3];
                    (if set >> index & 1 == 1 { tag } else { other } as usize) << 48 | noise(index + set as usize)
                };
                let line = Line(core::array::from_fn(word));
                // SAFETY: there, aligned.
                assert_eq!(unsafe { equal_tags(line.0.as_ptr().cast(), tag) }, set);
            }
        }
    }
}
