//! treesum as a user runs it, on every runtime, beside the `sha256sum` that is installed.

mod changes;
mod command;
mod failures;
mod interrupt;
mod memory;
mod options;
mod output;
mod same;
mod terminal;
mod tree;
