//! The instructions of a Dockerfile.

use super::spots;
use plan::manifest::Spot;

/// One instruction, its continued lines joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// Its keyword in capitals.
    pub keyword: String,
    /// Where the keyword stands.
    pub spot: Spot,
    /// `--name=value` before what it does.
    pub flags: Vec<String>,
    /// What it does.
    pub body: String,
    /// Where that begins.
    pub body_spot: Spot,
}

/// The instructions in their order.
pub fn instructions(text: &str) -> Vec<Instruction> {
    let mut found: Vec<Instruction> = Vec::new();
    let mut open = false;
    for (number, line) in spots::numbered(text) {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let (content, goes_on) = match trimmed.strip_suffix('\\') {
            Some(front) => (front.trim_end(), true),
            None => (trimmed, false),
        };
        let mut words = content.split_whitespace();
        if !open {
            let keyword = words.next().unwrap_or_default();
            let spot = spots::of(number, line, keyword);
            let keyword = keyword.to_ascii_uppercase();
            found.push(Instruction {
                keyword,
                spot,
                flags: Vec::new(),
                body: String::new(),
                body_spot: spot,
            });
        }
        if let Some(instruction) = found.last_mut() {
            for word in words {
                if instruction.body.is_empty() && word.starts_with("--") {
                    instruction.flags.push(word.to_owned());
                    continue;
                }
                if instruction.body.is_empty() {
                    instruction.body_spot = spots::of(number, line, word);
                } else {
                    instruction.body.push(' ');
                }
                instruction.body.push_str(word);
            }
        }
        open = goes_on;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_bodies_and_places_are_told_apart() {
        let text = "# no\nFROM a AS b\nRUN --mount=type=x \\\n    # between\n    --network=none \\\n    [\"/bin/sh\", \"x\"]\n";
        let found = instructions(text);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].keyword.as_str(), found[0].body.as_str()), ("FROM", "a AS b"));
        assert_eq!(found[1].flags, ["--mount=type=x", "--network=none"]);
        assert_eq!(found[1].body, "[\"/bin/sh\", \"x\"]");
        assert_eq!((found[1].spot.line, found[1].body_spot.line, found[1].body_spot.column), (3, 6, 5));
    }
}
