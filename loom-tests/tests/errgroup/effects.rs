//! What children did is seen by who waited for them, with nothing but the group between them.

use std::pin::pin;

use xsync_loom_tests::{Outcomes, Shadow, forever, model, poll_until_ready, spawn};

use crate::{Group, OnDrop, told};

/// Property: what each of two children wrote, also the one that was not the last, is seen after the wait.
/// Fails if: counting out publishes nothing (`count-out-publishes-nothing`), or the end of the wait orders nothing
/// (`end-sees-nothing`).
#[test]
fn two_members_then_waited() {
    model(3, || {
        let data = forever([Shadow::new(0), Shadow::new(0)]);
        let mut group = Group::new();
        let threads = [0, 1].map(|n| {
            let member = group.member();
            spawn(move || {
                data[n].increment();
                member.finish(Ok(()));
            })
        });
        assert_eq!(told(poll_until_ready(pin!(group.wait()))), "Ok(())");
        assert_eq!([data[0].get(), data[1].get()], [1, 1]);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// Property: what the destructors of a future, of its output and of a future that is dropped did is seen too.
/// Fails if: a child is counted out before its future is dropped (`counted-out-too-early`), or counting out publishes
/// nothing (`count-out-publishes-nothing`).
#[test]
fn destructors_then_waited() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let data = forever([Shadow::new(0), Shadow::new(0), Shadow::new(0)]);
        let mut group = Group::new();
        let [future, output, dropped] = [0, 1, 2].map(|n| OnDrop(&data[n]));
        let mut output = Some(output);
        let body = std::future::poll_fn(move |_| {
            let _ = &future;
            std::task::Poll::Ready(Ok::<_, usize>(output.take()))
        });
        let first = group.try_spawn(body, |child| child).unwrap();
        let body = async move {
            let _dropped = dropped;
            Ok::<(), usize>(())
        };
        let second = group.try_spawn(body, |child| child).unwrap();
        let threads = [spawn(move || poll_until_ready(pin!(first))), spawn(move || drop(second))];
        seen.saw(told(poll_until_ready(pin!(group.wait()))));
        assert_eq!([data[0].get(), data[1].get(), data[2].get()], [1, 1, 1]);
        for thread in threads {
            thread.join().unwrap();
        }
    });
    outcomes.were(&["Err(Aborted)"]);
}

/// Property: what a child of a child wrote is seen by the owner, though the first one ended before it.
/// Fails if: counting out publishes nothing (`count-out-publishes-nothing`), or the end of the wait orders nothing
/// (`end-sees-nothing`).
#[test]
fn child_of_a_child_then_waited() {
    model(3, || {
        let data = forever([Shadow::new(0), Shadow::new(0)]);
        let mut group = Group::new();
        let spawner = group.spawner();
        let member = group.member();
        let thread = spawn(move || {
            let inner = spawner.member();
            let thread = spawn(move || {
                data[1].increment();
                inner.finish(Ok(()));
            });
            data[0].increment();
            member.finish(Ok(()));
            thread
        });
        assert_eq!(told(poll_until_ready(pin!(group.wait()))), "Ok(())");
        assert_eq!([data[0].get(), data[1].get()], [1, 1]);
        thread.join().unwrap().join().unwrap();
    });
}

/// Property: who is refused because the group has ended sees what its children did.
/// Fails if: raising the flag publishes nothing (`raised-relaxed`), or looking orders nothing (`look-relaxed`).
#[test]
fn ended_then_refused() {
    model(3, || {
        let data = forever(Shadow::new(0));
        let mut group = Group::new();
        let member = group.member();
        let spawner = group.spawner();
        let thread = spawn(move || {
            if spawner.token().is_cancelled() {
                assert_eq!(data.get(), 1);
            }
        });
        data.increment();
        member.finish(Ok(()));
        assert_eq!(told(poll_until_ready(pin!(group.wait()))), "Ok(())");
        thread.join().unwrap();
    });
}
