// SPDX-License-Identifier: Apache-2.0
//! What tokio on one thread takes for the work of the report: simul-peer core | growth SIZE... | memory | hello | echo PORT
//!
//! Prints lines of a name and a value: nanoseconds an operation, or bytes.

use std::cell::Cell;
use std::future::{pending, Future};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot, Mutex};
use tokio::task::{yield_now, JoinSet, LocalSet};

const N: usize = 100_000;
const ROUNDS: usize = 3;
const PARKED: usize = 200_000;

async fn give_up_turns(count: usize) {
    for _ in 0..count {
        yield_now().await;
    }
}

async fn yield_of_two() {
    let other = tokio::task::spawn_local(give_up_turns(N / 2));
    give_up_turns(N / 2).await;
    other.await.unwrap();
}

async fn create_and_await() {
    for _ in 0..N {
        tokio::task::spawn_local(async { 1 }).await.unwrap();
    }
}

/// Puts the sending end of a new future into the cell, and returns the other end.
fn renew(sender: &Cell<Option<oneshot::Sender<()>>>) -> oneshot::Receiver<()> {
    let (sending, receiving) = oneshot::channel();
    sender.set(Some(sending));
    receiving
}

/// A future for each message, as the others have it.
async fn future_ping_pong() {
    let (ping, mut pinged) = oneshot::channel();
    let (pong, mut ponged) = oneshot::channel();
    let (ping, pong) = (Rc::new(Cell::new(Some(ping))), Rc::new(Cell::new(Some(pong))));
    let (next_ping, answer) = (ping.clone(), pong.clone());
    let other = tokio::task::spawn_local(async move {
        for _ in 0..N / 2 {
            pinged.await.unwrap();
            pinged = renew(&next_ping);
            answer.take().unwrap().send(()).unwrap();
        }
    });
    for _ in 0..N / 2 {
        ping.take().unwrap().send(()).unwrap();
        ponged.await.unwrap();
        ponged = renew(&pong);
    }
    other.await.unwrap();
}

async fn queue_of_one() {
    let (sender, mut receiver) = mpsc::channel(1);
    let producer = tokio::task::spawn_local(async move {
        for number in 0..N {
            sender.send(number).await.unwrap();
        }
    });
    while receiver.recv().await.is_some() {}
    producer.await.unwrap();
}

async fn contended_lock() {
    let lock = Arc::new(Mutex::new(()));
    let mut group = JoinSet::new();
    for _ in 0..4 {
        let lock = lock.clone();
        group.spawn_local(async move {
            for _ in 0..N / 4 {
                let _held = lock.lock().await;
                yield_now().await;
            }
        });
    }
    while group.join_next().await.is_some() {}
}

async fn group_of_ten() {
    for _ in 0..N / 10 {
        let mut group = JoinSet::new();
        for _ in 0..10 {
            group.spawn_local(yield_now());
        }
        while group.join_next().await.is_some() {}
    }
}

async fn timeout_around_yield() {
    for _ in 0..N {
        tokio::time::timeout(Duration::from_secs(10), yield_now()).await.unwrap();
    }
}

async fn cancel_sleeping() {
    let tasks: Vec<_> = (0..N).map(|_| tokio::task::spawn_local(tokio::time::sleep(Duration::from_secs(1000)))).collect();
    yield_now().await;
    for task in &tasks {
        task.abort();
    }
    for task in tasks {
        assert!(task.await.unwrap_err().is_cancelled());
    }
}

async fn many_alive(count: usize) {
    let tasks: Vec<_> = (0..count).map(|_| tokio::task::spawn_local(yield_now())).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// With making and dropping the runtime, as the others make and close their loops.
fn nanoseconds<F: Future>(work: impl FnOnce() -> F) -> f64 {
    let began = Instant::now();
    {
        let runtime = runtime();
        LocalSet::new().block_on(&runtime, work());
    }
    began.elapsed().as_nanos() as f64
}

fn row<F: Future>(name: &str, operations: usize, work: impl Fn() -> F) {
    let best = (0..ROUNDS).map(|_| nanoseconds(&work)).fold(f64::INFINITY, f64::min);
    println!("{name} {}", best / operations as f64);
}

fn core() {
    row("yieldAlone", N, || give_up_turns(N));
    row("yieldOfTwo", N, yield_of_two);
    row("createAndAwait", N, create_and_await);
    row("futurePingPong", N, future_ping_pong);
    row("queueOfOne", N, queue_of_one);
    row("contendedLock", N, contended_lock);
    row("groupOfTen", N / 10, group_of_ten);
    row("timeoutAroundYield", N, timeout_around_yield);
    row("cancelSleeping", N, cancel_sleeping);
    row("manyAlive", N, || many_alive(N));
}

fn growth(sizes: &[String]) {
    for argument in sizes {
        let size: usize = argument.parse().unwrap();
        let until = Instant::now() + Duration::from_secs(1);
        let mut best = nanoseconds(|| many_alive(size));
        while Instant::now() < until {
            best = best.min(nanoseconds(|| many_alive(size)));
        }
        println!("{size} {}", best / size as f64);
    }
}

extern "C" {
    fn sysconf(name: i32) -> std::os::raw::c_long;
}

/// `_SC_PAGESIZE` on Linux.
const PAGE_SIZE: i32 = 30;

fn resident() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * unsafe { sysconf(PAGE_SIZE) } as f64
}

async fn memory() {
    let before = resident();
    let parked: Vec<_> = (0..PARKED).map(|_| tokio::spawn(pending::<()>())).collect();
    yield_now().await;
    println!("parkedTask {}", (resident() - before) / PARKED as f64);
    let before = resident();
    let hour = Duration::from_secs(3600);
    let sleeping: Vec<_> = (0..PARKED).map(|_| tokio::spawn(tokio::time::sleep(hour))).collect();
    yield_now().await;
    println!("sleepingTask {}", (resident() - before) / PARKED as f64);
    std::process::exit(if parked.len() == sleeping.len() { 0 } else { 1 });
}

async fn echo(mut connection: TcpStream) {
    connection.set_nodelay(true).unwrap();
    let mut buffer = vec![0; 1 << 17];
    while let Ok(count) = connection.read(&mut buffer).await {
        if count == 0 || connection.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}

async fn serve(port: u16) {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    while let Ok((connection, _)) = listener.accept().await {
        tokio::spawn(echo(connection));
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments[1].as_str() {
        "core" => core(),
        "growth" => growth(&arguments[2..]),
        "memory" => runtime().block_on(memory()),
        "echo" => runtime().block_on(serve(arguments[2].parse().unwrap())),
        _ => runtime().block_on(async { println!("hello") }),
    }
}
