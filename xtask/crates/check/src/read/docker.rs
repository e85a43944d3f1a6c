//! The instructions of a Dockerfile.

use super::spots;
use model::manifest::Spot;

/// One instruction, its continued lines joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// Its keyword in capitals.
    pub keyword: String,
    /// Where the keyword stands.
    pub spot: Spot,
    /// `--name=value` before what it does.
    pub flags: Vec<Flag>,
    /// What it does.
    pub body: String,
    /// Where that begins.
    pub body_spot: Spot,
}

/// An option of an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// As it is written.
    pub text: String,
    /// Where it stands.
    pub spot: Spot,
}

impl Instruction {
    /// Whether another does the same with the same options.
    pub fn is_like(&self, other: &Self) -> bool {
        let texts = |one: &Self| one.flags.iter().map(|flag| flag.text.clone()).collect::<Vec<_>>();
        self.keyword == other.keyword && self.body == other.body && texts(self) == texts(other)
    }
}

/// Remarks by which a file chooses who reads it, and how: `# syntax=` and `# escape=`.
pub fn directives(text: &str) -> Vec<Spot> {
    let is_directive = |line: &str| {
        let name = line.trim_start().strip_prefix('#').and_then(|rest| rest.split_once('='));
        name.is_some_and(|(name, _)| {
            ["syntax", "escape"].contains(&name.trim().to_ascii_lowercase().as_str())
        })
    };
    let remarks = |(_, line): &(usize, &str)| line.trim().is_empty() || line.trim_start().starts_with('#');
    let found = spots::numbered(text).take_while(remarks).filter(|(_, line)| is_directive(line));
    found.map(|(number, line)| spots::whole(number, line)).collect()
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
                    let spot = spots::of(number, line, word);
                    instruction.flags.push(Flag { text: word.to_owned(), spot });
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
    fn directives_stand_before_anything_else() {
        let lines = |text| directives(text).iter().map(|spot| spot.line).collect::<Vec<_>>();
        assert_eq!(lines("#syntax=a/b\n# check=skip=all\n\n#  Escape = `\nFROM a\n# syntax=late\n"), [1, 4]);
    }

    #[test]
    fn flags_bodies_and_places_are_told_apart() {
        let text = "# no\nFROM a AS b\nRUN --mount=type=x \\\n    # between\n    --network=none \\\n    [\"/bin/sh\", \"x\"]\n";
        let found = instructions(text);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].keyword.as_str(), found[0].body.as_str()), ("FROM", "a AS b"));
        let flags: Vec<&str> = found[1].flags.iter().map(|flag| flag.text.as_str()).collect();
        assert_eq!(flags, ["--mount=type=x", "--network=none"]);
        assert_eq!((found[1].flags[1].spot.line, found[1].flags[1].spot.column), (5, 5));
        assert_eq!(found[1].body, "[\"/bin/sh\", \"x\"]");
        assert_eq!((found[1].spot.line, found[1].body_spot.line, found[1].body_spot.column), (3, 6, 5));
    }
}
