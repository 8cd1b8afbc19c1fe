//! Random numbers that are the same in every run.

/// Marsaglia's xorshift: enough to choose moments.
pub struct Chance(u64);

impl Chance {
    /// Of the seed in the environment, or of one of our own.
    pub fn new() -> Self {
        let seed = std::env::var("FREEHOLD_RACE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_101);
        Self(std::cmp::max(seed, 1))
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end.max(1)
    }
}
