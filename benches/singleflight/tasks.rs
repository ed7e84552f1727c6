//! Many callers of one flight, as tasks of one worker, beside goroutines. The work ends when all have arrived.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use xsync_benches::{Go, Plan, Row, Sample};

use crate::contenders::{Contender, ForEach};
use crate::go;

const SAMPLE: Duration = Duration::from_millis(4);
const CALLERS: u64 = 1_000;

pub fn measure(plan: &Plan, go: Option<&Go>) {
    let mut row = Row::new(format!("joiners: {CALLERS} tasks of one worker, each"), SAMPLE);
    Add(&mut row).each();
    if let Some(go) = go {
        go::add(go, &mut row, &[format!("-joiners={CALLERS}")]);
    }
    row.measure(plan);
}

struct Add<'r, 'a>(&'r mut Row<'a>);

impl ForEach for Add<'_, '_> {
    fn with<C: Contender>(&mut self) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let (contender, arrived) = (Arc::new(C::new()), Arc::new(AtomicU64::new(0)));
        self.0.foreign(C::NAME, &xsync_benches::version(C::PACKAGE), move |operations| {
            let batches = operations.div_ceil(CALLERS);
            let (contender, arrived) = (&contender, &arrived);
            Sample::of(batches * CALLERS, || {
                runtime.block_on(async {
                    for _ in 0..batches {
                        arrived.store(0, Ordering::Relaxed);
                        let mut last = None;
                        for _ in 0..CALLERS {
                            let (contender, arrived) = (Arc::clone(contender), Arc::clone(arrived));
                            last = Some(tokio::spawn(async move {
                                arrived.fetch_add(1, Ordering::Relaxed);
                                let all = Arc::clone(&arrived);
                                assert_eq!(contender.call(7, || when_all_arrived(all)).await, 1);
                                arrived.fetch_add(1, Ordering::Relaxed);
                            }));
                        }
                        last.expect("some callers").await.expect("no panic");
                        // The last that was started need not be the last to end.
                        while arrived.load(Ordering::Relaxed) < 2 * CALLERS {
                            tokio::task::yield_now().await;
                        }
                    }
                });
            })
        });
    }
}

fn when_all_arrived(arrived: Arc<AtomicU64>) -> impl Future<Output = u64> + Send + 'static {
    poll_fn(move |cx| {
        if arrived.load(Ordering::Relaxed) >= CALLERS {
            return Poll::Ready(1);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}
