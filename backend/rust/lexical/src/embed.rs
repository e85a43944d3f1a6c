//! Feature hashing: a text's words and groups of three letters, each hashed to a place and a sign.

use std::collections::BTreeMap;

/// Numbers in a vector.
pub const SIZE: usize = 512;
/// A part of a word says less than the word.
const PART_WEIGHT: f32 = 0.5;

/// The vector of a text, of length 1 unless there is no word in it, and how many words it has.
pub fn embed(text: &str) -> (Vec<f32>, u32) {
    let (mut vector, words) = count(text);
    let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
    if length > 0.0 {
        for number in &mut vector {
            *number /= length;
        }
    }
    (vector, words)
}

fn count(text: &str) -> (Vec<f32>, u32) {
    let mut counts: BTreeMap<Feature, u32> = BTreeMap::new();
    let mut words = 0;
    for word in self::words(text) {
        words += 1;
        *counts.entry(Feature::Word(word.clone())).or_default() += 1;
        // The ends of a word are part of its shape.
        let letters: Vec<char> = std::iter::once(' ').chain(word.chars()).chain([' ']).collect();
        for part in letters.windows(3) {
            *counts.entry(Feature::Part([part[0], part[1], part[2]])).or_default() += 1;
        }
    }
    let mut vector = vec![0.0; SIZE];
    // In the order of the features, so that rounding is the same every time.
    for (feature, count) in counts {
        let (place, sign) = feature.place();
        // A hundred times the same word is not a hundred times as much.
        vector[place] +=
            sign * feature.weight() * (1.0 + f32::from(u16::try_from(count).unwrap_or(u16::MAX)).ln());
    }
    (vector, words)
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Feature {
    Word(String),
    Part([char; 3]),
}

impl Feature {
    fn weight(&self) -> f32 {
        match self {
            Self::Word(_) => 1.0,
            Self::Part(_) => PART_WEIGHT,
        }
    }

    /// Which number it is added to, and whether it is added or taken away: what collides cancels out on average.
    fn place(&self) -> (usize, f32) {
        let hash = match self {
            Self::Word(word) => fnv(b'w', word.bytes()),
            Self::Part(part) => fnv(b'p', part.iter().collect::<String>().bytes()),
        };
        let place = usize::try_from(hash % SIZE as u64).unwrap_or(0);
        (place, if hash >> 63 == 0 { 1.0 } else { -1.0 })
    }
}

/// FNV-1a with a last round that spreads its upper bits: the same on every machine and in every release.
fn fnv(kind: u8, bytes: impl Iterator<Item = u8>) -> u64 {
    let hash = std::iter::once(kind).chain(bytes).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}

/// Runs of letters and digits in lower case; each character of scripts that put no spaces between words is one.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for symbol in text.chars().flat_map(char::to_lowercase) {
        if ('\u{3040}'..='\u{9fff}').contains(&symbol) {
            words.extend([symbol.to_string(), String::new()]);
        } else if symbol.is_alphanumeric() {
            if let Some(word) = words.last_mut() {
                word.push(symbol);
            }
        } else {
            words.push(String::new());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn similarity(a: &str, b: &str) -> f32 {
        embed(a).0.iter().zip(embed(b).0).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn words_are_runs_of_letters_in_lower_case() {
        assert_eq!(words("Größe, naïve-Café 3x! 東京"), ["größe", "naïve", "café", "3x", "東", "京"]);
        assert_eq!(words(" ... "), [""; 0]);
    }

    #[test]
    fn what_shares_words_or_parts_of_them_is_near() {
        let text = "The gardener waters the tomatoes";
        assert!((similarity(text, "the GARDENER, waters: tomatoes the") - 1.0).abs() < 1e-5);
        let near = similarity(text, "Gardeners watering a tomato");
        let far = similarity(text, "Quarterly revenue exceeded forecasts");
        assert!(near > far + 0.2, "{near} {far}");
    }

    #[test]
    fn length_is_one_if_that_is_possible() {
        let length = |text| embed(text).0.iter().map(|number| number * number).sum::<f32>();
        assert!((length("a b c") - 1.0).abs() < 1e-5);
        assert!(length("...") < 1e-9);
    }

    #[test]
    fn a_vector_is_pinned() {
        // Vectors are stored: if this changes, whoever has stored some must embed everything anew.
        let (vector, words) = count("hello world");
        let set: Vec<(usize, f32)> =
            vector.into_iter().enumerate().filter(|(_, number)| *number != 0.0).collect();
        assert_eq!(words, 2);
        let words = [(184, 1.0), (471, 1.0)];
        let parts = [15, -54, -76, 90, -191, 283, -323, 394, 465, -492];
        let mut expected: Vec<(usize, f32)> = parts
            .into_iter()
            .map(|part: i32| (part.unsigned_abs() as usize, if part < 0 { -0.5 } else { 0.5 }))
            .chain(words)
            .collect();
        expected.sort_by_key(|(place, _)| *place);
        assert_eq!(set, expected);
    }
}
