use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::thread;
use xsync::*;

#[test]
fn smoke() {
    let mut g: ErrGroup<String> = ErrGroup::builder().limit(NonZeroUsize::new(3).unwrap()).build();
    let n = Arc::new(AtomicUsize::new(0));
    for _ in 0..100 {
        let n = n.clone();
        g.spawn(async move { assert!(n.fetch_add(1, SeqCst) < 3); thread::yield_now(); n.fetch_sub(1, SeqCst); Ok::<_, String>(()) }, |c| thread::spawn(|| c.wait())).wait().unwrap();
    }
    assert!(g.wait().wait().is_ok());
    assert!(g.wait().wait().is_ok());
    assert_eq!(g.try_spawn(async { Ok(()) }, drop).unwrap_err().reason, Reason::Finished);
}

#[test]
fn abort() {
    let mut g: ErrGroup<String> = ErrGroup::builder().abort_on_cancel().build();
    let t = g.token().clone();
    for _ in 0..3 {
        g.spawn(async { std::future::pending::<()>().await; Ok::<_, String>(()) }, |c| thread::spawn(|| c.wait())).wait().unwrap();
    }
    drop(g.track(async { Ok(()) }));
    assert!(matches!(g.wait().wait(), Err(GroupError::Aborted)));
    assert!(t.is_cancelled());
    println!("{:?}", t.cause());
}

#[test]
fn capture() {
    let mut g: ErrGroup<String> = ErrGroup::builder().capture_panics().build();
    g.spawn(async { if true { panic!("oh {}", 1) } Ok::<_, String>(()) }, |c| thread::spawn(|| c.wait())).wait().unwrap();
    let e = g.wait().wait().unwrap_err();
    println!("{e}");
    let GroupError::Panicked(p) = e else { panic!() };
    assert!(p.backtrace().unwrap().to_string().contains("capture"));
}

#[test]
fn tree() {
    let t = CancelToken::new();
    let mut at = t.clone();
    for _ in 0..100_000 { at = at.child(); }
    let many: Vec<_> = (0..100_000).map(|_| t.child()).collect();
    let s = std::time::Instant::now();
    t.cancel();
    println!("{:?}", s.elapsed());
    assert!(at.is_cancelled());
    assert!(many.iter().all(|c| c.is_cancelled()));
    assert!(matches!(at.cause(), Some(Cause::Requested)));
    drop(t);
    drop(at);
}
