//! The subject: each way to start a child.

use std::convert::Infallible;
use std::num::NonZeroUsize;

use xsync::{ErrGroup, GroupBuilder};
use xsync_benches::SUBJECT;

use crate::batch::{CHILDREN, Sheet, Work, contender};
use crate::executors::Executor;

type Builder = GroupBuilder<Infallible>;

/// Few enough that who starts the children waits for slots.
const FEW: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// Never reached.
const MANY: NonZeroUsize = NonZeroUsize::new(CHILDREN).unwrap();

pub fn add<E: Executor>(sheet: &mut impl Sheet, executor: &'static E, work: Work) {
    contender(sheet, SUBJECT, executor, move || spawned(executor, work, |builder| builder));
    contender(sheet, "its try_spawn", executor, move || async move {
        let group = ErrGroup::new();
        for _ in 0..CHILDREN {
            E::detach(group.try_spawn(work.child(), |child| executor.spawn(child)).expect("starts"));
        }
        group.join().await.expect("no child fails");
    });
    contender(sheet, "its track", executor, move || async move {
        let group = ErrGroup::new();
        for _ in 0..CHILDREN {
            E::detach(executor.spawn(group.track(work.child())));
        }
        group.join().await.expect("no child fails");
    });
    contender(sheet, "its member", executor, move || async move {
        let group = ErrGroup::<Infallible>::new();
        for _ in 0..CHILDREN {
            let member = group.member();
            E::detach(executor.spawn(async move {
                work.run();
                member.finish(Ok(()));
            }));
        }
        group.join().await.expect("no child fails");
    });
    contender(sheet, "abort_on_cancel", executor, move || spawned(executor, work, Builder::abort_on_cancel));
    contender(sheet, "capture_panics", executor, move || spawned(executor, work, Builder::capture_panics));
    contender(sheet, "limit, unreached", executor, move || spawned(executor, work, |builder| builder.limit(MANY)));
    contender(sheet, "limit of 64", executor, move || spawned(executor, work, |builder| builder.limit(FEW)));
}

/// By `spawn`, in a group that was built so.
async fn spawned<E: Executor>(executor: &'static E, work: Work, how: fn(Builder) -> Builder) {
    let group = how(ErrGroup::builder()).build();
    for _ in 0..CHILDREN {
        E::detach(group.spawn(work.child(), |child| executor.spawn(child)).await.expect("starts"));
    }
    group.join().await.expect("no child fails");
}
