//! Enums of fixed names, where the text in manifests, options and tags stands beside each variant, once; and texts that
//! were checked once.

/// An enum whose variants are these texts, in serde, in schemas and for people, with a list of all of them.
macro_rules! named_enum {
    (
        $(#[$doc:meta])*
        $type:ident { $($(#[$about:meta])* $variant:ident = $text:literal),* $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
            schemars::JsonSchema,
        )]
        pub enum $type {
            $($(#[$about])* #[serde(rename = $text)] $variant,)*
        }

        impl $type {
            /// Every one of them.
            pub const ALL: [Self; [$($text),*].len()] = [$(Self::$variant),*];

            /// The name in manifests, options and tags.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

/// A text that is what it says: `$check` takes it, or tells what is wrong with it.
macro_rules! checked_text {
    ($(#[$doc:meta])* $type:ident, $error:ty, $check:expr) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
            schemars::JsonSchema,
        )]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String")]
        pub struct $type(std::borrow::Cow<'static, str>);

        impl $type {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $type {
            type Error = $error;
            fn try_from(text: String) -> Result<Self, $error> {
                let check: fn(String) -> Result<String, $error> = $check;
                check(text).map(|text| Self(text.into()))
            }
        }
        impl std::str::FromStr for $type {
            type Err = $error;
            fn from_str(text: &str) -> Result<Self, $error> {
                Self::try_from(text.to_owned())
            }
        }
        impl From<$type> for String {
            fn from(text: $type) -> String {
                text.0.into_owned()
            }
        }
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }
        impl std::borrow::Borrow<str> for $type {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}
