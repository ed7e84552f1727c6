//! A place for something that is there for a part of its owner's life only.

use core::mem::MaybeUninit;

use crate::sync::UnsafeCell;

/// Room for a `T`. Who uses it says when there is one; nothing is dropped with the place.
pub(super) struct Place<T>(UnsafeCell<MaybeUninit<T>>);

impl<T> Place<T> {
    const_fn! {
        pub(super) const fn empty() -> Self {
            Self(UnsafeCell::new(MaybeUninit::uninit()))
        }
    }

    /// # Safety
    /// Nothing is there, and nobody else looks.
    #[inline]
    pub(super) unsafe fn put(&self, value: T) {
        self.0.with_mut(|place| {
            // SAFETY: as the caller promises.
            unsafe { place.cast::<T>().write(value) };
        });
    }

    /// # Safety
    /// Something is there, and nobody changes it while the reference is used.
    #[inline]
    pub(super) unsafe fn get(&self) -> &T {
        // SAFETY: as the caller promises.
        self.0.with(|place| unsafe { &*place.cast::<T>() })
    }

    /// # Safety
    /// Something is there, and nobody else looks.
    #[cfg(feature = "alloc")]
    #[inline]
    pub(super) unsafe fn with_mut<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: as the caller promises.
        self.0.with_mut(|place| f(unsafe { &mut *place.cast::<T>() }))
    }

    /// # Safety
    /// Something is there, nobody else looks, and nobody does afterwards, until there is something again.
    #[inline]
    pub(super) unsafe fn take(&self) -> T {
        // SAFETY: as the caller promises.
        self.0.with_mut(|place| unsafe { place.cast::<T>().read() })
    }

    /// # Safety
    /// As for [`take`](Self::take).
    #[cfg(feature = "alloc")]
    pub(super) unsafe fn drop_in_place(&self) {
        // SAFETY: as the caller promises.
        self.0.with_mut(|place| unsafe { place.cast::<T>().drop_in_place() });
    }
}
