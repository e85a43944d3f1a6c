//! Counts the bytes of a text: what there is until a model takes its place.

/// Numbers in a vector.
pub const SIZE: usize = 256;

/// The vector of a text, of length 1 unless the text is empty, and how many tokens it has: one a byte.
pub fn embed(text: &str) -> (Vec<f32>, u32) {
    let mut vector = vec![0.0_f32; SIZE];
    for byte in text.bytes() {
        vector[usize::from(byte)] += 1.0;
    }
    let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
    if length > 0.0 {
        for number in &mut vector {
            *number /= length;
        }
    }
    (vector, u32::try_from(text.len()).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f32, b: f32) -> bool {
        (a - b).abs() < 1e-6
    }

    #[test]
    fn bytes_are_counted() {
        let (vector, tokens) = embed("aab");
        assert!(near(vector[usize::from(b'a')], 2.0 * vector[usize::from(b'b')]));
        assert!(vector[usize::from(b'b')] > 0.1);
        assert_eq!((vector.len(), tokens), (SIZE, 3));
    }

    #[test]
    fn length_is_one_if_that_is_possible() {
        let squares = |text| embed(text).0.iter().map(|number| number * number).sum::<f32>();
        assert!(near(squares("some text"), 1.0) && near(squares(""), 0.0));
    }
}
