//! A small generator of numbers: `SplitMix64`, whose output is the same everywhere.

/// The generator's state.
pub(super) struct Rng(u64);

impl Rng {
    /// A generator for `seed`.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in `-1.0..1.0`, evenly spread. No transcendental function takes part, so no libm can change a bit.
    pub(super) fn symmetric(&mut self) -> f32 {
        let [_, _, _, _, a, b, c, d] = self.next().to_le_bytes();
        let wide = i32::from_le_bytes([a, b, c, d]) >> 8;
        #[expect(clippy::cast_precision_loss, reason = "24 bits fit an f32 exactly")]
        let exact = wide as f32;
        exact / 8_388_608.0
    }
}

#[cfg(test)]
mod tests {
    use super::Rng;

    #[test]
    fn the_sequence_is_the_published_one() {
        let mut rng = Rng::new(1_234_567);
        assert_eq!([rng.next(), rng.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn numbers_stay_in_range_and_fill_it() {
        let mut rng = Rng::new(7);
        let numbers: Vec<f32> = (0..10_000).map(|_| rng.symmetric()).collect();
        assert!(numbers.iter().all(|n| (-1.0..1.0).contains(n)));
        let mean = numbers.iter().sum::<f32>() / 10_000.0;
        assert!(mean.abs() < 0.03, "mean {mean}");
        assert!(numbers.iter().any(|n| *n > 0.99) && numbers.iter().any(|n| *n < -0.99));
    }
}
