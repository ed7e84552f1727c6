//! What is shown to people, and what is told to combinators.

use core::error::Error;

use futures_core::FusedFuture;
use xsync::{AcquireError, Semaphore, TryAcquireError};

use super::common::{panic_message, poll, task::Task};
use super::queued;

#[test]
fn a_refusal_names_both_numbers() {
    let (requested, max) = (1234, 567);
    let refusals: [Box<dyn Error>; 2] = [
        Box::new(AcquireError::ExceedsMax { requested, max }),
        Box::new(TryAcquireError::ExceedsMax { requested, max }),
    ];
    for refusal in refusals {
        let text = refusal.to_string();
        assert!(text.contains("1234") && text.contains("567"), "{text}");
    }
}

#[test]
fn errors_tell_their_reasons_apart() {
    assert!(AcquireError::Closed.to_string().contains("closed"));
    assert_eq!(TryAcquireError::Closed.to_string(), AcquireError::Closed.to_string());
    let none = TryAcquireError::NoPermits.to_string();
    assert!(none.contains("permits") && none != TryAcquireError::Closed.to_string(), "{none}");
}

#[test]
fn an_error_of_a_wait_converts_to_one_of_a_try() {
    assert_eq!(TryAcquireError::from(AcquireError::Closed), TryAcquireError::Closed);
    let (requested, max) = (3, 2);
    let refusal = AcquireError::ExceedsMax { requested, max };
    assert_eq!(TryAcquireError::from(refusal), TryAcquireError::ExceedsMax { requested, max });
}

#[test]
fn debug_output_shows_the_whole_state() {
    let semaphore = Semaphore::with_max(21, 34);
    let text = format!("{semaphore:?}");
    assert!(text.starts_with("Semaphore"), "{text}");
    for part in ["21", "34", "queued: false", "closed: false"] {
        assert!(text.contains(part), "{text} lacks {part}");
    }
    let waiting = queued(&semaphore, 34);
    assert!(format!("{semaphore:?}").contains("queued: true"));
    drop(waiting);
    semaphore.close();
    assert!(format!("{semaphore:?}").contains("closed: true"));
}

#[test]
fn debug_output_shows_debt() {
    let semaphore = Semaphore::new(8);
    let _held = semaphore.try_acquire(8).unwrap();
    semaphore.reduce_permits(5);
    let text = format!("{semaphore:?}");
    assert!(text.contains("-5") && text.contains('3'), "{text}");
}

#[test]
fn debug_output_of_requests_and_permits_names_their_weight() {
    let semaphore = Semaphore::with_max(0, 77);
    let mut request = Task::new(semaphore.acquire(55));
    let fresh = format!("{:?}", request.future());
    request.assert_pending();
    let waiting = format!("{:?}", request.future());
    semaphore.release(66);
    let granted = format!("{:?}", request.future());
    let permit = request.ready().unwrap();
    let done = format!("{:?}", request.future());
    let texts = [fresh, waiting, granted, done];
    for (i, text) in texts.iter().enumerate() {
        assert!(text.starts_with("Acquire") && text.contains("55"), "{text}");
        assert!(!texts[..i].contains(text), "a state that looks like another: {text}");
    }
    let text = format!("{permit:?}");
    assert!(text.starts_with("Permit") && text.contains("55") && text.contains("77"), "{text}");
}

/// With this lock a test can stand where a lock holder stands: inside a critical section, on another thread.
#[cfg(all(feature = "critical-section", not(feature = "std")))]
#[test]
fn debug_output_never_waits_for_the_lock() {
    let semaphore = Semaphore::with_max(1, 2);
    let request = queued(&semaphore, 2);
    let (send, shown) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        critical_section::with(|_| {
            scope.spawn(|| send.send(format!("{semaphore:?} {:?}", request.future())));
            let text = shown.recv_timeout(core::time::Duration::from_secs(60)).expect("waits for the lock");
            assert!(text.contains("queued: true"), "{text}");
        });
    });
}

#[test]
fn a_completed_request_is_terminated_and_no_other_is() {
    let semaphore = Semaphore::with_max(0, 2);
    let mut granted = Box::pin(semaphore.acquire(1));
    assert!(!granted.is_terminated());
    assert!(poll(granted.as_mut()).is_pending());
    assert!(!granted.is_terminated());
    semaphore.release(1);
    assert!(!granted.is_terminated());
    let output = poll(granted.as_mut());
    assert!(granted.is_terminated());
    drop(output);

    let mut refused = Box::pin(semaphore.acquire(3));
    assert!(matches!(poll(refused.as_mut()), core::task::Poll::Ready(Err(AcquireError::ExceedsMax { .. }))));
    assert!(refused.is_terminated());
}

#[test]
fn polling_after_completion_panics_and_takes_nothing() {
    let semaphore = Semaphore::new(2);
    let mut granted = Task::new(semaphore.acquire(1));
    let permit = granted.ready().unwrap();
    assert!(panic_message(|| granted.poll()).contains("polled after it completed"));
    assert_eq!(semaphore.available_permits(), 1);
    drop((granted, permit));
    assert_eq!(semaphore.available_permits(), 2);

    let mut refused = Task::new(semaphore.acquire(3));
    refused.ready().unwrap_err();
    assert!(panic_message(|| refused.poll()).contains("polled after it completed"));
}
