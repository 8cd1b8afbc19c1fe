//! Waiting between tries.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

/// Waits before another try: longer with each, up to two seconds, and each time a random part of that, so that writers
/// that met once don't meet again.
pub fn wait_with_jitter(tries: u32) {
    const FIRST: u64 = 30;
    const LONGEST: u64 = 2_000;
    let most = FIRST.saturating_mul(1 << tries.min(10)).min(LONGEST);
    // Each `RandomState` has fresh random keys.
    let random = RandomState::new().hash_one(tries);
    std::thread::sleep(Duration::from_millis(random % most + 1));
}
