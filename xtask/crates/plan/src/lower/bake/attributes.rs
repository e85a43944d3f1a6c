//! The `key=value,key=value` lists of buildx: one record of CSV.

/// A list of attributes that is being written.
#[derive(Debug, Default)]
pub(super) struct Attributes(String);

impl Attributes {
    /// A list that begins with its type.
    pub(super) fn of(kind: &str) -> Self {
        Self::default().with("type", kind)
    }

    /// With one more attribute. A value with a comma or a quote is quoted, its key inside the quotes.
    pub(super) fn with(mut self, key: &str, value: &str) -> Self {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        let field = format!("{key}={value}");
        if field.contains([',', '"', '\n', '\r']) {
            self.0.push('"');
            self.0.push_str(&field.replace('"', "\"\""));
            self.0.push('"');
        } else {
            self.0.push_str(&field);
        }
        self
    }

    /// With a switch that is on.
    pub(super) fn on(self, key: &str) -> Self {
        self.with(key, "true")
    }

    /// With a switch, if it is on.
    pub(super) fn on_if(self, key: &str, on: bool) -> Self {
        if on { self.on(key) } else { self }
    }

    /// The text.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_the_whole_field() {
        let text = Attributes::of("image").with("name", "a,b").on("push").with("x", "say \"no\"").finish();
        assert_eq!(text, "type=image,\"name=a,b\",push=true,\"x=say \"\"no\"\"\"");
    }
}
