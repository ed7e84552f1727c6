//! What a future can be ended by, so that each test runs on all of them: a flag, a token, and a token that is cancelled
//! from two generations above.

use xsync::{CancelFlag, Cancellation, RunUntilCancelled};

pub(crate) trait Source: Default + Send + Sync + 'static {
    type Kind: Cancellation;

    /// What is waited for.
    fn watched(&self) -> &Self::Kind;

    fn cancel(&self);

    fn run<F: Future>(&self, future: F) -> RunUntilCancelled<'_, F>;
}

/// Makes a module's generic functions into tests, for each source.
macro_rules! for_each_source {
    ($($test:ident),* $(,)?) => {
        mod of_a_flag {
            $(#[test] fn $test() { super::$test::<xsync::CancelFlag>(); })*
        }

        #[cfg(feature = "alloc")]
        mod of_a_token {
            $(#[test] fn $test() { super::$test::<xsync::CancelToken>(); })*
        }

        #[cfg(feature = "alloc")]
        mod of_a_descendant {
            $(#[test] fn $test() { super::$test::<crate::source::Descendant>(); })*
        }
    };
}

impl Source for CancelFlag {
    type Kind = Self;

    fn watched(&self) -> &Self {
        self
    }

    fn cancel(&self) {
        self.cancel();
    }

    fn run<F: Future>(&self, future: F) -> RunUntilCancelled<'_, F> {
        self.run_until_cancelled(future)
    }
}

#[cfg(feature = "alloc")]
pub(crate) use tokens::Descendant;

#[cfg(feature = "alloc")]
mod tokens {
    use xsync::{CancelToken, RunUntilCancelled};

    use super::Source;

    impl Source for CancelToken {
        type Kind = Self;

        fn watched(&self) -> &Self {
            self
        }

        fn cancel(&self) {
            self.cancel();
        }

        fn run<F: Future>(&self, future: F) -> RunUntilCancelled<'_, F> {
            self.run_until_cancelled(future)
        }
    }

    /// A token, and the one that it is cancelled by; nobody has a handle of the one between them.
    pub(crate) struct Descendant {
        ancestor: CancelToken,
        token: CancelToken,
    }

    impl Default for Descendant {
        fn default() -> Self {
            let ancestor = CancelToken::new();
            let token = ancestor.child().child();
            Self { ancestor, token }
        }
    }

    impl Source for Descendant {
        type Kind = CancelToken;

        fn watched(&self) -> &CancelToken {
            &self.token
        }

        fn cancel(&self) {
            self.ancestor.cancel();
        }

        fn run<F: Future>(&self, future: F) -> RunUntilCancelled<'_, F> {
            self.token.run_until_cancelled(future)
        }
    }
}
