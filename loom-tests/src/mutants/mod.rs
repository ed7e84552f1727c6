//! Edits of the library's source, each of which some model must notice.
//!
//! A model's doc names, after `Fails if:`, the mutants that it was seen to fail under; `tests/tables.rs` keeps the docs
//! and these tables together.

mod cancel;
mod errgroup;
mod lock;
mod map;
mod semaphore;
mod singleflight;
mod wait;

/// One mutant.
#[derive(Debug)]
pub struct Mutant {
    /// What is wrong with it.
    pub name: &'static str,
    /// The file, below `src/`.
    pub file: &'static str,
    /// What to look for, each found once, and what to put in its place.
    pub edits: &'static [(&'static str, &'static str)],
    /// The models that fail.
    pub models: &'static [&'static str],
}

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Mutant> {
    [
        lock::MUTANTS,
        wait::MUTANTS,
        semaphore::MUTANTS,
        cancel::MUTANTS,
        errgroup::MUTANTS,
        map::reclaim::MUTANTS,
        map::seats::MUTANTS,
        map::entry::MUTANTS,
        map::tables::MUTANTS,
        singleflight::MUTANTS,
    ]
    .into_iter()
    .flatten()
}

impl Mutant {
    /// This mutant of `source`.
    ///
    /// # Errors
    ///
    /// If what it looks for is not there, or not once.
    pub fn apply(&self, source: &str) -> Result<String, String> {
        self.edits.iter().try_fold(source.to_owned(), |source, (find, put)| match source.matches(find).count() {
            1 => Ok(source.replace(find, put)),
            n => Err(format!("{}: {find:?} is {n} times in {}", self.name, self.file)),
        })
    }
}
