//! Waiting between tries.

use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, Instant};

/// Waits before another look: longer with each, up to two seconds, and each time a random part of that, so that those who
/// met once don't meet again.
pub fn wait_with_jitter(looks: u32) {
    const FIRST: u64 = 30;
    const LONGEST: u64 = 2_000;
    sleep_at_most(Duration::from_millis(FIRST.saturating_mul(1 << looks.min(10)).min(LONGEST)));
}

/// The tries of one writer among many that want to be next.
///
/// How long to wait is measured in tries: while one is made, another writer's may land, so what helps is that fewer are made
/// at once. A fixed time would be too short for many writers, or too long for a fast machine.
#[derive(Debug)]
pub struct Tries {
    began: Instant,
    lost: u32,
}

impl Tries {
    /// The first try begins.
    #[must_use]
    pub fn begin() -> Self {
        Self { began: Instant::now(), lost: 0 }
    }

    /// This try was lost to another writer: waits a random part of half as long as it took, twice that after the next one, and so
    /// on up to half a minute. Then another one begins.
    pub fn wait_after_loss(&mut self) {
        const LONGEST: Duration = Duration::from_secs(30);
        let most = (self.began.elapsed() / 2).saturating_mul(1 << self.lost.min(10));
        self.lost += 1;
        sleep_at_most(most.min(LONGEST));
        self.began = Instant::now();
    }
}

fn sleep_at_most(most: Duration) {
    // Each `RandomState` has fresh random keys.
    let random = RandomState::new().hash_one(0);
    let most = u64::try_from(most.as_micros()).unwrap_or(u64::MAX);
    std::thread::sleep(Duration::from_micros(random % most.saturating_add(1)));
}
