//! Where every choice comes from: ChaCha gives each record of each file its salt, and everything in the
//! record is a function of that salt. So a record can be made again anywhere, which is how duplicates
//! are delivered, and neither threads nor platforms change a byte.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Which sequence of a file's generator a value is taken from.
const RECORD_SALTS: u64 = 0;
const FILE_TRAITS: u64 = 1;

fn generator(seed: u64, file: u64, stream: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&file.to_le_bytes());
    let mut generator = ChaCha8Rng::from_seed(key);
    generator.set_stream(stream);
    generator
}

/// The salts of one file's records, at any place and in any order.
pub struct Salts {
    generator: ChaCha8Rng,
    next: u64,
}

impl Salts {
    pub fn of(seed: u64, file: u64) -> Self {
        Self { generator: generator(seed, file, RECORD_SALTS), next: 0 }
    }

    pub fn at(&mut self, record: u64) -> u64 {
        // Seeking throws away what ChaCha has made ahead, and nearly every call asks for the next one.
        if record != self.next {
            self.generator.set_word_pos(u128::from(record) * 2);
        }
        self.next = record + 1;
        self.generator.next_u64()
    }
}

/// A sequence of choices that starts from one number.
pub struct Dice(u64);

impl Dice {
    pub fn new(salt: u64) -> Self {
        Self(salt)
    }

    /// For what a file is as a whole: its size, its name, how it is written.
    pub fn of_file(seed: u64, file: u64) -> Self {
        Self(generator(seed, file, FILE_TRAITS).next_u64())
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        scramble(self.0)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        below(self.roll(), bound)
    }

    pub fn skewed(&mut self, bound: u64) -> u64 {
        skewed(self.roll(), bound)
    }

    pub fn per_mille(&mut self, share: u64) -> bool {
        self.below(1000) < share
    }
}

/// A number under `bound`, every one as likely.
pub fn below(value: u64, bound: u64) -> u64 {
    ((value >> 32) * bound) >> 32
}

/// A number under `bound`, small ones far likelier: a hundredth of the values get a fifth of the draws.
/// Integers only, so that no platform rounds differently.
pub fn skewed(value: u64, bound: u64) -> u64 {
    let unit = value >> 48;
    let cubed = (((unit * unit) >> 16) * unit) >> 16;
    (cubed * bound) >> 16
}

/// Joins two numbers into one that looks unrelated to either.
pub fn mix(left: u64, right: u64) -> u64 {
    scramble(left ^ right.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29))
}

/// The output step of SplitMix64.
fn scramble(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// FNV-1a, to name a stream of choices after a text.
pub fn named(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
