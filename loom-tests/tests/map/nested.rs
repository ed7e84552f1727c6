//! Destructors that wait for another thread, which relies on theirs for what it could not do itself.

use std::hash::BuildHasherDefault;
use std::sync::{Arc, Mutex, MutexGuard};

use loom::thread::{JoinHandle, ThreadId, current};
use xsync_loom_tests::{Counter, model, spawn};

use crate::Plain;

/// What the destructors of a model know. Not loom's: it orders nothing that loom could see.
#[derive(Default)]
struct Scene {
    main: Option<ThreadId>,
    other: Option<JoinHandle<()>>,
    /// The other one begins to leave: what it leaves to a collection that goes on already may be behind its destructors.
    begun: bool,
    /// Who dropped the first value.
    dropped_by: Option<ThreadId>,
    waker: Option<Arc<Counter>>,
    map: Option<loom::sync::Arc<Map>>,
}

/// Number 10 says who dropped it; 20 runs the `act` of the model.
struct Actor {
    number: usize,
    scene: Arc<Mutex<Scene>>,
    act: fn(&Mutex<Scene>),
}

type Map = xsync::Map<usize, Actor, BuildHasherDefault<Plain>>;

fn look(scene: &Mutex<Scene>) -> MutexGuard<'_, Scene> {
    scene.lock().expect("nobody panics with it")
}

impl Drop for Actor {
    fn drop(&mut self) {
        match self.number {
            10 => look(&self.scene).dropped_by = Some(current().id()),
            20 => (self.act)(&self.scene),
            _ => {}
        }
    }
}

/// A map of the values 10 and 20, in the read table.
fn begin(act: fn(&Mutex<Scene>)) -> (Arc<Mutex<Scene>>, loom::sync::Arc<Map>, impl Fn(usize) -> Actor) {
    let scene = Arc::new(Mutex::new(Scene { main: Some(current().id()), ..Scene::default() }));
    let actors = Arc::clone(&scene);
    let actor = move |number| Actor { number, scene: Arc::clone(&actors), act };
    let map = loom::sync::Arc::new(Map::default());
    for (key, number) in [(1, 1), (2, 2)] {
        drop(map.insert(key, actor(number)));
    }
    assert_eq!(map.iter().count(), 2);
    for (key, number) in [(1, 10), (2, 20)] {
        drop(map.insert(key, actor(number)));
    }
    (scene, map, actor)
}

fn end(scene: &Mutex<Scene>) {
    let (other, map) = {
        let mut scene = look(scene);
        (scene.other.take(), scene.map.take())
    };
    if let Some(other) = other {
        other.join().unwrap();
    }
    drop(map);
}

/// Property: a thread that drops a value beside another collection leaves the waking of who waits for that to it; it is done
/// before that one's destructors, which may wait for the thread.
/// Fails if: destructors come before what was asked for (`destructors-come-first`).
#[test]
fn a_destructor_waits_for_who_leaves_it_the_rest() {
    fn act(scene: &Mutex<Scene>) {
        let other = {
            let mut scene = look(scene);
            let is_left_here = scene.dropped_by.is_some() && scene.dropped_by != scene.main;
            if scene.main == Some(current().id()) && is_left_here { scene.other.take() } else { None }
        };
        if let Some(other) = other {
            other.join().unwrap();
            assert_eq!(look(scene).waker.as_ref().unwrap().wakes(), 1, "who waits for the value has been woken");
        }
    }
    model(3, || {
        let (scene, map, actor) = begin(act);
        let guard = Map::get_owned(&map, &1).unwrap();
        drop(map.insert(1, actor(11)));
        let waker = Arc::new(Counter::new());
        look(&scene).waker = Some(Arc::clone(&waker));
        let mut flush = Box::pin(map.flush());
        assert!(waker.poll(flush.as_mut()).is_pending());
        look(&scene).other = Some(spawn(move || drop(guard)));
        drop(map.insert(2, actor(21)));
        end(&scene);
        assert!(waker.poll(flush.as_mut()).is_ready());
        drop(flush);
        look(&scene).waker = None;
    });
}

/// Property: what who leaves last could not do, because a destructor was beginning a flush, is done by that one, though
/// it is in the middle of a collection.
/// Fails if: a flush that begins in a destructor does not look after it (`flush-in-a-destructor-does-not-attend`).
#[test]
fn a_flush_begins_in_a_destructor() {
    fn act(scene: &Mutex<Scene>) {
        let (map, other) = {
            let mut scene = look(scene);
            let is_here = scene.main == Some(current().id()) && !scene.begun;
            if is_here { (scene.map.clone(), scene.other.take()) } else { (None, None) }
        };
        if let (Some(map), Some(other)) = (map, other) {
            let flush = map.flush();
            other.join().unwrap();
            assert!(look(scene).dropped_by.is_some(), "who left last has left it to who began a flush");
            drop(flush);
        }
    }
    model(3, || {
        let (scene, map, actor) = begin(act);
        let session = map.session();
        drop(map.insert(2, actor(21)));
        // Moves the gate.
        drop(map.flush());
        let guard = Map::get_owned(&map, &1).unwrap();
        drop(map.insert(1, actor(11)));
        look(&scene).map = Some(map.clone());
        let leaver = Arc::clone(&scene);
        let other = spawn(move || {
            look(&leaver).begun = true;
            drop(guard);
        });
        look(&scene).other = Some(other);
        drop(session);
        end(&scene);
    });
}
