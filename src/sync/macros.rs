/// A `const fn`, or a plain `fn` under loom, whose types have no const constructors.
macro_rules! const_fn {
    ($(#[$meta:meta])* $vis:vis const fn $($rest:tt)*) => {
        #[cfg(not(xsync_loom))]
        $(#[$meta])* $vis const fn $($rest)*
        #[cfg(xsync_loom)]
        $(#[$meta])* $vis fn $($rest)*
    };
}

/// Items that exist only under loom, for the models.
macro_rules! under_loom {
    ($($item:item)*) => { $(#[cfg(xsync_loom)] $item)* };
}
