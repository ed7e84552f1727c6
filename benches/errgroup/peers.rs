//! tokio's own ways to wait for many tasks.

use tokio::task::JoinSet;
use tokio_util::task::TaskTracker;

use crate::batch::{CHILDREN, Sheet, Work, contender};
use crate::executors::OnTokio;

pub fn add(sheet: &mut impl Sheet, executor: &'static OnTokio, work: Work) {
    contender(sheet, "JoinSet", executor, move || async move {
        let mut set = JoinSet::new();
        for _ in 0..CHILDREN {
            set.spawn(work.child());
        }
        while let Some(ended) = set.join_next().await {
            ended.expect("does not panic").expect("no child fails");
        }
    });
    contender(sheet, "TaskTracker", executor, move || async move {
        let tracker = TaskTracker::new();
        for _ in 0..CHILDREN {
            tracker.spawn(work.child());
        }
        tracker.close();
        tracker.wait().await;
    });
}
