//! Mistakes in files, as rustc shows them.

/// The text, for a terminal and for anything else.
#[derive(Debug)]
pub struct Shown {
    plain: String,
    colored: String,
}

impl Shown {
    /// What `render` makes without and with colours.
    pub fn new(render: impl Fn(bool) -> String) -> Self {
        Self { plain: render(false), colored: render(true) }
    }

    /// Without colours.
    pub fn plain(&self) -> &str {
        &self.plain
    }

    /// With colours.
    pub fn colored(&self) -> &str {
        &self.colored
    }
}
