//! The shield between real clients and an origin that answers when the test says so: so a burst is known to be complete
//! before the first answer comes, and nothing depends on how fast the machine is.

mod burst;
mod client;
mod failures;
mod leaving;
mod origin;
#[cfg(unix)]
mod process;
mod requests;
mod running;
mod shutdown;
