//! The progress bar, on a terminal only.

use std::sync::Arc;
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::stats::Counters;

const TEMPLATE: &str = "{wide_bar} {files} files, {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left";
const REDRAWN: Duration = Duration::from_millis(100);

/// A bar on standard error that follows the jobs, and leaves no trace when it is dropped. Without a terminal there is
/// none.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// For a tree of `files` files and `bytes` bytes.
    pub fn new(files: u64, bytes: u64, counters: Arc<Counters>) -> Self {
        let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
        if !bar.is_hidden() {
            let done = move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
                let done = HumanCount(counters.files.get());
                // A string takes all that is written.
                let _ = write!(out, "{done}/{}", HumanCount(files));
            };
            let style = ProgressStyle::with_template(TEMPLATE).expect("the template is right");
            bar.set_style(style.with_key("files", done));
            bar.enable_steady_tick(REDRAWN);
        }
        Self(bar)
    }

    /// So many bytes more were hashed.
    pub fn advance(&self, bytes: u64) {
        self.0.inc(bytes);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
