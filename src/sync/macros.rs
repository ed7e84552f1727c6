/// A `const fn`, or a plain `fn` under loom, whose types have no const constructors.
macro_rules! const_fn {
    ($(#[$meta:meta])* $vis:vis const fn $($rest:tt)*) => {
        #[cfg(not(xsync_loom))]
        $(#[$meta])* $vis const fn $($rest)*
        #[cfg(xsync_loom)]
        $(#[$meta])* $vis fn $($rest)*
    };
}

/// An array of what a `const` expression gives, in a `const fn`; under loom, of what it gives each time.
macro_rules! each {
    ($value:expr; $n:expr) => {{
        #[cfg(not(xsync_loom))]
        let array = [const { $value }; $n];
        #[cfg(xsync_loom)]
        let array = core::array::from_fn::<_, { $n }, _>(|_| $value);
        array
    }};
}

/// Items that exist only under loom, for the models.
macro_rules! under_loom {
    ($($item:item)*) => { $(#[cfg(xsync_loom)] $item)* };
}
