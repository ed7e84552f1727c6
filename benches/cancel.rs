//! The cancel token and the cancel flag in time: one file per kind of question. README.md has the method.

use xsync_benches::{Plan, heap};

#[path = "cancel/broadcast.rs"]
mod broadcast;
#[path = "cancel/contenders.rs"]
mod contenders;
#[path = "cancel/event.rs"]
mod event;
#[path = "cancel/run.rs"]
mod run;
#[path = "cancel/token.rs"]
mod token;
#[path = "cancel/tree.rs"]
mod tree;
#[path = "cancel/wait.rs"]
mod wait;

/// A peer may recurse where generations are many: it is to finish, too.
const STACK: usize = 512 << 20;

fn main() {
    let measure = || {
        let plan = Plan::from_args();
        heap::keep();
        token::measure(&plan);
        wait::measure(&plan);
        run::measure(&plan);
        broadcast::measure(&plan);
        tree::measure(&plan);
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(measure).expect("a thread");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
